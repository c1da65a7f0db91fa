"""Every setting, read once from DATELINE_… variables or a .env file. No effects on import."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.errors import UsageError

PREFIX = "DATELINE_"


class Settings(BaseSettings):
    """What a user may set; each field is an environment variable with `DATELINE_` before it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    data: Path = Field(Path("var"), description="folder that holds the archive")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(7860, ge=1, le=65535, description="port to listen on")
    answerer: Literal["quotes", "model"] = Field("quotes", description="who answers")
    embedder: str | None = Field(
        None,
        description="sentence-transformers model, by name or path; or `packaged`; unset, the one "
        "that made the index",
    )
    query_prompt: str | None = Field(
        None, description="what the embedder reads before a question, if the model does not say"
    )
    passage_prompt: str | None = Field(
        None, description="what it reads before a passage, if the model does not say"
    )
    device: str = Field("cpu", description="where the embedder runs: `cpu`, `cuda`, `mps`")
    reranker: str | None = Field(
        None,
        description="`reader`, or a sentence-transformers cross-encoder by name or path, that puts "
        "the first passages in order",
    )
    reranked: int = Field(40, ge=1, le=500, description="passages that it puts in order")
    chroma_url: str | None = Field(None, description="a Chroma server instead of the embedded one")
    model: str = Field(
        "packaged",
        description="path of a GGUF file (`any.gguf#sha256=HEX` to take no other), the model's "
        "name on the server, or `packaged`",
    )
    model_url: str | None = Field(
        None, description="OpenAI-compatible server, e.g. `http://localhost:8000/v1`"
    )
    model_key: str | None = Field(None, description="key for that server, if it wants one")
    verifier: bool = Field(
        True,
        description="whether the small language model has a say where it is close whether "
        "anything answers, and which sentence first; it takes 190 MB of memory and 0.6 s then",
    )
    answer_seconds: float = Field(
        240.0,
        gt=0,
        le=240,
        description="seconds that the language model has for an answer; then the quotes answer",
    )
    runs: Path = Field(Path("runs"), description="folder that holds the evaluation runs")
    passages: int = Field(12, ge=1, le=100, description="passages retrieved for an answer")
    versions: int = Field(
        50,
        ge=1,
        description="earlier versions of an article that are kept; beside them its first, and all "
        "that answers cite",
    )
    allowed_hosts: str = Field(
        "localhost,127.0.0.1,[::1]",
        description="names by which browsers may reach the server, with commas; `*` for any",
    )
    watch: Path | None = Field(None, description="folder whose files the server takes in")
    feeds: Path | None = Field(
        None, description="list of feeds that the server follows: a text or OPML file"
    )
    every: str = Field(
        "30m", pattern=r"^[1-9][0-9]{0,5}[smhd]$", description="how often it looks at the feeds"
    )
    fetch_allow: str | None = Field(
        None,
        description="hosts and networks off the public internet that pages may come from, with "
        "commas, e.g. `intranet.example.org,10.1.0.0/16`",
    )
    fetch_ports: str = Field("80,443", description="ports that pages may come from")


def load(**overrides: object) -> Settings:
    """The settings, those given (and not None) before the environment. Raises UsageError."""
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = "; ".join(
            f"{PREFIX}{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise UsageError(f"Wrong setting. {faults}.") from error
