"""A fault in one of our own streams ends it with an error in words, which gives nothing away."""

import json

import pytest
from starlette.testclient import TestClient

from index.archive import Archive
from index.errors import ArchiveError, ModelError
from service.api import create_api
from tests.fakes import FIRST, ScriptedPipeline, dateline

SECRET = "sk-not-to-be-seen /home/me/archive"
FAULTS: tuple[Exception, ...] = (
    ValueError(SECRET), KeyError(SECRET), RuntimeError(SECRET), OSError(28, SECRET),
    RecursionError(SECRET), MemoryError(SECRET), AssertionError(SECRET), ZeroDivisionError(SECRET),
    UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), TimeoutError(SECRET),
    ArchiveError("The archive cannot be read."), ModelError("The model is gone."),
)  # fmt: skip
ASK = {"question": "Why?", "stream": True}
CHAT = {"model": "dateline", "messages": [{"role": "user", "content": "Why?"}], "stream": True}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_fault_in_a_stream_is_told_and_ends_it(shared: Archive, fault: Exception) -> None:
    pipeline = ScriptedPipeline([FIRST, fault])
    client = TestClient(create_api(dateline(shared, pipeline)), "http://localhost")
    for path, body in (("/v1/ask", ASK), ("/v1/chat/completions", CHAT)):
        reply = client.post(path, json=body)
        *_, last = [block for block in reply.text.split("\n\n") if "error" in block]
        error = json.loads(last.partition("data: ")[2])["error"]
        assert reply.status_code == 200 and error["message"] and error["code"]
        assert not any(part in reply.text for part in SECRET.split())
        assert 'finish_reason":"stop' not in reply.text
    assert pipeline.running == 0
