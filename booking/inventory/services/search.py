"""Keeps what pools are found by: `pool.search_text` and the words corrections are chosen from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from booking.companies.models import Building, Institution, Lab, Room, Site
from booking.infra.db import is_postgresql
from booking.infra.pinyin import spellings
from booking.inventory.models import Category, Platform, Pool, SearchWord, Unit
from booking.inventory.rules.search import Entry, latin_words, search_text

CHUNK = 500


def refresh_search(session: Session, pool_ids: Sequence[int] | None) -> int:
    """Return how many pools' texts changed; None means all pools.

    Call it in the transaction that changed a pool, its units or a name it is found by (category,
    platform, site, lab, institution, building, room). Does not commit. Retired units are left out.
    Two queries per 500 pools, one executemany for the texts and one for the words.
    """
    session.flush()
    changed: dict[int, str] = {}
    words: Counter[str] = Counter()
    for chunk in _chunks(pool_ids):
        places = _units(session, chunk)
        for row in session.execute(_pools(chunk)):
            text = search_text(_entry(row, places.get(row.id, [])))
            if text != row.search_text:
                changed[row.id] = text
                words.update(latin_words(text))
                words.subtract(latin_words(row.search_text))
    if changed:
        _store(session, changed)
        _count_words(session, words)
    return len(changed)


def _chunks(pool_ids: Sequence[int] | None) -> Iterator[list[int] | None]:
    if pool_ids is None:
        yield None
        return
    ordered = sorted(set(pool_ids))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _pools(pool_ids: list[int] | None) -> Select[*tuple[Any, ...]]:
    parent, top = aliased(Category), aliased(Category)
    query: Select[*tuple[Any, ...]] = (
        select(
            Pool.id, Pool.name_zh, Pool.name_en, Pool.model, Pool.manufacturer, Pool.search_text,
            Category.name_zh.label("c1"), Category.name_en.label("c2"),
            parent.name_zh.label("c3"), parent.name_en.label("c4"),
            top.name_zh.label("c5"), top.name_en.label("c6"),
            Platform.name_zh.label("p1"), Platform.name_en.label("p2"),
            Lab.name_zh.label("l1"), Lab.name_en.label("l2"),
            Site.name_zh.label("s1"), Site.name_en.label("s2"),
            Institution.name_zh.label("i1"), Institution.name_en.label("i2"),
        )
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .join(Institution, Institution.id == Pool.institution_id)
        .outerjoin(Category, Category.code == Pool.category_code)
        .outerjoin(parent, parent.code == Category.parent_code)
        .outerjoin(top, top.code == parent.parent_code)
        .outerjoin(Platform, Platform.id == Pool.platform_id)
        .order_by(Pool.id)
    )  # fmt: skip
    return query if pool_ids is None else query.where(Pool.id.in_(pool_ids))


def _units(session: Session, pool_ids: list[int] | None) -> dict[int, list[Any]]:
    query = (
        select(
            Unit.pool_id, Unit.asset_no, Unit.serial, Unit.name, Unit.place,
            Room.name.label("room"), Building.name_zh, Building.name_en,
        )
        .outerjoin(Room, Room.id == Unit.room_id)
        .outerjoin(Building, Building.id == Room.building_id)
        .where(Unit.retired_at.is_(None))
        .order_by(Unit.pool_id, Unit.id)
    )  # fmt: skip
    if pool_ids is not None:
        query = query.where(Unit.pool_id.in_(pool_ids))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        found[row.pool_id].append(row)
    return found


def _entry(pool: Any, units: Iterable[Any]) -> Entry:
    words = [pool.model, pool.manufacturer, *pool[6:]]
    codes = [pool.model]
    unit_names = []
    for unit in units:
        codes += (unit.asset_no or "", unit.serial)
        unit_names.append(unit.name)
        words += (unit.place, unit.room or "", unit.name_zh or "", unit.name_en or "")
    return Entry(
        names=[pool.name_zh, pool.name_en, *unit_names],
        words=[word for word in words if word],
        codes=codes,
        spoken=[*spellings(pool.name_zh), *spellings(pool.manufacturer)],
    )


def _store(session: Session, texts: dict[int, str]) -> None:
    # On the connection, as Core: an ORM update of 1,500 pools takes four times as long.
    statement = update(Pool).where(Pool.id == bindparam("key")).values(search_text=bindparam("new"))
    rows = [{"key": pool_id, "new": text} for pool_id, text in sorted(texts.items())]
    session.connection().execute(statement, rows)


def _count_words(session: Session, changes: Counter[str]) -> None:
    """Add `changes` to the uses of each word, in word order so that two writers cannot deadlock."""
    rows = [{"word": word, "uses": by} for word, by in sorted(changes.items()) if by]
    if not rows:
        return
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    added = insert(SearchWord)
    statement = added.on_conflict_do_update(
        index_elements=[SearchWord.word],
        set_={"uses": SearchWord.uses + added.excluded.uses},
    )
    session.connection().execute(statement, rows)
    session.connection().execute(delete(SearchWord).where(SearchWord.uses <= 0))
