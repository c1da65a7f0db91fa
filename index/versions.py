"""What articles said before they changed, in SQL.

The newest version of an article stands in `articles` and is all that is searched; here lie the
earlier ones, so that whoever was answered from one of them can still read it: the first, the last
few, and every one that an answer cites. A live blog would otherwise fill the disk. Every function
with a connection is part of its caller's transaction.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sql

from index.articles import from_row, get, to_row
from index.schema import Article
from index.tables import articles, cited, universal
from index.tables import versions as table


def successor(new: Article, old: Article) -> Article:
    """What is to be stored in place of `old`: its very text, if only white space is different.

    So a place in the text stays what it is as long as the version does.
    """
    if [new.title.split(), new.text.split()] != [old.title.split(), old.text.split()]:
        return new
    return replace(new, title=old.title, text=old.text, fetched=old.fetched)


def keep(connection: sql.Connection, new: Article, most: int, since: datetime) -> None:
    """Put aside the version that the article has, unless the new one says the same.

    most: how many are kept beside the first and those that are cited; since: when it began to be
    noted which these are. What came in before stays.
    """
    old = get(connection, new.id)
    if old is None or old.version == new.version:
        return
    kept = {name: value for name, value in to_row(old).items() if name in table.columns}
    connection.execute(sql.insert(table).values(**kept, version=old.version))
    own = table.c.id == new.id
    last = sql.select(table.c.number).where(own).order_by(table.c.number.desc()).limit(most)
    first = sql.select(sql.func.min(table.c.number)).where(own)
    held = sql.select(cited.c.version).where(cited.c.article_id == new.id)
    spared = table.c.number.in_(last) | table.c.number.in_(first) | table.c.version.in_(held)
    late = table.c.fetched >= universal(since)
    connection.execute(sql.delete(table).where(own & late & ~spared))


def cite(connection: sql.Connection, each: Iterable[Article]) -> None:
    """Note that an answer rests on these articles as they read in their versions."""
    for article in each:
        row = sql.select(articles.c.id, sql.literal(article.version)).where(
            articles.c.id == article.id  # it may be deleted by now
        )
        noted = sql.insert(cited).prefix_with("OR IGNORE")
        connection.execute(noted.from_select(["article_id", "version"], row))


def earlier(connection: sql.Connection, article_id: str) -> list[Article]:
    """The versions before the present one, newest first."""
    query = sql.select(table).where(table.c.id == article_id).order_by(table.c.number.desc())
    return [from_row(row) for row in connection.execute(query)]


def forget(connection: sql.Connection, article_id: str) -> None:
    """Remove the earlier versions."""
    connection.execute(sql.delete(table).where(table.c.id == article_id))
    connection.execute(sql.delete(cited).where(cited.c.article_id == article_id))
