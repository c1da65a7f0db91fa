"""What the harness costs beside the answers: `python -m evals.overhead`.

The same questions are asked of an answerer that takes a fixed time, bare and through `run`, turn
about; the run's time has its files, the summary and the report in it.
"""

import argparse
import asyncio
from collections.abc import Coroutine
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from evals.case import Case, Evidence
from evals.run import Asker, run
from index.schema import Article, Hit, Passage
from service.schema import Answer, Citation, Question, Sentence

PASSAGES = 12  # as many as the service retrieves
CHARACTERS = 1000  # of a passage


def main() -> None:
    """Measure, and print seconds and the share that the harness adds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cost", type=float, default=0.5, help="seconds of one answer")
    options.add_argument("--questions", type=int, default=100)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    pairs = [measure(given.cost, given.questions) for _ in range(given.rounds)]
    bare, harness = (median(side) for side in zip(*pairs, strict=True))
    each = 1000 * (harness - bare) / given.questions
    print(
        f"{given.questions} answers of {given.cost} s: bare {bare:.2f} s, run {harness:.2f} s, "
        f"{100 * (harness / bare - 1):.1f} % more ({each:.1f} ms a question)"
    )


def measure(cost: float, count: int) -> tuple[float, float]:
    """Seconds for so many answers, bare and through the harness."""
    cases, ask = cases_of(count), asker(cost)

    async def bare() -> None:
        for case in cases:
            await ask(case.as_question())

    async def through() -> None:
        with TemporaryDirectory(prefix="dateline-") as out:
            await run(cases, ask, Path(out), config={}, progress=False)

    return _seconds(bare()), _seconds(through())


def cases_of(count: int) -> list[Case]:
    """Cases with a fact and a gold sentence each."""
    return [
        Case(f"q{n}", f"Question {n}?", facts=(("4 percent",),), evidence=(Evidence("0", "Gold."),))
        for n in range(count)
    ]


def asker(cost: float) -> Asker:
    """An answerer that takes `cost` seconds and answers with a dozen passages."""
    articles = [
        Article(str(n), str(n), "Gold. " + "word " * (CHARACTERS // 5)) for n in range(PASSAGES)
    ]
    hits = tuple(Hit(Passage(f"{a.id}-0", a.id, 0, len(a.text), a.text), a, 1.0) for a in articles)
    cited = (Citation(1, articles[0], "Gold.", 0, 5),)
    said = (Sentence("It rose by 4 percent.", (1,)),)
    seconds = {"retrieve": 0.0, "answer": cost}

    async def ask(question: Question) -> Answer:
        await asyncio.sleep(cost)
        return Answer("answered", said, cited, hits, "fake", seconds=seconds)

    return ask


def _seconds(work: Coroutine[None, None, None]) -> float:
    started = perf_counter()
    asyncio.run(work)
    return perf_counter() - started


if __name__ == "__main__":
    main()
