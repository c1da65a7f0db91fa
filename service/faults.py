"""One shape for every error over HTTP: {"error": {"message", "type", "param", "code"}}.

A message never repeats what was sent, save the name of a parameter.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from index.errors import ArchiveError, DatelineError, ModelError, NotFound, UsageError
from service.shapes import Shape, to_json

MAX_PARAM = 100  # characters
KINDS = {403: "permission_error", 500: "server_error", 502: "upstream_error"}
REFUSALS = {
    400: ("invalid_json", "The body is not valid JSON."),
    404: ("not_found", "There is nothing at this address: see /docs."),
    405: ("method_not_allowed", "This address takes other methods: see /docs."),
}
INVALID = {
    "missing": "missing_parameter",
    "extra_forbidden": "unknown_parameter",
    "json_invalid": "invalid_json",
    "string_unicode": "invalid_text",
}


class Fault(Exception):
    """A request that is not answered, and what the caller is told."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param and _printable(param)
        self.headers = dict(headers or {})

    def shape(self) -> Shape:
        """The error as JSON has it."""
        usual = "service_unavailable_error" if self.status == 503 else "invalid_request_error"
        kind = KINDS.get(self.status, usual)
        error = {"message": str(self), "type": kind, "param": self.param, "code": self.code}
        return {"error": error}


class Json(Response):
    """A reply in JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body."""
        return to_json(content)


def fault_of(error: Exception) -> Fault:
    """What the caller is told of an error."""
    match error:
        case Fault():
            return error
        case NotFound():
            return Fault(404, "not_found", str(error))
        case UsageError():
            return Fault(400, "invalid_request", str(error))
        case ArchiveError():
            return Fault(503, "archive_unavailable", str(error), headers={"retry-after": "10"})
        case ModelError():
            return Fault(502, "model_error", str(error))
        case RequestValidationError():
            return _invalid(error.errors()[0])
        case HTTPException():
            return _refused(error)
    return Fault(500, "server_error", "Something went wrong here; the server's log says what.")


def install(app: FastAPI) -> None:
    """Let every error of the app leave in the one shape."""
    for kind in (RequestValidationError, HTTPException, Fault, DatelineError):
        app.add_exception_handler(kind, _reply)


def reply(fault: Fault) -> Response:
    """The fault as the caller gets it."""
    return Json(fault.shape(), fault.status, fault.headers)


async def _reply(_: Request, error: Exception) -> Response:
    return reply(fault_of(error))


def _invalid(found: Mapping[str, Any]) -> Fault:
    kind, place = found["type"], found["loc"][1:]
    if kind == "json_invalid":
        return Fault(400, "invalid_json", "The body is not valid JSON.")
    param = ".".join(map(str, place))
    message = found["msg"].removeprefix("Value error, ")
    text = "no text" in message  # of our own check
    code = "invalid_text" if text else INVALID.get(kind, "invalid_value")
    return Fault(400, code, f"'{_printable(param or 'body')}': {message}.", param or None)


def _refused(error: HTTPException) -> Fault:
    usual = ("invalid_request", "The request cannot be read.")
    code, message = REFUSALS.get(error.status_code, usual)
    return Fault(error.status_code, code, message, headers=error.headers)


def _printable(text: str) -> str:
    short = text if len(text) <= MAX_PARAM else text[:MAX_PARAM] + "…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)
