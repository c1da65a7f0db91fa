"""Cases, a set of them in a file, and articles to draft questions from."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from evals.case import Case, Evidence, encode
from index.schema import Article

TODAY = date(2026, 1, 1)
MILL = Article(
    "mill",
    "mill.md",
    "The old mill at Kvarnby burnt down in 1901. Ann Lee rebuilt it for 4,000 crowns.",
    title="A mill burns",
    published=date(2024, 5, 1),
    outlet="The Post",
)


def written(path: Path, *cases: Case) -> Path:
    path.write_text("".join(f"{encode(case)}\n" for case in cases), encoding="utf-8")
    return path


def case(id: str, question: str, fact: str = "Ann Lee", **more: object) -> Case:
    quote = "Ann Lee rebuilt it for 4,000 crowns."
    whole = Case(id, question, facts=((fact,),), evidence=(Evidence("mill.md", quote),))
    return replace(whole, **more)  # type: ignore[arg-type]


def paper() -> list[Article]:
    towns = ["Halden", "Torsby", "Kvarnby", "Ramnes", "Solvik", "Granheim"]
    return [
        Article(
            f"k{n}",
            f"{n}.md",
            f"Exports of timber from {town} fell by {n + 2}.5 percent in spring {2011 + n}.\n"
            f"The council of {town} approved {n + 12} wind farms at the meeting.\n"
            f"“We never wanted the bridge to {town} to be free,” Ann Lee said.",
            language="en",
        )
        for n, town in enumerate(towns)
    ]
