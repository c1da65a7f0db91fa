"""The page at /docs: the API's own description as plain HTML, with nothing from elsewhere."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from service.render import asset

Schema = dict[str, Any]

STYLE = """
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
section { border-top: 1px solid #8886; padding: .5rem 0 1rem }
h2 { font-size: 1.05rem } code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { overflow-x: auto } table { border-collapse: collapse; width: 100% }
td { border-bottom: 1px solid #8884; padding: .25rem .75rem .25rem 0; vertical-align: top }
"""


def render_docs(api: Schema) -> str:
    """The page for an OpenAPI description."""
    sections = "".join(_operation(api, *found) for found in _operations(api))
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(api["info"]["title"])} API</title><style>{STYLE}</style></head>
<body><h1>{escape(api["info"]["title"])} API</h1>
<p>{escape(api["info"].get("description", ""))}</p>
<p>For machines: <a href="/openapi.json">/openapi.json</a></p>
{sections}</body></html>
"""


def _operations(api: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _operation(api: Schema, method: str, path: str, operation: Schema) -> str:
    fields = [*_parameters(operation), *_body(api, operation)]
    rows = "".join(f"<tr><td><code>{escape(n)}</code></td><td>{escape(t)}</td></tr>" for n, t in fields)
    return f"""<section><h2><code>{method} {escape(path)}</code></h2>
<p>{escape(operation.get("description") or operation.get("summary", ""))}</p>
<table>{rows}</table></section>
"""


def _parameters(operation: Schema) -> Iterator[tuple[str, str]]:
    for parameter in operation.get("parameters", ()):
        yield parameter["name"], _type(parameter["schema"])


def _body(api: Schema, operation: Schema) -> Iterator[tuple[str, str]]:
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    schema = api.get("components", {}).get("schemas", {}).get(reference.rpartition("/")[2], {})
    for name, field in schema.get("properties", {}).items():
        needed = "required" if name in schema.get("required", ()) else ""
        told = (_type(field), needed, field.get("description", ""))
        yield name, "; ".join(part for part in told if part)
