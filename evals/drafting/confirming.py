"""Questions turned by rule from sentences of English, and a reader that must find their answers.

Rules alone ask much that the sentence does not answer; what the reader, given the whole article,
answers with the same words survives (round-trip consistency, Alberti et al. 2019).
"""

import re
from collections.abc import Iterator

from evals.drafting.asking import DIGITS, MANY, VERBISH, VERBS
from evals.drafting.proposal import NAME, Proposal, lower_first, stands_alone
from index.schema import Article
from index.sentences import sentence_spans
from service.bare import SURE
from service.close_reading import Reads

WHO, HOW_MUCH = "who", "how-much"
KINDS = (WHO, HOW_MUCH)
AUXILIARY = r"will|would|has|have|had|can|could|must|is|are|was|were"
SUBJECT = re.compile(
    rf"^(?P<who>(?:The )?{NAME}) "
    rf"(?P<did>(?:{AUXILIARY}|{'|'.join(VERBS)}) (?:\S+ ){{2,14}}?\S+?)(?:, .*)?\.$"
)
UNIT = r"(?:people|[a-z]+s|euro|kroner|kronor|krona|yen|yuan|percent)"
AMOUNT = re.compile(
    rf"^(?P<what>(?:The|An?) [^,;:]{{3,60}}?) (?P<be>{AUXILIARY}) "
    r"(?P<done>[a-z]+(?: [a-z]+){0,2}?) (?:about |nearly |almost |more than |at least )?"
    rf"(?P<much>[$€£]{DIGITS}(?: {MANY})?|{DIGITS}(?: {MANY})? {UNIT})(?=[ ,.])"
)
CLAUSE = re.compile(r"(?:While|When|As|If|After|Before|Since|Because|Although|Though)\b")
SAID = re.compile(r"\b(?:said|says|told|but)\b")
PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|we|us|our)\b", re.I
)


def propose(sentence: str, article: Article) -> Iterator[Proposal]:
    """At most one question of each kind, none of them sure yet."""
    if article.language not in ("en", None) or not stands_alone(sentence):
        return
    match = None if CLAUSE.match(sentence) else SUBJECT.match(sentence)
    if match and _plain(match["did"]) and _name(match["who"], article):
        yield Proposal(WHO, f"Who {match['did']}?", (match["who"],), sentence, article)
    match = AMOUNT.match(sentence)
    if match and _plain(match["what"]) and not VERBISH.search(match["what"]):
        asks = f"How much {match['be']} {lower_first(match['what'])} {match['done']}?"
        yield Proposal(HOW_MUCH, asks, (match["much"],), sentence, article)


def _plain(words: str) -> bool:
    return not PRONOUN.search(words) and not SAID.search(words)


def _name(phrase: str, article: Article) -> bool:
    """Whether it has its capital within a sentence too: "Sales" at the start of one is none."""
    last = re.escape(phrase.split()[-1])
    return re.search(rf"[a-z,] (?:[A-Z]\w+ )*{last}\b", article.text) is not None


def confirmed(proposal: Proposal, reader: Reads) -> bool:
    """Whether the reader, given the whole article, finds this answer; or none, where none is."""
    text, language = proposal.article.text, proposal.article.language
    told = [text[start:end] for start, end in sentence_spans(text, language)]
    windows = [" ".join(told[max(0, n - 1) : n + 2]) for n in range(len(told))]
    readings = reader.read(proposal.question, windows)
    best = max(range(len(readings)), key=lambda n: readings[n].answerable)
    found = readings[best]
    if not proposal.answer:
        return found.answerable < 0.5
    said = windows[best][found.start : found.end].casefold()
    right = any(form.casefold() in said or said in form.casefold() for form in proposal.answer)
    return found.span >= SURE and bool(said) and right and proposal.sentence in windows[best]
