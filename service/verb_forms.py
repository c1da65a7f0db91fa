"""Forms of strong verbs that no stemmer brings together: "lent" is "lend", "fick" is "få".

English and Swedish, a verb and its forms between commas, the first standing for all of them.
"""

from functools import lru_cache

from index.lexical import stems

_FORMS = {
    "en": """arise arose arisen, beat beats beaten, become became, begin began begun, bend bent,
        bind bound, bite bit bitten, bleed bled, blow blew blown, break broke broken, bring brought,
        build built, burn burnt, buy bought, catch caught, choose chose chosen, cling clung, come
        came, creep crept, deal dealt, dig dug, draw drew drawn, dream dreamt, drink drank drunk,
        drive drove driven, eat ate eaten, fall fell fallen, feed fed, feel felt, fight fought, find
        found, flee fled, fly flew flown, forbid forbade forbidden, forget forgot forgotten, freeze
        froze frozen, grow grew grown, hang hung, hear heard, hide hid hidden, hold held, keep kept,
        know knew known, lay laid, lead led, learn learnt, leave left, lend lent, light lit, lose
        lost, mean meant, meet met, mistake mistook, overcome overcame, overtake overtook overtaken,
        pay paid, prove proven, ride rode ridden, ring rang rung, rise rose risen, run ran, see saw
        seen, seek sought, sell sold, send sent, shake shook shaken, shoot shot, shrink shrank
        shrunk, sing sang sung, sink sank sunk, sit sat, sleep slept, slide slid, speak spoke
        spoken, spend spent, stand stood, steal stole stolen, stick stuck, strike struck, swear
        swore sworn, sweep swept, swim swam swum, take took taken, teach taught, tear tore torn,
        think thought, throw threw thrown, understand understood, undertake undertook undertaken,
        wake woke woken, wear wore worn, win won, withdraw withdrew withdrawn, write wrote written,
        die died dead""",
    "sv": """binda binder band bundit, bita biter bet bitit, bjuda bjuder bjöd bjudit, brinna
        brinner brann brunnit, bryta bryter bröt brutit, bära bär bar burit, dra drar drog dragit,
        dricka dricker drack druckit, dö dör dog dött, driva driver drev drivit, falla faller föll
        fallit, finna finner fann funnit, flyga flyger flög flugit, försvinna försvinner försvann
        försvunnit, förstå förstår förstod, gripa griper grep gripit greps gripits, gå går gick
        gått, hinna hinner hann hunnit, hålla håller höll hållit hölls, lägga lägger lade lagt, låta
        låter lät låtit, leva lever levde levt, ligga ligger låg legat, ljuga ljuger ljög ljugit,
        rida rider red ridit, riva river rev rivit revs rivits, se ser såg sett, sitta sitter satt
        suttit, sjunga sjunger sjöng sjungit, sjunka sjunker sjönk sjunkit, skjuta skjuter sköt
        skjutit sköts, skriva skriver skrev skrivit, skära skär skar skurit, slå slår slog slagit,
        sova sover sov sovit, springa springer sprang sprungit, sprida sprider spred spridit, stiga
        stiger steg stigit, stjäla stjäl stal stulits stals, stryka stryker strök strukit, stå står
        stod stått, sälja säljer sålde sålt såldes sålts, sätta sätter satte satt, ta tar tog tagit
        togs tagits, välja väljer valde valt valdes, vinna vinner vann vunnit, växa växer växte
        vuxit, äta äter åt ätit""",
}


@lru_cache(maxsize=8)
def bases(language: str | None) -> dict[str, str]:
    """The stem of each form -> that of the verb."""
    found: dict[str, str] = {}
    for verb in _FORMS["sv" if language == "sv" else "en"].split(","):
        forms = [(stems(form, language) or [form])[0] for form in verb.split()]
        found |= {form: forms[0] for form in forms}
    return found
