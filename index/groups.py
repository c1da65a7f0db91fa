"""Groups of copies in SQL, beside the articles. Every function is part of its caller's transaction.

Two articles are in one group if they are copies, or if copies of copies lead from one to the
other: so the groups depend on what is stored, never on the order in which it came. A group goes by
the smallest id in it; an article without copies is a group by itself.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import sqlalchemy as sql

from index import copies
from index.articles import from_row
from index.copies import Sketch
from index.schema import Article, Copy
from index.tables import ASKED, articles, asked, bands, pages, sketches

_GROUPS = sql.select(sketches.c.article_id, sketches.c.group_id).join_from(
    ASKED, sketches, sketches.c.article_id == ASKED.c.value
)
_SHARED = (  # groups of more than the one article that they go by
    sql.select(sketches.c.group_id)
    .join_from(ASKED, sketches, sketches.c.group_id == ASKED.c.value)
    .where(sketches.c.article_id != sketches.c.group_id)
    .distinct()
)


def join(connection: sql.Connection, article: Article) -> None:
    """Put the article, new or changed, into the group where it belongs."""
    new, old = copies.sketch(article), _load(connection, article.id)
    if old and old.outlet == new.outlet and np.array_equal(old.shingles, new.shingles):
        return
    leave(connection, article.id)
    row = {"article_id": article.id, "group_id": article.id, "outlet": new.outlet}
    connection.execute(sql.insert(sketches).values(**row, shingles=new.shingles.tobytes()))
    if rows := [{"band": n, "article_id": article.id} for n in copies.bands(new.shingles)]:
        connection.execute(sql.insert(bands), rows)
        _link(connection, article.id)


def leave(connection: sql.Connection, article_id: str) -> None:
    """Take the article out of its group, which may fall apart without it."""
    old = _load(connection, article_id)
    if old is None:
        return
    in_group = sketches.c.group_id == _group(connection, article_id)
    its_bands = bands.c.band.in_(copies.bands(old.shingles))
    connection.execute(sql.delete(bands).where(its_bands, bands.c.article_id == article_id))
    connection.execute(sql.delete(sketches).where(sketches.c.article_id == article_id))
    columns = (sketches.c.article_id, sketches.c.shingles, sketches.c.outlet)
    rows = connection.execute(sql.select(*columns).where(in_group))
    rest = {i: _sketch(shingles, outlet) for i, shingles, outlet in rows}
    if regrouped := [{"i": i, "group": min(part)} for part in copies.parts(rest) for i in part]:
        one = sketches.c.article_id == sql.bindparam("i")
        changed = sql.update(sketches).where(one).values(group_id=sql.bindparam("group"))
        connection.execute(changed, regrouped)


def clear(connection: sql.Connection) -> None:
    """Forget all groups."""
    connection.execute(sql.delete(bands))
    connection.execute(sql.delete(sketches))


def of(connection: sql.Connection, article_ids: Sequence[str]) -> dict[str, str]:
    """The group of each article, by the article's id."""
    rows = connection.execute(_GROUPS, asked(article_ids)).all()
    return {article_id: group for article_id, group in rows}


def beside(
    connection: sql.Connection, article_ids: Sequence[str]
) -> dict[str, tuple[str, tuple[Copy, ...]]]:
    """For each article its group and the others in it, earliest first, undated last."""
    group_of = of(connection, list(dict.fromkeys(article_ids)))
    distinct = list(dict.fromkeys(group_of.values()))
    shared = list(connection.execute(_SHARED, asked(distinct)).scalars())
    members: dict[str, list[Copy]] = {}
    for page in pages(shared):
        for group, copy in _members(connection, page):
            members.setdefault(group, []).append(copy)
    return {
        i: (group, tuple(copy for copy in members.get(group, ()) if copy.id != i))
        for i, group in group_of.items()
    }


def without(connection: sql.Connection, limit: int) -> list[Article]:
    """At most `limit` of the articles that are in no group."""
    none, own = sketches.c.article_id.is_(None), sketches.c.article_id == articles.c.id
    query = sql.select(articles).outerjoin(sketches, own).where(none).limit(limit)
    return [from_row(row) for row in connection.execute(query)]


def _members(connection: sql.Connection, page: Sequence[str]) -> Iterator[tuple[str, Copy]]:
    columns = ("id", "name", "title", "outlet", "published", "published_as")
    query = (
        sql.select(sketches.c.group_id, *(articles.c[name] for name in columns))
        .join_from(sketches, articles, sketches.c.article_id == articles.c.id)
        .where(sketches.c.group_id.in_(page))
        .order_by(articles.c.published.nulls_last(), articles.c.name, articles.c.id)
    )
    for group, *values in connection.execute(query):
        yield group, Copy(**dict(zip(columns, values, strict=True)))


def _link(connection: sql.Connection, article_id: str) -> None:
    """Make one group of the article's and of all those that hold a copy of it."""
    own = _load(connection, article_id)
    assert own is not None, "it has just been stored"
    groups = {_group(connection, article_id)}
    for group, candidate in _candidates(connection, own):
        if group not in groups and copies.alike(own, candidate):  # one copy in a group is enough
            groups.add(group)
    if len(groups) > 1:
        merged = sql.update(sketches).where(sketches.c.group_id.in_(groups))
        connection.execute(merged.values(group_id=min(groups)))


def _candidates(connection: sql.Connection, own: Sketch) -> Iterator[tuple[str, Sketch]]:
    """What may be copies, each with the group that it is in."""
    shared = bands.c.band.in_(copies.bands(own.shingles))
    columns = (sketches.c.group_id, sketches.c.shingles, sketches.c.outlet)
    of_these = sketches.c.article_id.in_(sql.select(bands.c.article_id).where(shared))
    for group, shingles, outlet in connection.execute(sql.select(*columns).where(of_these)):
        yield group, _sketch(shingles, outlet)


def _group(connection: sql.Connection, article_id: str) -> str:
    query = sql.select(sketches.c.group_id).where(sketches.c.article_id == article_id)
    return str(connection.execute(query).scalar_one())


def _load(connection: sql.Connection, article_id: str) -> Sketch | None:
    columns = (sketches.c.shingles, sketches.c.outlet)
    query = sql.select(*columns).where(sketches.c.article_id == article_id)
    row = connection.execute(query).one_or_none()
    return _sketch(row.shingles, row.outlet) if row else None


def _sketch(shingles: bytes, outlet: str) -> Sketch:
    return Sketch(np.frombuffer(shingles, np.uint32), outlet)
