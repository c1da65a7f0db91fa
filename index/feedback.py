"""What readers said of answers, in SQL beside the articles. Part of its caller's transaction.

The content is the service's to write and to read. What is said again of the same question takes the
place of what was said before, under a new number: so a number stands for one content for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sql

from index.tables import feedback


@dataclass(frozen=True, slots=True)
class Kept:
    """What was said last of one question."""

    number: int  # rises with time
    id: str  # of the question
    content: str
    drafted: bool  # whether it has been handed over as a draft of a case


def put(connection: sql.Connection, id: str, content: str) -> None:
    """Keep it in place of what was said before of the same question."""
    connection.execute(sql.delete(feedback).where(feedback.c.id == id))
    connection.execute(sql.insert(feedback).values(id=id, content=content, drafted=False))


def kept(connection: sql.Connection) -> list[Kept]:
    """All there is, the newest first."""
    query = sql.select(feedback).order_by(feedback.c.number.desc())
    return [Kept(**row._mapping) for row in connection.execute(query)]


def mark(connection: sql.Connection, numbers: Sequence[int]) -> None:
    """Note that these have been handed over."""
    these = feedback.c.number.in_(numbers)
    connection.execute(sql.update(feedback).where(these).values(drafted=True))
