"""Words that say the opposite of one another, English and Swedish.

Each pair of lists is an axis; a word may stand on several ("declined": sank, and refused). Regular
forms that share a stem are listed once.
"""

from functools import lru_cache

from index.lexical import stems

_AXES = {
    "en": (
        (
            """rise rises rose risen rising raise raised increase increased grow grew grown growth
            climb climbed gain gained soar soared jump jumped surge surged higher hike hiked upturn
            expand expanded improve improved""",
            """fall falls fell fallen falling drop dropped decline declined decrease decreased
            shrink shrank shrunk slip slipped tumble plunge plunged sink sank sunk lower lowered cut
            cuts cutting reduce reduced slash slashed halve halved downturn worsen worsened""",
        ),
        ("more most greater above", "fewer fewest less least below"),
        ("before prior until", "after following"),
        (
            """agree agreed accept accepted approve approved backed backing support supported favour
            favoured favor allow allowed permit permitted welcome welcomed endorse adopt adopted
            praise praised""",
            """refuse refused reject rejected oppose opposed deny denied decline declined against
            ban banned forbid forbidden forbade block blocked condemn condemned veto disagree
            criticise criticised criticize criticized""",
        ),
        (
            "win wins won winning winner victory beat beats beaten",
            "lose loses lost losing loser defeat",
        ),
        ("open opened reopen reopened", "close closed shut closure"),
        (
            "start started begin began begun launch launched resume resumed continue continued",
            "end ended stop stopped halt halted cancel cancelled abandon abandoned finish finished",
        ),
        ("arrive arrived enter entered join joined", "leave leaves left depart departed quit"),
        ("buy buys bought purchase purchased", "sell sells sold sale"),
        (
            "hire hired appoint appointed elected",
            "fire fired sacked dismiss dismissed resign ousted",
        ),
        ("guilty convicted conviction", "innocent acquitted acquittal cleared"),
        ("survive survived alive living", "die dies died dead killed death"),
        ("profit surplus", "loss deficit"),
        ("succeed succeeded success successful", "fail failed failure unsuccessful"),
        ("north northern", "south southern"),
        ("east eastern", "west western"),
        ("man men boy male", "woman women girl female"),
        ("son brother", "daughter sister"),
        (
            "oldest older largest larger biggest bigger longest longer best better faster",
            "youngest younger smallest smaller shortest shorter worst worse slower",
        ),
        ("import imported", "export exported"),
        ("legal lawful", "illegal unlawful"),
        ("possible likely", "impossible unlikely"),
        ("public", "private"),
        ("expensive dear", "cheap cheaper"),
        ("build built", "demolish demolished destroyed tear torn"),
        ("lend lent", "borrow borrowed"),
        ("hot hotter warm warmer", "cold colder cool cooler"),
        ("early", "late"),
        ("high highest taller tallest", "low lowest"),
        ("strong stronger", "weak weaker"),
        ("rich richer", "poor poorer"),
        ("uphold upheld confirm confirmed", "overturn overturned quash quashed"),
        ("safe", "unsafe dangerous"),
        ("majority", "minority"),
        ("morning", "evening"),
    ),
    "sv": (
        (
            """öka ökar ökade ökat ökas ökning höja höjer höjde höjt höjs höjdes höjning höjas stiga
            stiger steg stigit uppgång växa växer växte vuxit tillväxt högre förbättrades""",
            """minska minskar minskade minskat minskas minskning sänka sänker sänkte sänkt sänks
            sänktes sänkning sänkas sjunka sjunker sjönk sjunkit falla faller föll fallit nedgång
            lägre skära krympa krympte halverades försämrades""",
        ),
        ("fler flest mer mest större", "färre mindre minst"),
        ("före innan", "efter"),
        (
            """godkänna godkänner godkände godkänt godkändes accepterade accepterar stödja stöder
            stödde stött tillåta tillåter tillät tillåtit tillåts antog antas bifall bifölls
            välkomnar välkomnade enades""",
            """avslå avslår avslog avslagit avslogs avvisa avvisar avvisade avvisat vägra vägrar
            vägrade vägrat motsätter motsatte förbjuda förbjuder förbjöd förbjudit förbjuds emot
            nekade nekar stoppade kritiserar kritiserade förkasta förkastade""",
        ),
        (
            "vinna vinner vann vunnit vinst seger segrade",
            "förlora förlorar förlorade förlorat förlust",
        ),
        (
            "öppna öppnar öppnade öppnat öppnas öppnades",
            "stänga stänger stängde stängt stängs stängdes",
        ),
        (
            "börja börjar började börjat starta startar startade inleda inleder inledde fortsätter",
            "sluta slutar slutade slutat avsluta avslutade upphör upphörde avbröt avbryts ställdes",
        ),
        ("köpa köper köpte köpt köp", "sälja säljer sålde sålt såldes försäljning"),
        (
            "anlände anställa anställde anställer utsågs",
            "lämnade lämnar avgick avgår sparkades",
        ),
        ("dömdes dömd fälldes skyldig", "frikändes frias friades oskyldig"),
        ("överlevde överlever levande", "dog dör döda död omkom avled dödades"),
        ("överskott", "underskott"),
        ("lyckas lyckades lyckats", "misslyckas misslyckades misslyckats"),
        ("norr norra", "söder södra"),
        ("öster östra", "väster västra"),
        ("män mannen pojke", "kvinna kvinnor kvinnan flicka"),
        ("son bror", "dotter syster"),
        (
            "äldst äldsta äldre längst längre bäst bättre",
            "yngst yngsta yngre kortast kortare sämst sämre",
        ),
        ("största", "minsta"),
        ("laglig", "olaglig"),
        ("möjlig möjligt", "omöjlig omöjligt"),
        ("dyr dyrare dyrt", "billig billigare billigt"),
        ("bygga byggde byggs byggdes", "riva rev rivs revs"),
        ("morgon morgonen", "kväll kvällen"),
        ("varm varmare", "kall kallare"),
        ("tidigt", "sent"),
        ("hög högt höga högst", "låg lågt låga lägst"),
        ("stark starkare", "svag svagare"),
        ("lång längre", "kort kortare"),
        ("fastställde fastställer", "upphävde upphäver"),
    ),
}
NEGATIONS = frozenset(
    """not no never none nor neither without cannot nobody nothing hardly
    inte ej aldrig ingen inga inget utan varken knappt icke""".split()
)


@lru_cache(maxsize=8)
def axes(language: str | None) -> dict[str, tuple[tuple[int, int], ...]]:
    """Stem -> the axes it stands on, each with its side: 1 or -1."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for axis, sides in enumerate(_AXES["sv" if language == "sv" else "en"]):
        for side, words in zip((1, -1), sides, strict=True):
            for stem in dict.fromkeys(stems(words, language)):
                found[stem] = (*found.get(stem, ()), (axis, side))
    return found
