"""The prompts: one Markdown file each, with the variables it takes declared at its head.

    ---
    inputs: question, passages
    ---
    # system        a part; the parts and their order are the file's own
    ...
    # user
    $passages

A file whose declared and used variables differ does not load: a slip in a prompt is otherwise
silent, and the model answers all the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Literal, cast

Role = Literal["system", "user", "assistant"]

NOT_IN_ARTICLES = "NOT IN THE ARTICLES"  # what `answer` asks a model to say when nothing answers
MAX_BYTES = 100_000
_FRONT = re.compile(r"---\ninputs:(?P<inputs>[^\n]*)\n---\n(?P<text>.*\S.*)", re.DOTALL)
_PART = re.compile(r"^# (system|user|assistant)\n", re.MULTILINE)


class PromptError(ValueError):
    """A prompt file, or a use of one, is wrong; the message names the prompt and the variable."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text with `$variables`; `$$` is a dollar sign."""

    name: str
    text: str

    @property
    def inputs(self) -> frozenset[str]:
        """The variables, all of which `render` and `turns` must be given."""
        return frozenset(Template(self.text).get_identifiers())

    def render(self, **values: str) -> str:
        """The whole text, filled in; `PromptError` if a variable is missing or unknown."""
        self._check(values)
        return Template(self.text).substitute(values)

    def turns(self, **values: str) -> tuple[tuple[Role, str], ...]:
        """The parts as (role, text), filled in; a heading inside a value opens no new part."""
        self._check(values)
        _, *rest = _PART.split(self.text)
        texts = (Template(text).substitute(values).strip() for text in rest[1::2])
        return tuple(zip(cast(list[Role], rest[::2]), texts, strict=True))

    def _check(self, values: dict[str, str]) -> None:
        for problem, names in (
            ("needs", self.inputs - set(values)),
            ("does not know", set(values) - self.inputs),
        ):
            if names:
                raise PromptError(f"The prompt '{self.name}' {problem}: {_listed(names)}.")


def load(name: str, *inputs: str) -> Prompt:
    """Read our own `name`.md, as `read` does."""
    return read(files(__name__), name, *inputs)


def read(folder: Traversable, name: str, *inputs: str) -> Prompt:
    """Read `name`.md, which must take just these inputs, if any are given; else `PromptError`."""
    known = {entry.name[:-3]: entry for entry in folder.iterdir() if entry.name.endswith(".md")}
    if name not in known:
        raise PromptError(f"There is no prompt '{name}'; there are: {_listed(known)}.")
    raw = known[name].read_bytes()
    if len(raw) > MAX_BYTES:
        raise PromptError(f"The prompt '{name}' has more than {MAX_BYTES:,} bytes.")
    try:
        return parse(name, raw.decode("utf-8-sig"), *inputs)
    except UnicodeDecodeError:
        raise PromptError(f"The prompt '{name}' is not UTF-8 text.") from None


def parse(name: str, source: str, *inputs: str) -> Prompt:
    """Take a prompt from the text of its file; `PromptError` names what is wrong with it.

    inputs: what it will be given. One that it does not take would never reach the model.
    """
    match = _FRONT.fullmatch(source.replace("\r\n", "\n"))
    if match is None:
        raise PromptError(f"The prompt '{name}' must begin with '---', 'inputs: ...', '---'.")
    prompt = Prompt(name, match["text"])
    if not Template(prompt.text).is_valid():
        raise PromptError(f"The prompt '{name}' has a '$' with no name; write '$$' for the sign.")
    declared = {word.strip() for word in match["inputs"].split(",") if word.strip()}
    if differing := declared ^ prompt.inputs:
        raise PromptError(f"The prompt '{name}' declares or uses, not both: {_listed(differing)}.")
    if inputs:
        _fit(prompt, frozenset(inputs))
    return prompt


def _fit(prompt: Prompt, inputs: frozenset[str]) -> None:
    """Refuse a prompt that leaves out what it is given, or that no model could be sent."""
    before, *rest = _PART.split(prompt.text)
    for problem, names in (
        ("must use", inputs - prompt.inputs),
        ("is never given", prompt.inputs - inputs),
    ):
        if names:
            told = _listed(f"${name}" for name in names)
            raise PromptError(f"The prompt '{prompt.name}' {problem}: {told}.")
    if before.strip() or "user" not in rest[::2]:
        raise PromptError(f"The prompt '{prompt.name}' needs the parts '# system' and '# user'.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
