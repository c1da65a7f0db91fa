"""`report.html`: a run as one page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from evals import plots, rendering
from evals.metrics import COUNTS, LOWER_IS_BETTER, risk_coverage
from evals.outcome import OUTCOMES
from evals.summary import HEADLINES, Pair, Summary, answers
from evals.views import clipped, views

ABOUT = ("facts_found", "all_evidence@10", "article_hit@10", "right")  # by type: the first there is


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with what it says in words."""

    title: str
    svg: Markup
    caption: str


def render(summary: Summary, pairs: Sequence[Pair]) -> str:
    """The page."""
    shown = views(pairs, retrieval_only=summary.retrieval_only)
    return rendering.render(
        "report.jinja",
        summary=summary,
        views=shown,
        headlines=[name for name in HEADLINES if name in summary.overall.figures],
        lower=LOWER_IS_BETTER,
        counts=COUNTS,
        outcomes=[name for name in OUTCOMES if name in summary.overall.outcomes],
        statuses=sorted({(r.status or "failed").replace("_", " ") for _, r in pairs}),
        plots=list(_plots(summary, pairs)),
        sure=any(result.confidence is not None for _, result in pairs),
        clip=clipped,
    )


def _plots(summary: Summary, pairs: Sequence[Pair]) -> Iterator[Plot]:
    yield from _by_type(summary)
    yield from _confidence(summary)
    if seconds := [sum(r.seconds.values()) for _, r in pairs if r.seconds]:
        middle, high = np.percentile(seconds, (50, 95))
        caption = f"Median {middle:.2f} s; 95 % of the questions within {high:.2f} s."
        yield Plot("Seconds a question", plots.latency(seconds), caption)


def _by_type(summary: Summary) -> Iterator[Plot]:
    figures = summary.overall.figures
    about = next((name for name in ABOUT if name in figures), None)
    if about is None:
        return
    groups = [
        (kind, group.figures[about])
        for kind, group in summary.types.items()
        if about in group.figures
    ]
    plain = about.replace("_", " ")
    caption = "Mean and 95 % interval; the number of questions at the right."
    if len(groups) > plots.TYPES:
        caption += f" The {plots.TYPES} largest of {len(groups)} types."
    yield Plot(f"{plain.capitalize()} by type", plots.by_type(groups, plain), caption)


def _confidence(summary: Summary) -> Iterator[Plot]:
    confidence, right = answers(list(summary.cases.values()))
    known = ~np.isnan(confidence)
    if not known.any():
        return
    sure, correct = confidence[known], right[known]
    curve, aurc = risk_coverage.curve(sure, correct), risk_coverage.area(sure, correct)
    yield Plot(
        "Risk and coverage",
        plots.risk_coverage(curve, aurc),
        f"If only the surest of {len(sure)} answers were given, how many of them would be wrong? "
        f"Area (AURC) {aurc:.3f}; all given: {curve.risk[-1]:.3f}. Refusals are not in it.",
    )
    bins = risk_coverage.calibration(sure, correct)
    error = risk_coverage.calibration_error(bins)
    yield Plot(
        "Is it as right as it is sure?",
        plots.reliability(bins),
        f"Answers by confidence, dots as large as there are many; on the line it would be right "
        f"as often as it is sure. Expected calibration error {error:.3f}.",
    )
