"""`junit.xml`: a test case for each question, in the form that CI systems show (JUnit XML)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.case import Case
from evals.outcome import Outcome, explain, judge
from evals.result import Result
from evals.summary import Pair, Summary

# What XML 1.0 cannot carry, however it is written.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KIND: Mapping[str, str] = {"failed": "error", "nothing to check": "skipped"}


def render(summary: Summary, pairs: Sequence[Pair]) -> str:
    """The document: right ones pass, those that could not be asked are errors."""
    judged = [(c, r, judge(c, r, retrieval_only=summary.retrieval_only)) for c, r in pairs]
    kinds = Counter(_KIND.get(o, "failure") for *_, o in judged if o != "right")
    counts = {
        "tests": str(len(judged)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": f"{sum(sum(r.seconds.values()) for _, r in pairs):.3f}",
    }
    root = Element("testsuites", {"name": "dateline eval", **counts})
    stamp = {"timestamp": _plain(summary.finished)}
    suite = SubElement(root, "testsuite", {"name": "dateline eval", **counts, **stamp})
    _add_figures(suite, summary)
    for case, result, outcome in judged:
        _add(suite, case, result, outcome)
    indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, "unicode") + "\n"


def _add_figures(suite: Element, summary: Summary) -> None:
    properties = SubElement(suite, "properties")
    for name, figure in summary.overall.figures.items():
        SubElement(properties, "property", name=name, value=f"{figure.mean:.4f}")


def _add(suite: Element, case: Case, result: Result, outcome: Outcome) -> None:
    spent = f"{sum(result.seconds.values()):.4f}"
    place = {"classname": _plain(case.type), "name": _plain(case.id), "time": spent}
    test = SubElement(suite, "testcase", place)
    if outcome == "right":
        return
    kind = _KIND.get(outcome, "failure")
    found = SubElement(test, kind, message=_plain(outcome))
    if kind == "skipped":
        return
    found.set("type", _plain(outcome.replace(" ", "_")))
    facts = "; ".join(" / ".join(forms) for forms in case.facts)
    told = {
        "Reason": explain(case, result, outcome),
        "Question": case.question,
        "Answer": result.answer or (result.status or ""),
        "Facts": facts,
    }
    found.text = _plain("\n".join(f"{name}: {text}" for name, text in told.items() if text))


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
