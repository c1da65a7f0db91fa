"""A run's figures computed a second time, plainly from the published definitions.

    python -m evals.reference_check RUN [RUN ...]

Each RUN is a folder that `dateline eval run` wrote. Nothing here is shared with `evals.metrics`.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from math import log2
from pathlib import Path
from typing import Any

DIGITS = 4


def multihop_rag(gold_sentences: Sequence[str], passages: Sequence[str]) -> dict[str, float]:
    """Of one question, as the code of MultiHop-RAG (arXiv 2401.15391) computes them; and evidence
    recall, the share of the gold sentences within the first ten passages."""
    plain = [re.sub(r"[ \n]", "", passage) for passage in passages[:10]]
    gold = [re.sub(r"[ \n]", "", sentence) for sentence in gold_sentences]
    hits = [any(sentence in passage for sentence in gold) for passage in plain]
    seen: set[str] = set()
    precision = 0.0
    for rank, passage in enumerate(plain, 1):
        new = {sentence for sentence in gold if sentence in passage} - seen
        precision += len(new) / rank
        seen |= new
    return {
        "hits@10": float(any(hits)),
        "hits@4": float(any(hits[:4])),
        "mrr@10": next((1 / rank for rank, hit in enumerate(hits, 1) if hit), 0.0),
        "map@10": precision / min(len(gold), 10),
        "evidence_recall@10": len(seen) / len(gold),
        "all_evidence@10": float(len(seen) == len(gold)),
    }


def of_articles(gold: Sequence[str], ranked: Sequence[str]) -> dict[str, float]:
    """Of one question: hits, and nDCG with gains of 1, over distinct articles, best first."""
    order = list(dict.fromkeys(ranked))
    wanted = set(gold)
    dcg = sum(1 / log2(at + 2) for at, name in enumerate(order[:10]) if name in wanted)
    ideal = sum(1 / log2(at + 2) for at in range(min(10, len(wanted))))
    hits = {f"article_hit@{k}": float(bool(wanted & set(order[:k]))) for k in (1, 5, 10)}
    return hits | {"article_ndcg@10": dcg / ideal}


def _scored(run: Path) -> Iterator[dict[str, float]]:
    cases = {row["id"]: row for row in _rows(run / "cases.jsonl")}
    for result in _rows(run / "results.jsonl"):
        case = cases[result["id"]]
        evidence = case.get("evidence", []) if case.get("answerable", True) else []
        passages = result["passages"]
        if quotes := list(dict.fromkeys(e["quote"] for e in evidence if e.get("quote"))):
            yield multihop_rag(quotes, [p["text"] for p in passages])
        if articles := list(dict.fromkeys(e["article"] for e in evidence)):
            yield of_articles(articles, [p["article"] for p in passages])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def reference(run: Path) -> dict[str, float]:
    """Means over the run's questions, by metric."""
    found: dict[str, list[float]] = {}
    for scores in _scored(run):
        for name, value in scores.items():
            found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}


def compared(run: Path) -> Iterator[tuple[str, float, float]]:
    """Name, our figure in `summary.json`, the reference's."""
    summary: Mapping[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    for name, value in sorted(reference(run).items()):
        yield name, summary["overall"]["figures"][name]["mean"], value


def main() -> None:
    """Print both, and fail where they differ in four digits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    rows = [(run.name, *row) for run in parser.parse_args().runs for row in compared(run)]
    differ = 0
    for run, name, ours, plain in rows:
        same = round(ours, DIGITS) == round(plain, DIGITS)
        differ += not same
        print(f"{run:20} {name:20} {ours:.4f} {plain:.4f} {'' if same else 'DIFFERS'}")
    print(f"{len(rows) - differ} of {len(rows)} figures agree to {DIGITS} digits")
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
