"""A reader who asks over HTTP and judges what is answered, and what is made of that."""

from dataclasses import replace
from datetime import date
from typing import Any

from starlette.testclient import TestClient

from evals.case import Case
from evals.feedback import Gathered, gather, kept
from index.archive import Archive
from service.feedback import Feedback, Given, Quote
from service.schema import Question, Sentence
from tests.fakes import BUDGET

TODAY = date.today()
TAXES, RENTS = "What happens to taxes?", "What happens to rents?"
QUOTE = "Taxes rise by 2 percent from March 1."


def asked(client: TestClient, question: str = TAXES, **more: Any) -> str:
    """The id of an answer to the question."""
    shape = client.post("/v1/ask", json={"question": question, **more}).json()
    return str(shape["id"])


def judged(client: TestClient, verdict: str, **body: Any) -> Any:
    reply = client.post("/v1/feedback", json={"verdict": verdict, **body})
    assert reply.status_code == 200, reply.text
    return reply.json()


def refused(client: TestClient, status: int = 400, **body: Any) -> str:
    reply = client.post("/v1/feedback", json=body)
    assert reply.status_code == status, reply.text
    return str(reply.json()["error"]["message"])


def made(archive: Archive) -> Gathered:
    return gather([said for _, said in kept(archive.database)], TODAY)


def only(archive: Archive) -> Case:
    gathered = made(archive)
    assert not gathered.open
    (case,) = gathered.cases
    return case


def feedback_of(question: str, **changed: Any) -> Feedback:
    sentences = (Sentence(QUOTE, (1,), (14, 23)),)
    cited = (Quote(BUDGET.id, QUOTE, "en"),)
    found = (Quote(BUDGET.id, BUDGET.text, "en"),)
    known = Given(Question(question), TODAY, "answered", sentences, cited, found)
    return replace(Feedback(known, "right"), **changed)
