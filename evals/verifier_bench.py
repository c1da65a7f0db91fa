"""How long does the verifier take, and what does it hold? `python -m evals.verifier_bench`

It starts, and reads three sentences and a question again and again, from the articles and questions
of `evals/fitting/i`. Memory is that of its process; the model's file is part of it and can be
dropped and read again.
"""

import argparse
import asyncio
import json
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import numpy as np

from evals.reader_bench import ARTICLES, CASES
from index.sentences import sentence_spans
from service.verifying import ADAPTER, SENTENCES, Verifier


def held(pid: int) -> dict[str, float]:
    """Megabytes that a process holds, in all and of its own (Linux)."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in told}
    return {name: kilobytes[name] / 1000 for name in ("Rss", "Anonymous")}


async def measure(questions: int) -> None:
    """Start, ask, print."""
    texts = [json.loads(line)["text"] for line in ARTICLES.open(encoding="utf-8")]
    asked = [json.loads(line)["question"] for line in CASES.open(encoding="utf-8")]
    pool = cycle(text[a:b] for text in texts for a, b in sentence_spans(text, "en"))
    verifier, took = Verifier(), []
    for question in asked[: questions + 1]:
        sentences = list(islice(pool, SENTENCES))
        at = perf_counter()
        await verifier.chances(question, sentences)
        took.append(1000 * (perf_counter() - at))
    started, *took = took
    print(
        f"start {started:.0f} ms; {min(took):.0f} / {np.median(took):.0f} / "
        f"{np.percentile(took, 95):.0f} ms (least, median, 95th percentile)"
    )
    if verifier.pid:
        memory = held(verifier.pid)
        print(f"{memory['Rss']:.0f} MB held, {memory['Anonymous']:.0f} MB without the file")
    print(f"adapter {ADAPTER.stat().st_size / 1e6:.2f} MB")
    await verifier.close()


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    asyncio.run(measure(parser.parse_args().questions))


if __name__ == "__main__":
    main()
