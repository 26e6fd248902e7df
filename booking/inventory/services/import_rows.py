"""Writing a plan: places, pools, agreements, units; a handful of statements whatever the size."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from booking.companies.models import Lab, Site
from booking.core.local import midnight
from booking.inventory.models import Contribution, Pool, Unit
from booking.inventory.rules.plan import (
    CHANGED,
    NEW,
    NO_LAB,
    NO_LAB_EN,
    UNCHANGED,
    Place,
    Plan,
    PlannedPool,
    PlannedUnit,
)
from booking.inventory.rules.reading import Options
from booking.inventory.services.buffers import inherit_buffers

_POOLS = cast(Table, Pool.__table__)
_UNITS = cast(Table, Unit.__table__)
_CONTRIBUTIONS = cast(Table, Contribution.__table__)


def _site_ids(session: Session, plan: Plan) -> dict[str, int]:
    """Return place key → site id for all pools of the plan, new sites created."""
    rows = [Site(name_zh=name) for name in plan.new_sites]
    return _ids(session, (pool.site for pool in plan.pools), rows)


def _lab_ids(session: Session, plan: Plan, institution_id: int) -> dict[str, int]:
    rows = [
        Lab(
            institution_id=institution_id,
            name_zh=name,
            name_en=NO_LAB_EN if name == NO_LAB else "",
        )
        for name in plan.new_labs
    ]
    return _ids(session, (pool.lab for pool in plan.pools), rows)


def _ids(session: Session, places: Iterable[Place], rows: Sequence[Site | Lab]) -> dict[str, int]:
    session.add_all(rows)
    session.flush()
    created = {row.name_zh: row.id for row in rows}
    return {p.key: p.id if p.id is not None else created[p.name] for p in places}


# --- pools ---------------------------------------------------------------------------


def write_pools(
    session: Session, plan: Plan, institution_id: int, options: Options, now: datetime
) -> list[int]:
    """Return the id of each planned pool, new ones created, taken-over ones rewritten."""
    sites, labs = _site_ids(session, plan), _lab_ids(session, plan, institution_id)
    values = [_pool_values(pool, sites, labs) for pool in plan.pools]
    fresh = [i for i, pool in enumerate(plan.pools) if pool.pool_id is None]
    common = {"institution_id": institution_id, "created_at": now, "approval": "manual"}
    ids = _insert_pools(session, [{**values[i], **common, "search_text": ""} for i in fresh])
    pool_ids = [pool.pool_id or 0 for pool in plan.pools]
    for index, pool_id in zip(fresh, ids, strict=True):
        pool_ids[index] = pool_id
    changed = {unit.pool for unit in plan.units if unit.status != UNCHANGED}
    for index in sorted(changed):
        if plan.pools[index].takes_over:
            _rewrite_pool(session, pool_ids[index], values[index], plan.fields)
    inherit_buffers(session, pool_ids)
    if options.shares:
        _share(session, {pool_ids[i]: values[i]["site_id"] for i in fresh}, options, now)
    return pool_ids


def _pool_values(
    pool: PlannedPool, sites: Mapping[str, int], labs: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "lab_id": labs[pool.lab.key],
        "site_id": sites[pool.site.key],
        "category_code": pool.category_code,
        "name_zh": pool.first.name,
        "name_en": pool.first.name_en,
        "manufacturer": pool.first.manufacturer,
        "model": pool.first.model,
        "description": pool.first.description,
        "specifications": pool.first.specifications,
    }


def _insert_pools(session: Session, rows: list[dict[str, Any]]) -> Sequence[int]:
    if not rows:
        return []
    statement = insert(_POOLS).returning(_POOLS.c.id, sort_by_parameter_order=True)
    return session.scalars(statement, rows).all()


def _rewrite_pool(
    session: Session, pool_id: int, values: Mapping[str, Any], fields: frozenset[str]
) -> None:
    """Give a pool the file's texts, but keep what the file has no column for."""
    columns = {"category": "category_code"} | {
        name: name for name in ("name_en", "manufacturer", "model", "description", "specifications")
    }
    said = {columns[name]: values[columns[name]] for name in fields if name in columns}
    always = {name: values[name] for name in ("site_id", "lab_id", "name_zh")}
    session.execute(update(_POOLS).where(_POOLS.c.id == pool_id).values(**always, **said))


def _share(
    session: Session, site_of_pool: Mapping[int, int], options: Options, now: datetime
) -> None:
    """Open an agreement for each pool, from the first to the last day in its site's zone."""
    if not site_of_pool:
        return
    query = select(Site.id, Site.time_zone).where(Site.id.in_(set(site_of_pool.values())))
    zones = {site_id: ZoneInfo(zone) for site_id, zone in session.execute(query)}
    rows = []
    for pool_id, site_id in site_of_pool.items():
        zone, last = zones[site_id], options.share_until
        rows.append(
            {
                "pool_id": pool_id,
                "from_at": midnight(options.share_from, zone) if options.share_from else now,
                "until_at": midnight(last + timedelta(days=1), zone) if last else None,
                "revenue_share_percent": 0,
                "owner_priority_hours": 0,
            }
        )
    session.execute(insert(_CONTRIBUTIONS), rows)


# --- units ---------------------------------------------------------------------------


def insert_units(
    session: Session, plan: Plan, institution_id: int, pool_ids: Sequence[int], now: datetime
) -> None:
    rows = [
        {
            **_unit_values(unit),
            "pool_id": pool_ids[unit.pool],
            "institution_id": institution_id,
            "state": unit.state or "in_service",
            "created_at": now,
            "retired_at": now if unit.state == "retired" else None,
        }
        for unit in plan.units
        if unit.status == NEW
    ]
    if rows:
        session.execute(insert(_UNITS), rows)


# field of a sheet -> columns of a unit; what is not here belongs to the pool
_COLUMNS = {
    "asset_no": ("asset_no",),
    "serial": ("serial",),
    "kind": ("kind",),
    "place": ("place",),
    "customs": ("customs_supervised",),
    "value": ("original_value_fen",),
    "commissioned_on": ("commissioned_on",),
    "state": ("state", "state_note"),
}


def _unit_values(unit: PlannedUnit) -> dict[str, Any]:
    row = unit.row
    return {
        "kind": row.kind,
        "state": unit.state,
        "state_note": row.state_note,
        "asset_no": row.asset_no,
        "serial": row.serial,
        "name": row.name,
        "place": row.place,
        "customs_supervised": int(row.customs),
        "original_value_fen": row.value_fen,
        "commissioned_on": row.commissioned_on,
        "import_key": unit.key,
        "import_hash": unit.content_hash,
    }


def update_units(session: Session, plan: Plan) -> None:
    """Write the changed rows; what the file has no column for stays as it is."""
    changed = [unit for unit in plan.units if unit.status == CHANGED]
    if not changed:
        return
    columns = {column for name in plan.fields for column in _COLUMNS.get(name, ())}
    columns |= {"name", "import_key", "import_hash"}
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in sorted(columns)}
    for name in ("asset_no", "state"):  # never erased by a file
        if name in values:
            values[name] = func.coalesce(values[name], _UNITS.c[name])
    statement = update(_UNITS).where(_UNITS.c.id == bindparam("key")).values(values)
    rows = [
        {
            "key": unit.unit_id,
            **{f"new_{k}": v for k, v in _unit_values(unit).items() if k in columns},
        }
        for unit in changed
    ]
    # On the connection, as Core: the ORM would look for primary keys in the parameters.
    session.connection().execute(statement, rows)
