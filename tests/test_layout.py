"""The shape of the house: imports lean one way, heavy libraries stay home, names are ours."""

import ast
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["prompts", "index", "service", "evals"]
# The command line may reach everything.
TOP = {"service/cli.py", "service/eval_cli.py", "service/sets_cli.py"}
# The transactions, the tables, and what is done with each family of them.
DATABASE = (
    "database",
    "tables",
    "articles",
    "passages",
    "loading",
    "versions",
    "groups",
    "visits",
    "feedback",
)
HOMES = {
    "chromadb": {"index/vectors.py", "evals/rivals.py"},
    "docx": {"index/sources/office.py"},
    "feedparser": {"index/web/feeds.py"},
    "frontmatter": {"index/sources/markdown.py"},
    "gradio": {"service/page.py", "service/server.py"},  # the page, and where it is mounted
    "httpcore": {"index/web/wire.py", "index/web/fetching.py"},  # connections, and what is sent
    "llama_index": {
        "index/splitting.py",
        "index/llama.py",
        "evals/judging/answers.py",
        "evals/judging/llm.py",
        "evals/rivals.py",
    },
    "mcp": {"service/mcp_door.py"},
    "pdfminer": {"index/sources/office.py"},
    "prometheus_client": {"service/meters.py"},
    "py3langid": {"index/language.py"},
    "pytrec_eval": {"evals/metrics/trec.py"},
    "rapidfuzz": {"index/finding.py", "evals/likeness.py"},
    "sentence_transformers": {
        "index/embedding.py",
        "index/reranking.py",
        "evals/judging/nli.py",
        "evals/rivals.py",
    },
    "sentencex": {"index/sentences.py"},
    "sqlalchemy": {f"index/{name}.py" for name in DATABASE},
    "tantivy": {"index/lexical.py"},
    "trafilatura": {"index/sources/html.py"},
    "xllamacpp": {"service/models/llama_server.py"},
}
FORBIDDEN = {"html.parser", "pickle", "chromadb.server", "chromadb.app"}
STANDARD = {"types", "logging", "http", "json", "email", "queue", "statistics", "time", "calendar"}


def sources() -> Iterator[Path]:
    for layer in LAYERS:
        yield from sorted((ROOT / layer).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", list(sources()), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    layer = LAYERS.index(name.split("/")[0])
    for module in imported(path):
        top = module.split(".")[0]
        if top in LAYERS and name not in TOP:
            assert LAYERS.index(top) <= layer, f"{name} imports {module} from above"
        assert name in HOMES.get(top, {name}), f"{name} imports {module}, at home elsewhere"
        assert module not in FORBIDDEN, f"{name} imports {module}"
    assert path.stem not in STANDARD, f"{name} is named like the standard library"


def test_prompts_know_nothing_of_ours() -> None:
    for path in (ROOT / "prompts").rglob("*.py"):
        assert not {m.split(".")[0] for m in imported(path)} & {*LAYERS[1:]}


def test_no_other_distribution_owns_our_names() -> None:
    ours = {*LAYERS, "tests", "seeds"}
    for distribution in distributions():
        if distribution.metadata["Name"] == "dateline":
            continue
        owned = {file.parts[0] for file in distribution.files or () if len(file.parts) > 1}
        assert not owned & ours, distribution.metadata["Name"]


def test_data_never_lies_inside_a_package() -> None:
    for layer in LAYERS:
        assert not list((ROOT / layer).rglob("*.sqlite*"))
