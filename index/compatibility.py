"""Does a data directory fit what is to be done with it: its format, its embedder, room on its disk?

Who made the vectors is noted in SQL before the first of them is stored.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from index.database import Database
from index.embedding import Embedder
from index.errors import ArchiveError, EmbedderMismatch
from index.model_prompts import Prompts

FORMAT = "1"  # of the data directory
MIN_FREE = 200_000_000  # bytes; a full disk can ruin a vector index for good


def notes(embedder: Embedder) -> dict[str, str]:
    """What is remembered of who made the vectors."""
    return {
        "embedder": embedder.name,
        "prompts": json.dumps(asdict(embedder.prompts)),
        "dimension": str(embedder.dimension),
    }


def check_format(database: Database, folder: Path) -> None:
    """Raises ArchiveError if another version of Dateline is needed; a new folder gets ours."""
    found = database.get_meta("format")
    if found is None:
        database.set_meta("format", FORMAT)
    elif found != FORMAT:
        raise ArchiveError(
            f"The data directory {folder} has format {found}, this version reads "
            f"{FORMAT}: update Dateline, or ingest into a new directory with --data."
        )


def check_embedder(database: Database, folder: Path, embedder: Embedder) -> None:
    """Raises EmbedderMismatch if the vectors, or some of them, are another embedder's."""
    made_by = database.get_meta("embedder")
    if made_by is not None and made_by != embedder.name:
        raise EmbedderMismatch(
            f"The index in {folder} was made by the embedder '{made_by}', not by "
            f"'{embedder.name}': set DATELINE_EMBEDDER back, or run 'dateline reindex'."
        )
    if database.get_meta("reindexing"):
        raise EmbedderMismatch(
            f"The index in {folder} is half made anew: run 'dateline reindex' again; "
            "it goes on where it was."
        )


def check_prompts(database: Database, folder: Path, embedder: Embedder) -> None:
    """Raises EmbedderMismatch if something else was put before the passages.

    Not done on opening: a model has to be loaded to be asked for its prompts.
    """
    passage = Prompts(**json.loads(database.get_meta("prompts") or "{}")).passage
    same = database.get_meta("embedder") == embedder.name
    if same and passage != embedder.prompts.passage:
        raise EmbedderMismatch(
            f"The index in {folder} was made with '{passage}' before each passage, now "
            f"'{embedder.name}' is given '{embedder.prompts.passage}': set "
            "DATELINE_PASSAGE_PROMPT back, or run 'dateline reindex'."
        )


def check_space(folder: Path) -> None:
    """Raises ArchiveError if the disk is nearly full."""
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE:
        raise ArchiveError(
            f"Only {free // 1_000_000} MB are free under {folder}: make room for at least "
            f"{MIN_FREE // 1_000_000} MB and ingest again; nothing was lost."
        )
