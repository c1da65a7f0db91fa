"""Visits to addresses in SQL. Every function is part of its caller's transaction."""

from dataclasses import replace
from datetime import UTC
from hashlib import blake2b
from typing import Any

import sqlalchemy as sql

from index.schema import Visit
from index.tables import universal
from index.tables import visits as table


def last(connection: sql.Connection, address: str) -> Visit | None:
    """What was noted of the address at its last visit."""
    query = sql.select(table).where(table.c.address.in_((address, _mark(address))))
    found = [_visit(row) for row in connection.execute(query)]
    latest = max(found, key=lambda visit: visit.checked, default=None)
    return latest and replace(latest, address=address)


def forget(connection: sql.Connection, key: str) -> None:
    """Leave of the visits that led to this article only marks that tell nothing of it.

    They keep feeds and watched folders from bringing back what was deleted.
    """
    file = f"file:{key}"
    led = sql.or_(table.c.key == key, table.c.address == file)
    for visit in map(_visit, connection.execute(sql.select(table).where(led)).all()):
        connection.execute(sql.delete(table).where(table.c.address == visit.address))
        stamp = visit.etag if visit.address == file else None  # size and time: no page's own words
        note(connection, Visit(_mark(visit.address), visit.checked, etag=stamp))


def note(connection: sql.Connection, visit: Visit) -> None:
    """Remember a visit in place of earlier ones to its address."""
    row = {column.name: getattr(visit, column.name) for column in table.columns}
    row["checked"] = universal(visit.checked)
    earlier = table.c.address.in_((visit.address, _mark(visit.address)))
    connection.execute(sql.delete(table).where(earlier))
    connection.execute(sql.insert(table).values(row))


def _visit(row: sql.Row[Any]) -> Visit:
    return Visit(**{**row._mapping, "checked": row.checked.replace(tzinfo=UTC)})


def _mark(address: str) -> str:
    return "deleted:" + blake2b(address.encode("utf-8", "replace"), digest_size=16).hexdigest()
