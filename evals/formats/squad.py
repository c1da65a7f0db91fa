"""SQuAD-style JSON, versions 1 and 2 (arXiv 1606.05250, 1806.03822).

Each title with its paragraphs becomes an article; the sentence around an answer is the evidence.
Impossible questions become unanswerable cases, with the article they were asked of as evidence.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from evals.formats.gathered import Gathered, Wrong
from evals.formats.source import Source
from index.errors import UsageError
from index.sentences import sentence_spans


def accepts(source: Source) -> bool:
    """A list under "data" whose items have paragraphs."""
    return "paragraphs" in source.head


def read(source: Source, into: Gathered) -> None:
    """Read the cases and the articles."""
    if not all(isinstance(item, dict) for item in source.records):
        raise UsageError(f"{source.path} is not in SQuAD's form: 'data' must hold objects.")
    titles: dict[str, int] = {}
    for number, item in enumerate(source.records, 1):
        title = str(item.get("title") or f"Article {number}").replace("_", " ").strip()
        titles[title] = titles.get(title, 0) + 1
        name = title if titles[title] == 1 else f"{title} ({titles[title]})"
        paragraphs = list(_paragraphs(f"article {number}", item, into))
        text = "\n\n".join(context.strip() for _, context, _ in paragraphs)
        into.article(f"article {number}", {"id": name, "title": title, "text": text})
        for place, context, questions in paragraphs:
            _questions(place, name, context, questions, into)


def _paragraphs(
    place: str, item: dict[str, Any], into: Gathered
) -> Iterator[tuple[str, str, list[Any]]]:
    """Place, context and questions of each good paragraph."""
    for number, paragraph in enumerate(_list(item, "paragraphs"), 1):
        here = f"{place} paragraph {number}"
        context = paragraph.get("context") if isinstance(paragraph, dict) else None
        if isinstance(context, str) and context.strip():
            yield here, context, _list(paragraph, "qas")
        else:
            into.wrong(here, "'context' is missing or no text")


def _questions(
    place: str, article: str, context: str, questions: Sequence[Any], into: Gathered
) -> None:
    for number, asked in enumerate(questions, 1):
        here = f"{place} question {number}"
        try:
            into.case(here, _case(asked, article, context, here))
        except Wrong as wrong:
            into.wrong(here, str(wrong))


def _case(asked: Any, article: str, context: str, place: str) -> dict[str, Any]:
    if not isinstance(asked, dict) or not isinstance(asked.get("question"), str):
        raise Wrong("'question' is missing or no text")
    impossible = asked.get("is_impossible") is True
    answers = [] if impossible else _list(asked, "answers")
    if not answers and not impossible:
        raise Wrong('has no answer, and does not say "is_impossible": true')
    places = [_span(answer, context) for answer in answers]
    forms = list(dict.fromkeys(context[start:end].strip() for start, end in places))
    quotes = dict.fromkeys(_around(context, *span) for span in places[:1])
    return {
        "id": str(asked.get("id") or place.replace(" ", "-")),
        "type": "impossible" if impossible else "extractive",
        "question": asked["question"].strip(),
        "answerable": not impossible,
        "facts": [forms] if forms else [],
        "evidence": [{"article": article, "quote": quote} for quote in quotes or [""]],
    }


def _span(answer: Any, context: str) -> tuple[int, int]:
    """Where an answer stands; where its offset is off, the first place that has it."""
    text = answer.get("text") if isinstance(answer, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise Wrong("an answer without 'text'")
    said = answer.get("answer_start")
    start = said if isinstance(said, int) and said >= 0 else 0
    if context[start : start + len(text)] != text:
        start = context.find(text)
    if start < 0:
        raise Wrong(f"the answer {text!r} is not in its context")
    return start, start + len(text)


def _around(context: str, start: int, end: int) -> str:
    """The sentences that an answer touches."""
    touched = [(a, b) for a, b in sentence_spans(context) if a < end and b > start]
    return context[min(touched)[0] : max(touched)[1]] if touched else context[start:end]


def _list(item: dict[str, Any], name: str) -> list[Any]:
    found = item.get(name)
    return found if isinstance(found, list) else []
