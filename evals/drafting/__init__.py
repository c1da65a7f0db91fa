"""Draft cases from articles, without a language model: few, from sentences with a clear pattern.

Some patterns are loose; what they ask is kept only if the reader finds the answer.

Every draft is for a person to accept: a template knows nothing of sense.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

from evals.case import Case, Evidence
from evals.drafting import asking, confirming, said
from evals.drafting.proposal import Proposal, sentences
from evals.drafting.twins import Swaps
from evals.likeness import alike
from evals.lint import TWIN
from index.schema import Article
from service.close_reading import Reads

SPARE = 3  # times as many are looked at as are wanted: some ask the same
RARE = ("when", "how-many", *confirming.KINDS)


def draft(
    articles: Sequence[Article], count: int, seed: int, reader: Reads | None = None
) -> list[Case]:
    """At most `count` drafts, unanswerable twins included, spread over the articles.

    The same articles, count and seed give the same drafts. Without a reader there are none of those
    that it has to confirm.
    """
    random = Random(seed)
    proposals = _distinct(list(islice(_in_turn(articles, random), SPARE * count)))
    swaps = Swaps(articles)
    cases: list[Case] = []
    for number, proposal in enumerate(proposals, 1):
        if not _holds(proposal, reader):
            continue
        id = f"draft-{seed}-{number:04}"
        cases.append(_case(id, proposal))
        twin = swaps.twin(proposal, random)
        if twin and _holds(twin, reader):
            cases.append(_case(id + TWIN, twin))
        if len(cases) >= count:
            break
    return cases[:count]


def _holds(proposal: Proposal, reader: Reads | None) -> bool:
    if proposal.kind not in confirming.KINDS:
        return True
    return reader is not None and confirming.confirmed(proposal, reader)


def propose(article: Article) -> list[Proposal]:
    """All questions that the article's sentences give."""
    found: list[Proposal] = []
    for sentence in sentences(article):
        sure = [*said.propose(sentence, article), *asking.propose(sentence, article)]
        found += sure
        if all(proposal.kind == "figure" for proposal in sure):  # which nobody would ask
            found += confirming.propose(sentence, article)
    return found


def _in_turn(articles: Sequence[Article], random: Random) -> Iterator[Proposal]:
    """One of each article, then a second of each that has one, and so on."""
    order = list(articles)
    random.shuffle(order)
    heaps = [propose(article) for article in order]
    for heap in heaps:
        random.shuffle(heap)
        heap.sort(key=lambda proposal: proposal.kind in RARE)  # taken from the end
    while any(heaps):
        yield from (heap.pop() for heap in heaps if heap)


def _distinct(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Without those that ask what an earlier one asks."""
    again = {b for _, b in alike([proposal.question for proposal in proposals])}
    return [proposal for at, proposal in enumerate(proposals) if at not in again]


def _case(id: str, proposal: Proposal) -> Case:
    article = proposal.article
    return Case(
        id=id,
        question=proposal.question,
        type=proposal.kind if proposal.answer else "unanswerable",
        language=article.language,
        answerable=bool(proposal.answer),
        facts=(proposal.answer,) if proposal.answer else (),
        evidence=(Evidence(article.name, proposal.sentence),),
        status="draft",
    )
