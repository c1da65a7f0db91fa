"""What can go wrong, each with a message that says what to do next.

DatelineError
├── UsageError           the caller asked for something that cannot be (exit 2, HTTP 400)
│   ├── SourceError      a file or line that cannot become an article
│   └── NotFound         no such article, passage or set (HTTP 404)
├── ArchiveError         the data directory cannot be used as it is
│   ├── ArchiveLocked    another process holds it
│   └── EmbedderMismatch the index was made by another embedder
└── ModelError           the language model did not give a usable reply (the quotes answer instead)
"""


class DatelineError(Exception):
    """Base of all errors shown to the user; the message is one or two whole sentences."""


class UsageError(DatelineError):
    """The request itself is wrong and will be wrong again if repeated."""


class SourceError(UsageError):
    """A file, or a line of one, that cannot become an article."""


class NotFound(UsageError):
    """Nothing goes by that name."""


class ArchiveError(DatelineError):
    """The data directory cannot be used as it is."""


class ArchiveLocked(ArchiveError):
    """Another process holds the data directory."""


class EmbedderMismatch(ArchiveError):
    """The vectors in the archive were made by another embedder."""


class ModelError(DatelineError):
    """The language model gave no usable reply; `str(error)` is fit to show to the reader."""
