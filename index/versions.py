"""What articles said before they changed, in SQL.

The newest version of an article stands in `articles` and is all that is searched; here lie the
earlier ones, so that whoever was answered from one of them can still read it. Every function with
a connection is part of its caller's transaction.
"""

from dataclasses import replace

import sqlalchemy as sql

from index.articles import from_row, get, to_row
from index.schema import Article
from index.tables import versions as table


def successor(new: Article, old: Article) -> Article:
    """What is to be stored in place of `old`: its very text, if only white space is different.

    So a place in the text stays what it is as long as the version does.
    """
    if [new.title.split(), new.text.split()] != [old.title.split(), old.text.split()]:
        return new
    return replace(new, title=old.title, text=old.text, fetched=old.fetched)


def keep(connection: sql.Connection, new: Article) -> None:
    """Put aside the version that the article has, unless the new one says the same."""
    old = get(connection, new.id)
    if old is None or old.version == new.version:
        return
    kept = {name: value for name, value in to_row(old).items() if name in table.columns}
    connection.execute(sql.insert(table).values(**kept, version=old.version))


def earlier(connection: sql.Connection, article_id: str) -> list[Article]:
    """The versions before the present one, newest first."""
    query = sql.select(table).where(table.c.id == article_id).order_by(table.c.number.desc())
    return [from_row(row) for row in connection.execute(query)]


def forget(connection: sql.Connection, article_id: str) -> None:
    """Remove the earlier versions."""
    connection.execute(sql.delete(table).where(table.c.id == article_id))
