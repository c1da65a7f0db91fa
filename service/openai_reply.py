"""An answer in the words of OpenAI's chat API, whole or in pieces, with its sources below it."""

import re
from collections.abc import Iterator
from time import time
from uuid import uuid4

from service.answering import Restart
from service.pipeline import Event, Said
from service.render import NOT_FOUND, place_link
from service.schema import Answer, Citation, Sentence
from service.shapes import Shape, citation_shape, understood_shape
from service.syndication import also_in
from service.timeline import timeline_text

MODEL = "dateline"
WITHDRAWN = "\n\n(What is above is withdrawn. The answer is:)\n\n"
# A bracket or a tag that Markdown would make a link, a picture or an element of.
# And an address, which many a chat window links by itself.
MARKUP = re.compile(
    r"(?<=\])(?=[(\[:])|(?<=<)(?=[A-Za-z/!?])|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE
)


class Reply:
    """One completion in the making."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._head = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time()), "model": MODEL}
        self._gap = ""  # before the next sentence

    def whole(self, answer: Answer) -> Shape:
        """The completion in one piece."""
        said = " ".join(_said(sentence) for sentence in answer.sentences)
        message = {"role": "assistant", "content": said + self._after(answer), "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        shape = {**self._head, "object": "chat.completion", "choices": [choice]}
        return shape | _sources_shape(answer) | _usage_shape(answer)

    def chunks(self, happened: Event) -> Iterator[Shape]:
        """The completion in pieces."""
        match happened:
            case Said():
                yield self.chunk({"content": self._gap + _said(happened.sentence)})
                self._gap = " "
            case Restart() if self._gap:  # what was sent cannot be taken back
                yield self.chunk({"content": WITHDRAWN})
                self._gap = ""
            case Answer():
                yield self.chunk({"content": self._after(happened)})
                yield self.chunk({}, "stop") | _sources_shape(happened)

    def chunk(self, delta: Shape, finish: str | None = None) -> Shape:
        """One piece."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}

    def _after(self, answer: Answer) -> str:
        """What follows the sentences: notes, and where they are from."""
        reason = [answer.reason.text] if answer.reason else []
        parts = [] if answer.sentences else [" ".join([NOT_FOUND, *map(_inert, reason)])]
        parts += [_inert(timeline_text(answer.accounts))] if answer.accounts else []
        parts += [_inert(" ".join(lack.text for lack in answer.lacks))] if answer.lacks else []
        parts += [_inert(note) for note in answer.notes]
        if answer.citations:
            lines = [self._source(citation) for citation in answer.citations]
            parts.append("\n".join(["Sources:", *lines]))
        return ("\n\n" if answer.sentences and parts else "") + "\n\n".join(parts)

    def _source(self, citation: Citation) -> str:
        article = citation.article
        day = article.written or "undated"
        link = self._base_url + place_link(article, citation.start, citation.end)
        also = also_in([copy.outlet for copy in citation.also]).lower() if citation.also else ""
        title, outlet = _inert(article.title or article.name), _inert(article.outlet or "")
        known = (title, outlet, day, also, link)
        told = ", ".join(part for part in known if part)
        return f"{citation.number}. " + " ".join(
            told.split()
        )  # no title begins a source of its own


def _usage_shape(answer: Answer) -> Shape:
    """What a language model took; nothing where that is not known."""
    if not answer.tokens:
        return {}
    read, wrote = answer.tokens["prompt"], answer.tokens["reply"]
    usage = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
    return {"usage": usage}


def _said(sentence: Sentence) -> str:
    return " ".join([_inert(sentence.text), *(f"[{number}]" for number in sentence.citations)])


def _inert(text: str) -> str:
    """The text, in which a zero-width space keeps a chat window from fetching anything."""
    return MARKUP.sub("\N{ZERO WIDTH SPACE}", text)


def _sources_shape(answer: Answer) -> Shape:
    citations = [citation_shape(citation) for citation in answer.citations]
    understood = answer.understood and understood_shape(answer.understood)
    return {"status": answer.status, "citations": citations, "understood": understood}
