"""Public sets of claims and the passages they are judged by, for the check of sentences.

None is kept in the project: they are read from a folder of `NAME.jsonl.gz`, a claim a line with
`claim`, `passage`, `lang` and `label` ("supported", "refuted" or "not_enough").
"""

import gzip
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from index.errors import UsageError
from index.schema import Article, Hit, Passage

FILES = {  # what each is called here, and its file
    "FRANK": "frank",
    "FEVER dev": "fever_dev",
    "Falke": "falke_sentence_pairs",
    "FoolMeTwice": "fool_me_twice",
    "MNLI sv": "mnli_xt_sv",
}
_SPACED = re.compile(r" (?=[.,;:!?)]|n't\b|['’](?:s|re|ve|ll|d|m)\b)")


@dataclass(frozen=True, slots=True)
class Row:
    """A claim beside a passage; `true` if people found that the passage bears it out."""

    claim: str
    hit: Hit
    true: bool


def load(folder: Path, most: int) -> dict[str, list[Row]]:
    """At most so many rows of each set, drawn alike every time."""
    return {name: _draw(_read(folder / f"{file}.jsonl.gz"), most) for name, file in FILES.items()}


def _read(path: Path) -> list[Row]:
    if not path.exists():
        raise UsageError(f"{path} is missing. Give the folder that holds it.")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_row(json.loads(line)) for line in lines]


def _row(told: dict[str, str]) -> Row:
    """Summaries come as separate tokens ("said ."): they are joined as people write them."""
    claim, passage = (_SPACED.sub("", told[key]) for key in ("claim", "passage"))
    article = Article(told["id"], told["id"], passage, language=told["lang"])
    hit = Hit(Passage("p", article.id, 0, len(passage), passage), article, 1.0)
    return Row(claim, hit, told["label"] == "supported")


def _draw(rows: list[Row], most: int) -> list[Row]:
    return random.Random(0).sample(rows, most) if len(rows) > most else rows
