"""Facts as people write them in one cell: a fact a line, ways to say it between upright strokes."""

from collections.abc import Sequence


def to_facts(cell: str) -> list[list[str]]:
    """ "25 percent | 25%" is one fact said in two ways; a second line is a second fact."""
    rows = ([form.strip() for form in line.split("|")] for line in cell.splitlines())
    return [[form for form in forms if form] for forms in rows if any(forms)]


def to_cell(facts: Sequence[Sequence[str]]) -> str:
    """The cell that `to_facts` makes these facts of. Raises ValueError where there is none."""
    cell = "\n".join(" | ".join(forms) for forms in facts)
    if to_facts(cell) != [list(forms) for forms in facts]:
        raise ValueError("a fact has an upright stroke, a line break or outer white space in it")
    return cell
