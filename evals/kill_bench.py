"""Is anything lost when ingesting is killed? `python -m evals.kill_bench --articles FILE`.

A child ingests the file and says which articles are acknowledged; it is killed with SIGKILL at a
moment drawn with a seed: up to 0.6 seconds after 0 to 4 new batches were acknowledged or, one time
in five, while it starts (and mends what the kill before left). After each kill the archive is
opened and compared with one that was never killed; the next child goes on where it was.

First all articles are new; when all are in, a new archive is begun. Then the text of 200 changes:
each must be found as it was or as it is now, whole, never as both and never as neither, with its
earlier versions kept; when all are in, 200 change again.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from evals.kill_checks import Sums, Trial
from evals.killing import build, child, command, killed
from index.embedding import Embedder
from index.ingest import read
from index.schema import Article

CHANGED = 20  # articles in each round of changes


class Bench:
    """One archive after the other, or one through all changes, until there were so many kills."""

    def __init__(self, file: Path, kills: int, seed: int, embedder: str) -> None:
        self._articles = [item for item in read([file]) if isinstance(item, Article)]
        self._file, self._kills, self._name = file, kills, embedder
        self._embedder: Embedder = build(embedder)
        self._random, self.sums = Random(seed), Sums()

    def added(self) -> Sums:
        """Kill while all articles are new."""
        while self._more:
            with TemporaryDirectory(prefix="dateline-kill-") as folder:
                trial = Trial(self._embedder, self.sums)
                trial.expect(self._articles)
                self._round(Path(folder, "data"), self._file, trial)
        return self.sums

    def changed(self) -> Sums:
        """Kill while some of them change."""
        with TemporaryDirectory(prefix="dateline-kill-") as folder:
            data, file = Path(folder, "data"), Path(folder, "articles.jsonl")
            trial = Trial(self._embedder, self.sums)
            for turn, articles in enumerate(self._revisions(file)):
                trial.expect(articles)
                if turn == 0:
                    _finish(command(data, file, self._name))
                elif self._more:
                    self._round(data, file, trial)
                else:
                    break
        return self.sums

    @property
    def _more(self) -> bool:
        return self.sums.kills.total() < self._kills

    def _round(self, data: Path, file: Path, trial: Trial) -> None:
        """Kill until all that is expected is in, or there were enough kills; then let it end."""
        start, acknowledged, done = command(data, file, self._name), set[str](), False
        while not done and self._more:
            newest, done = killed(start, self._random, self.sums.kills)
            acknowledged |= newest
            self.sums.acknowledged.append(len(acknowledged))
            trial.check(data, acknowledged, newest, self._random)
            wrong = {name: many for name, many in self.sums.faults.items() if many}
            print(f"{self.sums.kills.total()} kills, {wrong or 'no fault'}", file=sys.stderr)
        whole = _finish(start) and trial.complete(data)
        self.sums.faults["re-run not complete"] += not whole
        self.sums.rounds += whole

    def _revisions(self, file: Path) -> Iterator[list[Article]]:
        """Write the file as it is first, then with changes; what is new in it, each time."""
        records = [json.loads(line) for line in self._file.read_text("utf-8").splitlines()]
        known: set[str] = set()
        for turn in count():
            drawn = self._random.sample(records, min(CHANGED, len(records))) if turn else ()
            for record in drawn:
                record["text"] = revised(record["text"], turn, self._random)
            file.write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
            found = [item for item in read([file]) if isinstance(item, Article)]
            yield [article for article in found if article.fingerprint not in known]
            known |= {article.fingerprint for article in found}


def revised(text: str, turn: int, random: Random) -> str:
    """The text with a sentence added at a random place between two words."""
    words = text.split(" ")
    at = random.randint(0, len(words))
    said = f"Correction {turn}: the number is {random.randint(10, 9999)}."
    return " ".join([*words[:at], said, *words[at:]])


def _finish(start: list[str]) -> bool:
    return subprocess.run(start, stdout=subprocess.DEVNULL).returncode == 0


def table(columns: dict[str, Sums], embedder: str, seed: int) -> str:
    """The result in Markdown."""
    rows = [_rows(sums) for sums in columns.values()]
    names = dict.fromkeys(name for found in rows for name in found)
    head = f"embedder: {'words hashed' if embedder == 'fake' else embedder}, seed {seed}"
    lines = [f"| {head} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    return "\n".join(
        [
            *lines,
            *(f"| {n} | {' | '.join(str(found.get(n, 0)) for found in rows)} |" for n in names),
        ]
    )


def _rows(sums: Sums) -> dict[str, object]:
    kept = sums.acknowledged
    return {
        "kills": sums.kills.total(),
        **{f"of them while {name}": many for name, many in sorted(sums.kills.items())},
        "articles acknowledged at a kill, from / to": f"{min(kept)} / {max(kept)}",
        "completed by a re-run, as if never killed": sums.rounds,
        "indexes made anew at start": dict(sums.mended) or "none",
        "questions asked for an article": sums.asked,
        **{f"**{name}**": many for name, many in sums.faults.items()},
    }


def main() -> None:
    """Kill, check and print the table; exit 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, required=True, help="a .jsonl file")
    parser.add_argument("--kills", type=int, default=50, help="while all articles are new")
    parser.add_argument("--changes", type=int, default=50, help="kills while articles change")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--embedder", choices=["fake", "packaged"], default="fake")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.articles, build(given.embedder))
        return
    started = perf_counter()
    columns = {}
    if given.kills:
        added = Bench(given.articles, given.kills, given.seed, given.embedder).added()
        columns[f"{added.rounds} archives, all articles new"] = added
    if given.changes:
        changed = Bench(given.articles, given.changes, given.seed, given.embedder).changed()
        columns[f"{changed.rounds} rounds, {CHANGED} articles changed"] = changed
    print(table(columns, given.embedder, given.seed))
    print(f"{perf_counter() - started:.0f} seconds", file=sys.stderr)
    sys.exit(1 if any(any(sums.faults.values()) for sums in columns.values()) else 0)


if __name__ == "__main__":
    main()
