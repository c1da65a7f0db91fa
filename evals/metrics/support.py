"""Citation recall and precision as ALCE defines them (arXiv 2305.14627), judged by our own check.

Where ALCE asks a model whether a text follows from another, `service.checking` asks it of words,
numbers, names, speakers, negations and opposites. It asks for literal support, so it errs
towards "not supported".
"""

from collections.abc import Sequence

from evals.case import Case
from evals.matching import stated
from evals.result import Cited, Result
from index.schema import Article
from service.answering import Span
from service.checking import borne_out


def recall(case: Case, result: Result) -> float | None:
    """The share of the answer's sentences that all their citations together bear out."""
    judged = [_borne(text, cited, result) for text, cited in cited_sentences(result)]
    return sum(judged) / len(judged) if judged else None


def precision(case: Case, result: Result) -> float | None:
    """The share of citations that are needed, or do by themselves, for a sentence borne out."""
    judged = [
        _useful(text, cited, at, result)
        for text, cited in cited_sentences(result)
        for at in range(len(cited))
    ]
    return sum(judged) / len(judged) if judged else None


def cited_sentences(result: Result) -> list[tuple[str, list[Cited]]]:
    """Each sentence with the citations that it names; a number without a citation is none."""
    if result.refused:
        return []
    numbered = {cited.number: cited for cited in result.citations}
    return [
        (text, [numbered[number] for number in numbers if number in numbered])
        for text, numbers in stated(result.answer)
    ]


def _useful(text: str, cited: Sequence[Cited], at: int, result: Result) -> bool:
    others = [*cited[:at], *cited[at + 1 :]]
    return _borne(text, cited, result) and (
        _borne(text, [cited[at]], result) or not _borne(text, others, result)
    )


def _borne(text: str, cited: Sequence[Cited], result: Result) -> bool:
    """A citation that is not exact bears nothing out."""
    exact = [each for each in cited if each.exact]
    around = " ".join(_around(each, result) for each in exact)
    return borne_out(text, [_span(each) for each in exact], around)


def _span(cited: Cited) -> Span:
    text = cited.before + cited.quote + cited.after
    article = Article(
        key=cited.article_id,
        name=cited.article,
        text=text,
        title=cited.title,
        outlet=cited.outlet,
        published=cited.published,
        language=cited.language,
    )
    return Span(article, len(cited.before), len(cited.before) + len(cited.quote))


def _around(cited: Cited, result: Result) -> str:
    """The passage that the quote was taken from, as the answerer saw it."""
    whole = (
        passage.text
        for passage in result.passages
        if passage.article_id == cited.article_id
        and passage.start <= cited.start
        and cited.end <= passage.end
    )
    return next(whole, cited.before + cited.quote + cited.after)
