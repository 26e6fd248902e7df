"""Keeping what is added up: a day is written anew as a whole, so doing it twice is harmless."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Delete, Table, delete, func, insert, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.infra.db import Base, is_postgresql, run
from booking.usage.models import (
    FIGURES,
    KINDS,
    UsageHours,
    UsageLate,
    UsageState,
    UsageSum,
    UsageUnit,
)
from booking.usage.queries.days import Park, span_of
from booking.usage.rules.days import PoolSums, Sums
from booking.usage.rules.vectors import packed

Day = Mapping[int, PoolSums]
Key = tuple[str, str, int]  # kind, item, company or 0
Row = tuple[Any, ...]
# One builder at a time: two would both delete a day and both write it.
_ALONE = text("SELECT pg_advisory_xact_lock(5, 0)")


def write_day(session: Session, park: Park, day: date, sums: Day) -> None:
    """Write a local day anew: of each pool, and of whatever pools are counted in."""
    _alone(session)
    stamp = day.isoformat()
    run(session, _delete_sums(0, stamp))
    run(session, delete(UsageUnit).where(UsageUnit.day == stamp))
    wholes = _gathered(park, sums)
    _insert(session, UsageSum, _sum_rows(wholes, stamp))
    _insert(session, UsageHours, _hour_rows(wholes, stamp))
    _insert(session, UsageUnit, _unit_rows(sums, stamp))


def write_month(session: Session, month: date) -> None:
    """Write the sums of a month anew from those of its days."""
    _alone(session)
    first, stamp = month.replace(day=1).isoformat(), month.isoformat()[:7]
    run(session, _delete_sums(1, first))
    keys = (UsageSum.kind, UsageSum.company_id, UsageSum.item)
    sums = [func.sum(getattr(UsageSum, name)) for name in FIGURES]
    whole = (
        select(*keys, literal(1), literal(first), *sums)
        .where(UsageSum.kind.in_(KINDS), UsageSum.whole_month == 0)
        .where(UsageSum.first_day.between(f"{stamp}-01", f"{stamp}-31"))
        .group_by(*keys)
    )
    columns = ["kind", "company_id", "item", "whole_month", "first_day", *FIGURES]
    run(session, insert(UsageSum).from_select(columns, whole))


def keep_state(
    session: Session, park: Park, first: date, last: date, late: Collection[int], now: datetime
) -> None:
    """Note which days are kept by now, and forget the late changes that are in them."""
    values = {
        "first_day": first.isoformat(), "last_day": last.isoformat(),
        "until_at": span_of(park.zones, last).end, "built_at": now,
    }  # fmt: skip
    row = session.get(UsageState, 1)
    if row is None:
        session.add(UsageState(id=1, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    if late:
        run(session, delete(UsageLate).where(UsageLate.id.in_(sorted(late))))


def _delete_sums(whole_month: int, first_day: str) -> Delete:
    # With its kinds, so that each is a step of the key.
    of_it = (UsageSum.whole_month == whole_month, UsageSum.first_day == first_day)
    return delete(UsageSum).where(UsageSum.kind.in_(KINDS), *of_it)


def _alone(session: Session) -> None:
    if is_postgresql(session):
        run(session, _ALONE)


def _gathered(park: Park, sums: Day) -> dict[Key, Sums]:
    wholes: dict[Key, Sums] = {}
    for pool_id, pool in sums.items():
        for kind, item in park.items[pool_id]:
            if kind == "pool":
                wholes[kind, item, 0] = pool.whole
                continue  # whose use it was: in `usage_unit`
            _sums(wholes, (kind, item, 0)).take(pool.whole)
            for company_id, of_company in pool.companies.items():
                if company_id:
                    _sums(wholes, (kind, item, company_id)).take(of_company)
    return wholes


def _sums(wholes: dict[Key, Sums], key: Key) -> Sums:
    found = wholes.get(key)
    if found is None:
        found = wholes[key] = Sums()
    return found


def _sum_rows(wholes: Mapping[Key, Sums], stamp: str) -> Iterator[Row]:
    for (kind, item, company_id), s in sorted(wholes.items(), key=_place):
        yield (kind, 0, stamp, item, company_id, s.unit_days, s.open, s.used_open, s.used,
               s.external, s.reservations, s.no_shows)  # fmt: skip


def _hour_rows(wholes: Mapping[Key, Sums], stamp: str) -> Iterator[Row]:
    for (kind, item, company_id), sums in sorted(wholes.items(), key=_place):
        if not company_id:
            yield kind, item, stamp, packed(sums.used_hours), packed(sums.open_hours)


def _unit_rows(sums: Day, stamp: str) -> Iterator[Row]:
    units = [(*key, used) for pool in sums.values() for key, used in pool.units.items()]
    for unit_id, company_id, used in sorted(units):
        yield unit_id, stamp, company_id, used


def _place(entry: tuple[Key, Sums]) -> Key:
    return entry[0]


def _insert(session: Session, model: type[Base], rows: Iterable[Row]) -> None:
    """Write rows in the order of the model's columns."""
    table = cast(Table, model.__table__)
    names = [column.name for column in table.columns]
    values = [dict(zip(names, row, strict=True)) for row in rows]
    if not values:
        return
    statement = (postgresql if is_postgresql(session) else sqlite).insert(table)
    if model is UsageHours:
        # Of each item there is a row each day: written over, as a day's rows lie far apart.
        keys = [column.name for column in table.primary_key]
        new = {"used": statement.excluded.used, "open": statement.excluded.open}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=new)
    run(session, statement, values)
