"""How copies of a story are counted: for a reader they are one source in several outlets."""

from collections.abc import Sequence


def also_in(outlets: Sequence[str | None]) -> str:
    """E.g. "Also in 6 outlets"; outlets: of each copy, None if unknown."""
    named = {outlet.casefold() for outlet in outlets if outlet}
    if len(named) == len(outlets):
        return f"Also in {len(named)} outlet{'s' * (len(named) > 1)}"
    return f"Also in {len(outlets)} other article{'s' * (len(outlets) > 1)}"
