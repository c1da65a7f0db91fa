"""The front page is true: settings, commands and places that it names exist."""

import re
from pathlib import Path

import typer.main

from service.cli import app
from service.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table_with_its_default() -> None:
    for name, field in Settings.model_fields.items():
        default = "none" if field.default is None else f"`{field.default}`"
        assert f"| `{name.upper()}` | {default} | {field.description} |" in README


def test_every_command_shown_exists() -> None:
    known = set(typer.main.get_group(app).commands)
    shown = set(re.findall(r"\.venv/bin/dateline (\w+)", README))
    assert shown <= known
    assert {"ingest", "ask", "serve"} <= shown


def test_every_place_in_the_tree_exists() -> None:
    tree = README.partition("## The tree")[2]
    for layer, block in re.findall(r"^    (\w+)/ +\S.*\n((?:      .*\n)*)", tree, re.MULTILINE):
        for line in block.splitlines():
            names = re.match(r" {6}((?:[\w.]+/?(?: |$))+)", line)
            for name in names.group(1).split() if names else []:
                if "." in name or name.endswith("/"):
                    assert (ROOT / layer / name).exists(), f"{layer}/{name}"


def test_pictures_exist() -> None:
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).exists(), picture


def test_nothing_is_left_to_fill_in() -> None:
    assert "@@" not in README
