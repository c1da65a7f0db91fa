"""What is said, and yet not said to be so: plans, fears, demands, exceptions. English, Swedish."""

import re

_HEDGES = frozenset(
    """would could may might should must if unless whether plan plans planned planning propose
    proposes proposed proposal proposals want wants wanted hope hopes hoped expect expects expected
    threaten threatens threatened threat ask asks asked offer offers offered consider considers
    considered considering demand demands demanded seek seeks sought urge urged promise promises
    promised intend intends intended aim aims aimed goal likely possible possibly perhaps alleged
    allegedly accused accuses suspected believed rumoured reportedly apparently almost nearly
    hardly vow vowed pledge pledged try tries tried attempt attempted fear fears feared request
    requested due scheduled set bid applied applies candidate cannot longlist shortlist nominated
    resisted except exception exceptions non otherwise unlike rather instead process agenda
    development will shall going upcoming
    skulle kan kunde bör borde kanske om ifall huruvida planerar planerade planer föreslår föreslog
    föreslagit förslag vill ville hoppas hoppades väntas väntades förväntas hotar hotade begär
    begärde begära överväger övervägde kräver krävde krävt lovar lovade avser troligen möjligen
    möjligt misstänks misstänkt misstänkta anklagas påstås påstår påstod ansökte ansökan yrkat yrkar
    försöker försökte nästan befarar befarade uppmanar vädjar ska skall kommer utom förutom annars
    snarare nominerad""".split()
)
_IS_TO = re.compile(r"\b(?:is|are|was|were)(?: due| set)? to\b(?=\s+\w)", re.I)
_MAY = re.compile(r"\bMay\b")
_COMING = frozenset("will shall ska skall kommer väntas going due set upcoming".split())
# Of how many, of which in a row, before what: these have to agree word for word.
_EXACT = frozenset(
    """only all every none first second third fourth fifth last alone each entire whole most never
    always any same such still anymore yet over least under nearly before after until since already
    again both bara enda alla varje första andra tredje sista hela flest alltid samma sådan
    fortfarande längre ännu alltjämt minst högst före innan efter sedan tills redan både""".split()
)
# Verbs too common to be looked for, but which may be all that is asked: "Does it have a crew?"
_VERBS = [
    frozenset(words.split())
    for words in (
        "have has had having",
        "make makes made making",
        "get gets got gotten getting",
        "give gives gave given giving",
        "go goes went gone going",
        "do does did done doing",
        "there finns fanns funnits",
        "own owns owned owning",
        "har hade haft",
        "få får fick fått",
        "ge ger gav gett givit",
        "göra gör gjorde gjort",
        "komma kommer kom kommit",
        "bli blir blev blivit",
    )
]


def hedged(claim: str, quote: str) -> bool:
    """Whether the quote says as wished, feared or planned what the claim says as a fact."""
    ours, theirs = _lower(claim), _lower(quote)
    planned = {"will"} if _IS_TO.search(quote) else set()
    allowed = ours | (_COMING if ours & _COMING else set())
    return bool((theirs | planned) & _HEDGES - allowed)


def otherwise_exact(claim: str, quote: str) -> bool:
    """Whether the claim has a word that sets an exact measure and the quote does not."""
    return bool(_EXACT & _lower(claim) - _lower(quote))


def without_verb(claim: str, quote: str) -> bool:
    """Whether a common verb of the claim is in the quote in no form."""
    ours, theirs = _lower(claim), _lower(quote)
    return any(verb & ours and not verb & theirs for verb in _VERBS)


def _lower(text: str) -> frozenset[str]:
    """Its words in lower case, without the month of May."""
    return frozenset(re.findall(r"\w+", _MAY.sub(" ", text).casefold()))
