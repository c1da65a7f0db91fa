"""Visits to addresses in SQL. Every function is part of its caller's transaction."""

from datetime import UTC

import sqlalchemy as sql

from index.schema import Visit
from index.tables import universal
from index.tables import visits as table


def last(connection: sql.Connection, address: str) -> Visit | None:
    """What was noted of the address at its last visit."""
    query = sql.select(table).where(table.c.address == address)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Visit(**{**row._mapping, "checked": row.checked.replace(tzinfo=UTC)})


def note(connection: sql.Connection, visit: Visit) -> None:
    """Remember a visit in place of earlier ones to its address."""
    row = {column.name: getattr(visit, column.name) for column in table.columns}
    row["checked"] = universal(visit.checked)
    connection.execute(sql.delete(table).where(table.c.address == visit.address))
    connection.execute(sql.insert(table).values(row))
