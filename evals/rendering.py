"""Pages that open without a network: one file each, with the look of the service.

Everything that comes from a set, an article or a model is escaped by the templates. The script
is allowed by its hash, so that nothing else runs, whatever the texts hold.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from service.render import asset


def render(template: str, **values: object) -> str:
    """A page from `evals/pages`."""
    return _environment().get_template(template).render(**values)


def text(name: str) -> str:
    """A file of `evals/pages`."""
    return files("evals").joinpath("pages", name).read_text("utf-8")


@cache
def _environment() -> Environment:
    bare = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(text),
    )
    script = text("page.js")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    bare.globals |= {
        "style": Markup(asset("palette.css") + text("page.css")),
        "script": Markup(script),
        "script_hash": f"sha256-{digest}",
    }
    bare.filters |= {"signed": "{:+.3f}".format, "share": "{:.3f}".format}
    return bare
