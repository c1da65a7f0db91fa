"""Articles into passages. A home of LlamaIndex, beside `index.llama`."""

from collections.abc import Callable, Iterator

from index.schema import Article, Passage
from index.sentences import sentence_spans

SPECIAL_TOKENS = 2  # the encoder's own first and last token
MAX_HEADER_TOKENS = 64  # a longer header is cut, so that it never crowds out the passage
MAX_PASSAGE_TOKENS = 200
FALLBACK_CHARACTERS = 500


def header_for(article: Article, count: Callable[[str], int]) -> str:
    """The article's header, cut at a word if it has more than `MAX_HEADER_TOKENS`."""
    words = article.header.split()[:MAX_HEADER_TOKENS]
    while words and count(" ".join(words)) > MAX_HEADER_TOKENS:
        words = words[: len(words) * 3 // 4]
    return " ".join(words)


def split(article: Article, count: Callable[[str], int], max_tokens: int) -> list[Passage]:
    """Passages at sentence bounds, in order, that fit the embedder together with their header.

    count: word pieces in a text. max_tokens: word pieces the embedder reads.
    Always `article.text[p.start:p.end] == p.text`; only white space lies between passages.
    """
    room = max_tokens - SPECIAL_TOKENS - count(header_for(article, count))
    chunks = _chunks(article, count, min(MAX_PASSAGE_TOKENS, room))
    return [
        Passage(
            f"{article.id}-{article.fingerprint[:8]}-{n}",
            article.id,
            start,
            end,
            article.text[start:end],
        )
        for n, (start, end) in enumerate(_place(article.text, chunks))
    ]


def _chunks(article: Article, count: Callable[[str], int], size: int) -> list[str]:
    from llama_index.core.node_parser import SentenceSplitter

    splitter = SentenceSplitter(
        chunk_size=size,
        chunk_overlap=0,  # passages end with a sentence; overlap only takes slots from others
        tokenizer=lambda text: [0] * count(text),
        paragraph_separator="\n\n",
        chunking_tokenizer_fn=lambda text: _sentences(text, article.language),
    )
    try:
        return splitter.split_text(article.text)
    except TimeoutError:  # its pattern for clauses gives up on texts made of punctuation
        step = FALLBACK_CHARACTERS
        return [article.text[at : at + step] for at in range(0, len(article.text), step)]


def _sentences(text: str, language: str | None) -> list[str]:
    """The text in pieces that each hold one sentence; joined they give the text again."""
    starts = [start for start, _ in sentence_spans(text, language)]
    bounds = [0, *starts[1:], len(text)]
    return [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]


def _place(text: str, chunks: list[str]) -> Iterator[tuple[int, int]]:
    """Where each chunk stands in the text; the splitter returns them without their places."""
    cursor = 0
    for chunk in (stripped for chunk in chunks if (stripped := chunk.strip())):
        start = text.index(chunk, cursor)
        cursor = start + len(chunk)
        yield start, cursor
