"""What model servers say, good and bad, and what their client is to make of it."""

import gzip
import json

from index.errors import ModelError
from service.models import Message
from service.models.limits import Limits
from service.models.openai_api import OpenAIModel
from tests.model_server import RESET, ModelServer, Reply, body, events, frame, head, stream

ASKED = [Message("system", "Be short."), Message("user", "What fell?")]
FAST = Limits(connect=0.2, first_token=0.3, between=0.3, total=1)
KEY = "sk-not-to-be-seen"
DONE = frame(finish="stop")
USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}\n\n'
WHOLE = '{"choices": [{"message": {"content": "It rained."}, "finish_reason": "stop"}]}'


async def reply(model: OpenAIModel) -> tuple[str, ModelError | None]:
    """What came, and how it ended."""
    said = ""
    try:
        async for text in model.stream(ASKED, 50):
            said += text if isinstance(text, str) else f" {text.prompt}+{text.reply}"
    except ModelError as error:
        return said, error
    return said, None


async def ask(*replies: Reply, limits: Limits = FAST) -> tuple[str, ModelError | None, int]:
    """The same from a server that gives these replies, and how often it was asked."""
    async with ModelServer(*replies) as server:
        model = OpenAIModel(server.url, "any", KEY, limits)
        try:
            said, error = await reply(model)
        finally:
            await model.close()
        return said, error, len(server.requests)


def error_frame(code: int) -> bytes:
    return b"data: " + json.dumps({"error": {"message": KEY, "code": code}}).encode() + b"\n\n"


DRIP: Reply = [b": ping\r\n", 0.1] * 20
TOO_LONG = '{"error": {"type": "exceed_context_size_error"}}'
BAD: dict[str, tuple[Reply, str, int, str]] = {  # name: reply, text before, tries, error
    "redirect": (body("", status=301, Location="http://x/"), "", 1, "redirect.*301"),
    "not accepted": (body("{}", status=400), "", 1, r"did not accept the request \(status 400\)"),
    "context": (body(TOO_LONG, status=400), "", 1, r"too long for the model \(status 400\)"),
    "body too large": (body("", status=413), "", 1, "too long for the model"),
    "key": (body(KEY, status=401), "", 1, r"API key \(status 401\)"),
    "model": (body("{}", status=404), "", 1, r"does not know the model 'any'.*404"),
    "busy": (body("{}", status=429, Retry_After="0"), "", 2, r"no room.*429"),
    "busy till a date": (body("", status=429, Retry_After="Wed, 21 Oct 2026"), "", 2, "429"),
    "busy for ages": (body("", status=429, Retry_After="1000000000"), "", 1, "429"),
    "busy, junk": (body("", status=429, Retry_After="soon"), "", 2, "429"),
    "busy, no word": (body("", status=429), "", 2, r"no room.*429"),
    "quota": (body('{"code": "insufficient_quota"}', status=429), "", 1, "429"),
    "server error": (body("oops", status=500), "", 1, r"failed \(status 500\)"),
    "gateway page": (body("<html>", "text/html", 502), "", 1, r"failed \(status 502\)"),
    "loading": (body("{}", status=503), "", 2, r"loading its model \(status 503\)"),
    "page": (body("<html>Log in</html>", "text/html"), "", 1, "web page"),
    "empty object": (body("{}"), "", 1, "without an answer"),
    "list": (body("[]"), "", 1, "without an answer"),
    "not JSON": (body("{"), "", 1, "not valid JSON"),
    "nested": (body("[" * 100_000), "", 1, "not valid JSON"),
    "no choices": (body('{"choices": []}'), "", 1, "cut its reply short"),
    "nothing": (events(), "", 1, "cut its reply short"),
    "only [DONE]": (events(b"data: [DONE]\n\n"), "", 1, "empty reply"),
    "empty": (stream(""), "", 1, "empty reply"),
    "white space": (stream(" ", "\n"), " \n", 1, "empty reply"),
    "only thoughts": (stream("<think>Hm", "m"), "", 1, "empty reply"),
    "long thoughts": (stream("<think>Hm", finish="length"), "", 1, "empty reply"),
    "null": (body(WHOLE.replace('"It rained."', "null")), "", 1, "empty reply"),
    "10 MB line": (events(b"data: " + b"x" * 10_000_000), "", 1, "line that is too long"),
    "old function": (events(frame(finish="function_call")), "", 1, "asked for a tool"),
    "number": (events(frame("It "), frame(5, finish="stop")), "It ", 1, "cannot be read"),
    "NaN": (events(b'data: {"choices": [{"delta": {"content": NaN}}]}\n\n'), "", 1, "cannot be"),
    "choice is text": (events(b'data: {"choices": ["It rained."]}\n\n'), "", 1, "cannot be read"),
    "malformed": (events(frame("It "), b"data: {oops\n\n", DONE), "It ", 1, "not valid JSON"),
    "error at once": (events(error_frame(503)), "", 2, "broke off with an error"),
    "error named": (events(b"event: error\ndata: sorry\n\n"), "", 2, "broke off with an error"),
    "error later": (events(frame("It "), error_frame(500)), "It ", 1, "broke off with an error"),
    "queue full": (events(error_frame(503), b"data: [DONE]\n\n"), "", 2, "broke off"),
    "cut at once": (events(frame()), "", 1, "cut its reply short"),
    "cut later": (events(frame("It "), frame("rai")), "It rai", 1, "cut its reply short"),
    "cut in an event": (events(frame("It "), frame("rained.")[:-9]), "It ", 1, "cut its reply"),
    "reset": ([head(), frame("It "), 0.05, RESET], "It ", 1, "broke off the connection"),
    "reset at once": ([RESET], "", 1, "broke off the connection"),
    "not HTTP": ([b"SSH-2.0-OpenSSH_9.6\r\n"], "", 1, "broke off the connection"),
    "gzip": ([head(Content_Encoding="gzip"), gzip.compress(frame("It "))], "", 1, "compressed"),
    "long line": (events(b"data: " + b"x" * 1_100_000), "", 1, "line that is too long"),
    "huge": (events(*[b": " + b"x" * 65_000 + b"\n"] * 80), "", 1, "more than a reply can hold"),
    "filtered": (stream("It ", finish="content_filter"), "It ", 1, "withheld"),
    "tool": (events(frame(tool_calls=[{}]), frame(finish="tool_calls")), "", 1, "asked for a tool"),
    "silent": ([9.0], "", 1, "no text within 0.3 s"),
    "slow headers": ([b"HTTP/1.1 200 OK\r\n", *DRIP], "", 1, "no text within 0.3 s"),
    "only comments": ([head(), *DRIP], "", 1, "no text within 0.3 s"),
    "pause": ([head(), frame("It "), 9.0], "It ", 1, "paused for more than 0.3 s"),
}
