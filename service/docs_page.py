"""The page at /docs: the API's own description as plain HTML, with nothing from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import Any

from service.render import asset

Schema = dict[str, Any]

STYLE = """
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink);
       background: var(--paper); font: 1rem/1.5 var(--sans) }
section { border-top: 1px solid var(--rule); padding: .5rem 0 1rem }
h2 { font: 600 1.05rem ui-monospace, monospace } a { color: var(--accent) }
table { border-collapse: collapse }
td { padding: .2rem 1.5rem .2rem 0; vertical-align: top }
"""


def render_docs(api: Schema) -> str:
    """The page for an OpenAPI description."""
    title, description = escape(api["info"]["title"]), escape(api["info"].get("description", ""))
    operations = "".join(
        _operation(api, method.upper(), path, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: HTTP API</title>
<style>{asset("palette.css")}{STYLE}</style>
</head>
<body>
<h1>{title}: HTTP API</h1>
<p>{description}</p>
<p>For machines: <a href="/openapi.json">/openapi.json</a></p>
{operations}
</body>
</html>
"""


def _operation(api: Schema, method: str, path: str, operation: Schema) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(told)}</td></tr>"
        for name, told in [*_parameters(operation), *_body(api, operation)]
    )
    text = operation.get("description") or operation.get("summary", "")
    head = f"<h2>{method} {escape(path)}</h2>"
    return f"<section>{head}<p>{escape(text)}</p><table>{rows}</table></section>\n"


def _parameters(operation: Schema) -> Iterator[tuple[str, str]]:
    for parameter in operation.get("parameters", ()):
        yield parameter["name"], _field(parameter["schema"], parameter.get("required", False))


def _body(api: Schema, operation: Schema) -> Iterator[tuple[str, str]]:
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    schema = api.get("components", {}).get("schemas", {}).get(reference.rpartition("/")[2], {})
    for name, field in schema.get("properties", {}).items():
        yield name, _field(field, name in schema.get("required", ()))


def _field(field: Schema, required: bool) -> str:
    kinds = [kind.get("type", "") for kind in field.get("anyOf", [field])]
    known = " or ".join(kind for kind in kinds if kind and kind != "null")
    told = (known, "required" if required else "", field.get("description", ""))
    return "; ".join(part for part in told if part)
