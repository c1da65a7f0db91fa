"""What readers say of answers, over HTTP: from the chat page as from any other client."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from index.archive import Archive
from index.errors import NotFound, UsageError
from index.finding import find, verbatim
from service import feedback as records
from service.bodies import Judgement
from service.desk import Desk
from service.faults import Json
from service.feedback import Feedback, Given, Quote
from service.pipeline import check

feedback = APIRouter(tags=["questions"])
PASSAGES = 12  # looked at where the answer is not known


@feedback.post("/v1/feedback")
async def judge(body: Judgement, request: Request) -> Response:
    """Say whether an answer is right. What is said of a question last is what counts.

    Name the answer by its `id`, or the question as it was asked. It becomes a case for
    `dateline eval feedback`, with its evidence copied out of the articles.
    """
    desk: Desk = request.app.state.desk
    given = await _given(desk, body)
    quotes = [await _quote(desk, given, text) for text in body.evidence]
    said = Feedback(given, body.verdict, body.correction.strip(), body.note.strip(), tuple(quotes))
    records.check(said)
    content = records.encode(said)
    await asyncio.to_thread(desk.archive.database.put_feedback, given.question_id, content)
    return Json({"id": given.question_id, "verdict": said.verdict})


async def _given(desk: Desk, body: Judgement) -> Given:
    if bool(body.answer_id) == bool(body.question):
        raise UsageError("Name the answer by 'answer_id', or else by its 'question'.")
    if not body.answer_id:
        question = body.to_question()
        check(question)
        given = desk.answers.latest(question)
        known = given.status is not None or body.verdict != "wrong"
        return given if known else await _searched(desk, given)
    if remembered := desk.answers.by_id(body.answer_id):
        return remembered
    raise NotFound("The server does not remember that answer: ask again, then judge it.")


async def _searched(desk: Desk, given: Given) -> Given:
    """With the passages in which a correction may stand."""
    hits, _ = await desk.search(given.question, PASSAGES)
    found = (Quote(h.article.id, h.passage.text, h.article.language) for h in hits)
    return Given(given.question, given.day, passages=tuple(found))


async def _quote(desk: Desk, given: Given, text: str) -> Quote:
    """The words as they stand in a passage that was found, or anywhere in the archive."""
    for passage in given.passages:
        if span := verbatim(passage.text, text):
            return Quote(passage.article_id, passage.text[slice(*span)], passage.language)
    async with desk.searching():
        found = await asyncio.to_thread(_found, desk.archive, text)
    if found is None:
        raise UsageError("A quote in 'evidence' stands in no article word for word: copy it anew.")
    return found


def _found(archive: Archive, text: str) -> Quote | None:
    place = find(archive, text)
    span = verbatim(place.article.text, text) if place else None
    if place is None or span is None:
        return None
    return Quote(place.article.id, place.article.text[slice(*span)], place.article.language)
