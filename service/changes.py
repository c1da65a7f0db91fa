"""What is different between two versions of an article: word by word, in what has changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from index.schema import Article

SHOWN = 5  # changes of an article that are shown in full
MOST_WORDS = 2000  # on both sides of a change; a larger one is shown as a whole
LIKENESS = 0.35  # of two paragraphs, in [0, 1], from which they are compared by words
AHEAD = 4  # paragraphs looked at for the one that a paragraph became
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that both versions have, or only the earlier or the later one."""

    kind: Literal["same", "removed", "added"]
    text: str


Block = tuple[Run, ...]  # a paragraph that has changed


@dataclass(frozen=True, slots=True)
class Change:
    """How `later` differs from the version before it."""

    earlier: Article
    later: Article

    def blocks(self) -> list[Block]:
        """The title, if it has changed, and every paragraph that has, in order."""
        return list(_blocks(_parts(self.earlier), _parts(self.later)))


def changes(history: Sequence[Article], since: str | None = None) -> list[Change]:
    """The changes between versions, newest first; only those after the version `since`, if given.

    history: newest first.
    """
    found = []
    for later, earlier in zip(history, history[1:], strict=False):
        if later.version == since:
            break
        found.append(Change(earlier, later))
    return found


def _parts(article: Article) -> list[str]:
    return [article.title, *(part for part in _BLANK.split(article.text.strip()) if part)]


def _blocks(old: list[str], new: list[str]) -> Iterator[Block]:
    yield from _compared(old[:1], new[:1]) if old[0].split() != new[0].split() else ()
    one, other = ([" ".join(part.split()) for part in parts[1:]] for parts in (old, new))
    for kind, a, b, c, d in SequenceMatcher(None, one, other).get_opcodes():
        if kind != "equal":
            yield from _compared(old[a + 1 : b + 1], new[c + 1 : d + 1])


def _compared(old: list[str], new: list[str]) -> Iterator[Block]:
    """Paragraphs in the place of others, each beside the first that is like it, in order."""
    rest = list(new)
    for paragraph in old:
        near = next((n for n, other in enumerate(rest[:AHEAD]) if _alike(paragraph, other)), None)
        if near is None:
            yield (Run("removed", paragraph),)
            continue
        yield from ((Run("added", other),) for other in rest[:near])
        yield tuple(_runs(paragraph, rest[near]))
        del rest[: near + 1]
    yield from ((Run("added", other),) for other in rest)


def _alike(old: str, new: str) -> bool:
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(a) + len(b) > MOST_WORDS:
        return False
    matcher = SequenceMatcher(None, [t for t in a if t.strip()], [t for t in b if t.strip()])
    return matcher.quick_ratio() >= LIKENESS and matcher.ratio() >= LIKENESS


def _runs(old: str, new: str) -> Iterator[Run]:
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Run("same", "".join(a[i:j]))
            continue
        if i < j:
            yield Run("removed", "".join(a[i:j]))
        if k < m:
            yield Run("added", "".join(b[k:m]))
