"""Any server that speaks the OpenAI-compatible HTTP interface: llama.cpp, vLLM, Ollama, ..."""

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import httpx

from index.errors import ModelError, UsageError
from service.models import LengthReached, Message, TooLong, Usage
from service.models.limits import Clock, Limits
from service.models.replies import Failure, Visible, read_object
from service.models.wire import opened, pieces, read_all

SEED = 7
LIKELIEST = 20  # next tokens that are told
# "<|im_end|>" or "[INST]" in an article would be read as the end of a turn, not as text.
_MARK = re.compile(r"<(?=\S)|\[(?=/?[A-Z_]{3,}\])")


class OpenAIModel:
    """A model on a server; `base_url` ends before /chat/completions, as in http://host:8080/v1.

    Replies are asked for at temperature 0 with a fixed seed. A server that cannot be reached or
    has no room is tried once more, unless some text has come already.
    """

    def __init__(
        self, base_url: str, model: str, api_key: str | None = None, limits: Limits | None = None
    ) -> None:
        self.name = model
        self._limits = limits or Limits()
        self._host = _host(base_url)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"Accept-Encoding": "identity", **_authorization(api_key)},
            timeout=httpx.Timeout(None, connect=self._limits.connect),
            limits=httpx.Limits(max_keepalive_connections=0),  # replies are left before their end
            trust_env=False,
        )

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Usage, None]:
        """Yield the reply in pieces; see `Model.stream`."""
        clock, begun = Clock(self._limits), False
        body = _request(self.name, messages, max_tokens)
        for last_try in (False, True):
            try:
                async with aclosing(self._attempt(body, clock)) as texts:
                    async for text in texts:
                        begun = True
                        yield text
                return
            except Failure as failure:
                if failure.pause is None or begun or last_try:
                    raise self._error(failure) from failure
                await asyncio.sleep(failure.pause * random.uniform(1, 1.5))

    async def following(self, prompt: str) -> Mapping[str, float]:
        """The `LIKELIEST` tokens that may follow a bare text, with their natural log-chances.

        No turns, no template: for adapters that were trained so. Raises `ModelError`.
        """
        text = _MARK.sub(r"\g<0> ", prompt)
        body = {"model": self.name, "prompt": text, "max_tokens": 1, "temperature": 0}
        clock = Clock(self._limits)
        request = self._client.build_request(
            "POST", "completions", json={**body, "logprobs": LIKELIEST}
        )
        try:
            async with opened(self._client, request, self.name, clock) as response:
                reply = read_object(await read_all(response, clock))
            [token] = reply["choices"][0]["logprobs"]["content"]
            return {str(one["token"]): float(one["logprob"]) for one in token["top_logprobs"]}
        except (KeyError, TypeError, ValueError, IndexError):
            raise self._error(Failure("did not tell the chances of its tokens")) from None
        except Failure as failure:
            raise self._error(failure) from failure

    async def models(self) -> tuple[str, ...]:
        """Ask the server which models it has; `ModelError` if it does not answer."""
        clock, request = Clock(self._limits), self._client.build_request("GET", "models")
        try:
            async with opened(self._client, request, self.name, clock) as response:
                listed = read_object(await read_all(response, clock)).get("data")
            return tuple(str(entry["id"]) for entry in listed or ())
        except (KeyError, TypeError):
            raise self._error(Failure("did not list its models")) from None
        except Failure as failure:
            raise self._error(failure) from failure

    async def ready(self) -> None:
        """Return if the server answers, else raise `ModelError`."""
        await self.models()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _attempt(
        self, body: dict[str, Any], clock: Clock
    ) -> AsyncGenerator[str | Usage, None]:
        clock.start()
        visible, said, finish = Visible(), False, ""
        request = self._client.build_request("POST", "chat/completions", json=body)
        async with (
            opened(self._client, request, self.name, clock) as response,
            aclosing(pieces(response, clock)) as coming,
        ):
            async for piece in coming:
                finish = piece.finish or finish
                if text := visible.feed(piece.text) + (visible.end() if finish else ""):
                    said = said or not text.isspace()
                    yield text
                if piece.usage:
                    yield piece.usage
        _check(finish, said)

    def _error(self, failure: Failure) -> ModelError:
        kind = TooLong if failure.too_long else ModelError
        return kind(f"The model server at {self._host} {failure}.")


def _request(model: str, messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
    turns = [{"role": m.role, "content": _MARK.sub(r"\g<0> ", m.content)} for m in messages]
    counted = {"include_usage": True}
    fixed = {"stream": True, "stream_options": counted, "temperature": 0, "seed": SEED}
    return {"model": model, "messages": turns, "max_tokens": max_tokens, **fixed}


def _check(finish: str, said: bool) -> None:
    """Raise unless the reply is a whole one, and one that says something."""
    if finish == "content_filter":
        raise Failure("withheld its reply")
    if finish in ("tool_calls", "function_call"):
        raise Failure("asked for a tool instead of answering")
    if finish == "length" and said:
        raise LengthReached("The answer reached the length limit.")
    if not said:
        raise Failure("sent an empty reply")


def _host(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise UsageError("The address of a model server must look like http://host:8080/v1.")
    return f"{url.host}:{url.port}" if url.port else url.host


def _authorization(api_key: str | None) -> dict[str, str]:
    if not api_key:
        return {}
    if not (api_key.isascii() and api_key.isprintable()):
        raise UsageError("The API key holds characters that no key has; was it copied whole?")
    return {"Authorization": f"Bearer {api_key}"}
