"""An asker that knows its answers, cases to ask it, and runs of them."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.case import Case, Evidence
from evals.run import run
from evals.summary import Summary
from index.schema import Article, Hit, Passage
from service.schema import Answer, Citation, Question, Sentence

CONFIG = {"model": "fake"}


class FakeAsker:
    """Answers "The answer to N is fact N." from article N; stumbles where told to."""

    def __init__(self, wrong: Collection[str] = (), broken: Collection[str] = ()) -> None:
        self.wrong = wrong
        self.broken = broken
        self.asked: list[str] = []

    async def __call__(self, question: Question) -> Answer:
        self.asked.append(question.text)
        if question.text in self.broken:
            raise RuntimeError("The model fell <over>")
        number = question.text.split()[-1]
        article = Article(f"k{number}", f"{number}.md", f"Gold {number}. More <b>of</b> it.")
        passage = Passage(f"{article.id}:0", article.id, 0, len(article.text), article.text)
        if question.text.startswith("Null"):
            return Answer("not_in_articles", (), (), (), "fake", seconds={"retrieve": 0.01})
        told = "nothing" if question.text in self.wrong else f"fact {number}"
        return Answer(
            status="answered",
            sentences=(Sentence(f"The answer to {number} is {told}.", (1,)),),
            citations=(Citation(1, article, article.text[:5], 0, 5),),
            hits=(Hit(passage, article, 0.123456789),),
            answerer="fake",
            seconds={"retrieve": 0.0123456, "answer": 0.5},
        )


def some(count: int) -> list[Case]:
    """Cases q0, q1, ...; every fifth has no answer."""
    return [
        Case(f"q{n}", f"Null {n}", "null", answerable=False)
        if n % 5 == 4
        else Case(
            f"q{n}",
            f"Tell {n}",
            "plain",
            facts=((f"fact {n}",),),
            evidence=(Evidence(f"{n}.md", f"Gold {n}."),),
        )
        for n in range(count)
    ]


def ask(
    cases: Sequence[Case],
    out: Path,
    asker: FakeAsker | None = None,
    config: Mapping[str, str] = CONFIG,
    **options: Any,
) -> Summary:
    asker = asker or FakeAsker()
    return asyncio.run(run(cases, asker, out, config=config, progress=False, **options))


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


def figures(out: Path) -> dict[str, Any]:
    """The summary without its stamp."""
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text())
    del summary["finished"]
    return summary
