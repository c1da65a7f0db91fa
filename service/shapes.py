"""The shapes in which questions, answers and articles travel as JSON.

Plain dictionaries, the same over HTTP as in the command line's `--json`.
"""

import json
from collections.abc import Sequence
from typing import Any

from index.finding import Place
from index.schema import Article, Copy, Hit
from index.understanding import Understanding
from service.changes import SHOWN, changes
from service.reading import Reading
from service.render import article_link, place_link, version_link
from service.schema import Account, Answer, Citation, Decision, Question, Reason, Sentence
from service.timeline import timeline_text

Shape = dict[str, Any]


def to_json(value: object) -> bytes:
    """Standard JSON in UTF-8; half a character, which no encoding carries, becomes "?"."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def question_shape(question: Question) -> Shape:
    """The body that asks this question."""
    shape: Shape = {"question": question.text}
    shape |= {"history": question.history} if question.history else {}
    shape |= {"outlets": question.outlets} if question.outlets else {}
    shape |= {"without": question.without} if question.without else {}
    days = {name: getattr(question, name) for name in ("since", "until", "as_of", "asked_at")}
    return shape | {name: day.isoformat() for name, day in days.items() if day}


def answer_shape(answer: Answer) -> Shape:
    """An answer with all that it rests on."""
    return {
        "id": answer.id,
        "status": answer.status,
        "answer": answer.text,
        "sentences": [sentence_shape(sentence) for sentence in answer.sentences],
        "citations": [citation_shape(citation) for citation in answer.citations],
        "passages": [hit_shape(hit) for hit in answer.hits],
        "answerer": answer.answerer,
        "reason": answer.reason and reason_shape(answer.reason),
        "missing": [{"kind": x.kind, "what": x.what, "text": x.text} for x in answer.lacks],
        "accounts": [account_shape(account) for account in answer.accounts],
        "timeline": timeline_text(answer.accounts),
        "notes": list(answer.notes),
        "dropped": list(answer.dropped),
        "confidence": float(answer.confidence),
        "decision": answer.decision and decision_shape(answer.decision),
        "seconds": {name: float(value) for name, value in answer.seconds.items()},
        "tokens": dict(answer.tokens),
        "understood": answer.understood and understood_shape(answer.understood),
    }


def decision_shape(decision: Decision) -> Shape:
    """Whether the reader had a say, and the log-odds that each sign adds, the strongest first."""
    return {
        "by": decision.by,
        "threshold": decision.threshold,
        "signs": [{"sign": sign, "adds": adds} for sign, adds in decision.signs.items()],
    }


def found_shape(hits: Sequence[Hit], asked: Understanding) -> Shape:
    """What a search gives, and what its question was understood to ask."""
    return {
        "passages": [hit_shape(hit) for hit in hits],
        "understood": understood_shape(asked),
    }


def understood_shape(asked: Understanding) -> Shape:
    """What was understood; `follow_up` tells whether `question` took the history to make.

    `time` holds the preferred days of publication: null on one side is open, and `as_of` tells
    whether the state at its end is asked for.
    """
    window = asked.window
    time = window and {
        "since": window.since and window.since.isoformat(),
        "until": window.until and window.until.isoformat(),
        "said": window.said,
        "as_of": window.as_of,
    }
    return {
        "question": asked.text,
        "follow_up": asked.leans,
        "time": time,
        "outlets": list(asked.outlets),
        "agencies": list(asked.agencies),
        "names": list(asked.names),
        "figures": list(asked.figures),
        "language": asked.language,
    }


def reason_shape(reason: Reason) -> Shape:
    """Why nothing answers, and what there is elsewhere."""
    elsewhere = [article_shape(article) for article in reason.articles]
    return {"kind": reason.kind, "text": reason.text, "articles": elsewhere}


def account_shape(account: Account) -> Shape:
    """What one of several articles says, by the number of its citation."""
    citation = account.citation
    day = citation.article.published
    return {
        "relation": account.relation,
        "citation": citation.number,
        "text": account.text,
        "start": account.direct[0],
        "end": account.direct[1],
        "published": day and day.isoformat(),
        "outlet": citation.article.outlet,
    }


def sentence_shape(sentence: Sentence) -> Shape:
    """One sentence, the numbers of the citations it stands on, and the bare answer in it."""
    direct = sentence.text[slice(*sentence.direct)] if sentence.direct else None
    return {"text": sentence.text, "citations": list(sentence.citations), "direct": direct}


def citation_shape(citation: Citation) -> Shape:
    """A quoted span and where to read it."""
    place = _place(citation.article, citation.start, citation.end)
    also = copy_shapes(citation.also)
    return {"number": citation.number, **place, "quote": citation.quote, "also": also}


def hit_shape(hit: Hit) -> Shape:
    """A passage that was found."""
    place = _place(hit.article, hit.passage.start, hit.passage.end)
    parts = {name: float(value) for name, value in hit.parts.items()}
    shape = {**place, "text": hit.passage.text, "score": float(hit.score), "parts": parts}
    return {**shape, "also": copy_shapes(hit.also)}


def copy_shapes(also: Sequence[Copy]) -> list[Shape]:
    """The other articles with the same story."""
    return [
        {
            "article_id": copy.id,
            "article": copy.name,
            "title": copy.title,
            "outlet": copy.outlet,
            "published": copy.written,
            "link": article_link(copy),
        }
        for copy in also
    ]


def place_shape(place: Place) -> Shape:
    """Where an excerpt stands."""
    quote = place.article.text[place.start : place.end]
    where = _place(place.article, place.start, place.end)
    likeness = round(float(place.likeness), 1)
    return {**where, "quote": quote, "likeness": likeness, "also": copy_shapes(place.also)}


def article_shape(article: Article) -> Shape:
    """An article without its text."""
    return {
        **_head(article),
        "key": article.key,
        "published_as": article.published_as or article.written,
        "published_from": article.published_from,
        "precision": article.precision,
        "updated": article.updated,
        "updated_from": article.updated_from,
        "agency": article.agency,
        "author": article.author,
        "language": article.language,
        "fetched": article.fetched and article.fetched.isoformat(),
        "link": article_link(article),
    }


def whole_shape(reading: Reading) -> Shape:
    """An article with its text, the others with the same story, and all its versions."""
    return {
        **article_shape(reading.article),
        "versions": version_shapes(reading.history),
        "also": copy_shapes(reading.also),
        "text": reading.article.text,
    }


def version_shapes(history: Sequence[Article]) -> list[Shape]:
    """The versions, newest first; of the newest few, what they changed of the one before."""
    told = [
        [[[run.kind, run.text] for run in block] for block in change.blocks()]
        for change in changes(history)[:SHOWN]
    ]
    return [
        {**_version_shape(each), "changes": told[n] if n < len(told) else None}
        for n, each in enumerate(history)
    ]


def _version_shape(article: Article) -> Shape:
    return {
        "version": article.version,
        "title": article.title,
        "published": article.written,
        "fetched": article.fetched and article.fetched.isoformat(),
        "link": version_link(article),
    }


def record(article: Article) -> Shape:
    """The article as a corpus line that `service.intake` makes the same article of."""
    return {
        "key": article.key,
        "name": article.name,
        "text": article.text,
        "title": article.title,
        "published": article.published_as or article.written,
        "published_from": article.published_from,
        "updated": article.updated,
        "updated_from": article.updated_from,
        "outlet": article.outlet,
        "agency": article.agency,
        "author": article.author,
        "url": article.url,
        "language": article.language,
    }


def _place(article: Article, start: int, end: int) -> Shape:
    link = place_link(article, start, end)
    return {**_head(article), "start": start, "end": end, "link": link}


def _head(article: Article) -> Shape:
    return {
        "article": article.name,
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.written,
        "url": article.url,
    }
