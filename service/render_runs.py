"""HTML for the list of evaluation runs. All that comes from the folders is escaped here."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from service.render import escape
from service.runs import FILES, Figure, Run, Runs, Summary

SHOWN = {
    "right": "Right",
    "facts_found": "Facts found",
    "refusal_recall": "Refusal recall",
    "refused_answerable": "Wrongly refused",
    "citations_exact": "Citations exact",
    "evidence_recall@10": "Evidence recall@10",
    "all_evidence@10": "All evidence@10",
    "mrr@10": "MRR@10",
}
LEADING = ("right", "facts_found", "evidence_recall@10", "article_hit@10")  # for the trend
COLUMNS = 4
WIDTH, HEIGHT = 120.0, 28.0  # user units of a trend


def render_runs(runs: Runs) -> str:
    """All runs by set, newest first, with a form that compares two of them."""
    listed = runs.listed()
    if not listed:
        return (
            f'<p class="opening">There are no evaluation runs in {escape(str(runs.folder))}. '
            "Make one with <code>dateline eval run SET.jsonl</code>.</p>"
        )
    sets: dict[str, list[Run]] = {}
    for run in listed:
        if run.summary:
            sets.setdefault(run.summary.set, []).append(run)
    found = [run for some in sets.values() for run in some]
    comparable = runs.comparable and len(found) > 1
    chosen = (found[1].name, found[0].name) if comparable else ("", "")
    sections = "".join(_set(name, some, chosen) for name, some in sets.items())
    broken = _broken([run for run in listed if not run.summary])
    if not comparable:
        return f'<div class="runs">{sections}{broken}</div>'
    button = '<p class="comparing"><button type="submit">Compare A with B</button></p>'
    form = '<form class="runs" action="/evaluation/compare" method="get" target="_blank">'
    return f"{form}{sections}{button}{broken}</form>"


def _set(name: str, runs: Sequence[Run], chosen: tuple[str, str]) -> str:
    """One set of questions with its runs."""
    summaries = [run.summary for run in runs if run.summary]
    newest = summaries[0]
    names = [each for each in SHOWN if each in newest.overall.figures][:COLUMNS]
    pick = '<th scope="col">A</th><th scope="col">B</th>' if chosen[0] else ""
    heads = "".join(f'<th scope="col">{SHOWN[each]}</th>' for each in names)
    rows = "".join(_row(run, run.summary, names, chosen) for run in runs if run.summary)
    kind = ", retrieval only" if newest.retrieval_only else ""
    title = f"{newest.overall.cases:,} questions{kind}"
    return (
        f'<section><h3>{title} <span class="fine">set {escape(name)}</span>{_trend(summaries)}</h3>'
        f'<div class="wide" tabindex="0" role="region" aria-label="Runs over {title}"><table>'
        f'<thead><tr>{pick}<th scope="col">Run</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _row(run: Run, summary: Summary, names: Iterable[str], chosen: tuple[str, str]) -> str:
    name = escape(run.name)
    picks = zip("ab", chosen, strict=True) if chosen[0] else ()
    radios = "".join(
        f'<td><input type="radio" name="{side}" value="{name}" aria-label="{name} as '
        f'{side.upper()}"{" checked" if run.name == picked else ""}></td>'
        for side, picked in picks
    )
    cells = "".join(_cell(summary.overall.figures.get(each)) for each in names)
    failed = f" · {summary.overall.failed:,} failed" if summary.overall.failed else ""
    answerer = escape(summary.config.get("answerer", "")[:40])
    by = f" · {answerer}" if answerer and not summary.retrieval_only else ""
    when = (
        f'<time datetime="{summary.finished.isoformat()}">{summary.finished:%Y-%m-%d %H:%M}</time>'
    )
    links = " ".join(_link(run, file) for file in FILES[1:])
    title = _link(run, FILES[0], name) if run.has_report else name
    fine = f'<span class="fine">{when}{by}{failed} · {links}</span>'
    return f'<tr>{radios}<th scope="row">{title}<br>{fine}</th>{cells}</tr>'


def _link(run: Run, file: str, label: str = "") -> str:
    address = escape(f"/evaluation/runs/{quote(run.name, safe='')}/{file}")
    shown = label or file.rpartition(".")[2]
    return f'<a href="{address}" target="_blank" rel="noopener">{shown}</a>'


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "<td>–</td>"
    told = f"{figure.low:.3f} to {figure.high:.3f}"
    return f'<td>{figure.mean:.3f}<br><span class="fine">{told}</span></td>'


def _trend(summaries: Sequence[Summary]) -> str:
    """A line of one figure over the runs, oldest first; nothing for fewer than two."""
    name = next((each for each in LEADING if each in summaries[0].overall.figures), None)
    figures = [s.overall.figures.get(name or "") for s in reversed(summaries)]
    means = [figure.mean for figure in figures if figure]
    if name is None or len(means) < 2:
        return ""
    low, high = min(means), max(means)
    step, span = (WIDTH - 8) / (len(means) - 1), max(high - low, 0.02)
    middle = (low + high) / 2
    points = [
        (4 + at * step, HEIGHT / 2 - (mean - middle) / span * (HEIGHT - 8))
        for at, mean in enumerate(means)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    told = f"{SHOWN.get(name, name)}: {means[0]:.3f} to {means[-1]:.3f} over {len(means)} runs"
    return (
        f'<svg class="trend" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{told}">'
        f'<title>{told}</title><polyline points="{line}"/>'
        f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="3"/></svg>'
    )


def _broken(runs: Sequence[Run]) -> str:
    if not runs:
        return ""
    items = "".join(f"<li><b>{escape(run.name)}</b>: {escape(run.fault)}</li>" for run in runs)
    return f'<section><h3>Not shown</h3><ul class="broken">{items}</ul></section>'
