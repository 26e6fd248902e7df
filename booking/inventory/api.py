"""/api/v1/pools and /units: the catalogue as one may see it."""

from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response

from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.models import UNIT_KINDS, UNIT_STATES
from booking.inventory.queries.catalogue import Criteria, search_pools
from booking.inventory.queries.like import aspects_of, like_pools, likeness_of
from booking.inventory.queries.shown import pool_rows, units_in_pool, visible_unit
from booking.inventory.rules.facets import Chosen
from booking.inventory.rules.search import MOST_CHARACTERS, parse
from booking.policies.rules.values import PoolRules
from booking.reservations.queries.facts import visible_pool
from booking.reservations.rules.proposal import bounded_period
from booking.web.api.answers import answer, page_answer, page_of_items
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Id, Instant, Query, Text, Whole
from booking.web.api.sharing import SharedAnswer, shared_answer
from booking.web.login import actor
from booking.web.paging import COUNT_UP_TO, MOST_PER_PAGE, PER_PAGE, Page, page_of
from booking.web.problem import instant

blueprint = Blueprint("api_pools", __name__, "Find pools and their units.")


class Paged(Query):
    """Which page of a list."""

    page = Whole(least=1, load_default=1)
    per_page = Whole(least=1, most=MOST_PER_PAGE, load_default=PER_PAGE)


class PoolsWanted(Paged):
    """Words, and what to narrow by; both or neither of the two times."""

    q = Text(
        load_default="",
        metadata={"description": f"words, pinyin, numbers; {MOST_CHARACTERS} characters count"},
    )
    category = Text(most=20, metadata={"description": "code; those below it count"})
    site = Id()
    platform = Id()
    free_from = Instant(metadata={"description": "a unit is free and shared from then"})
    free_to = Instant(metadata={"description": "until then"})


class PoolAnswer(ma.Schema):
    """Units that may stand in for one another."""

    id = ma.fields.Integer()
    name_zh = ma.fields.String()
    name_en = ma.fields.String()
    manufacturer = ma.fields.String()
    model = ma.fields.String()
    category = ma.fields.String(allow_none=True)
    platform_id = ma.fields.Integer(allow_none=True)
    site_id = ma.fields.Integer()
    institution_id = ma.fields.Integer()
    lab_id = ma.fields.Integer()
    approval = ma.fields.String(metadata={"enum": ["manual", "auto"]})
    unit_count = ma.fields.Integer()
    in_service_count = ma.fields.Integer()
    next_free_at = ma.fields.DateTime(
        allow_none=True, metadata={"description": "about; ask /availability/next to be sure"}
    )


POOLS = page_answer(PoolAnswer)


class RulesAnswer(ma.Schema):
    """The rules that hold for a pool."""

    opening_hours = ma.fields.String(
        allow_none=True, metadata={"description": "“1 08:00-18:00;…”, 1 is Monday; null: always"}
    )
    granularity_minutes = ma.fields.Integer()
    min_minutes = ma.fields.Integer()
    max_minutes = ma.fields.Integer()
    horizon_days = ma.fields.Integer()
    warmup_minutes = ma.fields.Integer()
    cleanup_minutes = ma.fields.Integer()
    max_units = ma.fields.Integer()
    decide_within_hours = ma.fields.Integer()


class WholePoolAnswer(PoolAnswer):
    """A pool with its rules."""

    description = ma.fields.String()
    specifications = ma.fields.String(metadata={"description": "lines of “name: value”"})
    time_zone = ma.fields.String()
    rules = ma.fields.Nested(RulesAnswer)
    shared = ma.fields.Nested(SharedAnswer, allow_none=True)


class UnitAnswer(ma.Schema):
    """One thing that can be held."""

    id = ma.fields.Integer()
    pool_id = ma.fields.Integer()
    kind = ma.fields.String(metadata={"enum": list(UNIT_KINDS)})
    state = ma.fields.String(metadata={"enum": list(UNIT_STATES)})
    state_note = ma.fields.String()
    name = ma.fields.String()
    asset_no = ma.fields.String(allow_none=True)
    serial = ma.fields.String()
    room_id = ma.fields.Integer(allow_none=True)
    place = ma.fields.String()
    warmup_minutes = ma.fields.Integer()
    cleanup_minutes = ma.fields.Integer()
    customs_supervised = ma.fields.Boolean()
    calibration_due_on = ma.fields.Date(
        allow_none=True, metadata={"description": "the last day it can be used without"}
    )


@blueprint.operation("/pools", scope="read")
@blueprint.arguments(PoolsWanted(), location="query")
@blueprint.response(200, POOLS)
def index(query: dict[str, Any]) -> Response:
    """Find pools: exact numbers first, then names, other words, pinyin; then soonest free."""
    now = clock.now()
    ids = _found(actor(), query, now)
    number, per_page = query["page"], query["per_page"]
    shown = ids[(number - 1) * per_page : number * per_page]
    total = len(ids) if len(ids) <= COUNT_UP_TO else None
    page: Page[Any] = Page(shown, number, per_page, total, has_more=number * per_page < len(ids))
    return page_of_items(page, [_pool(row, now) for row in pool_rows(db.session(), shown)])


@blueprint.operation("/pools/<id:pool_id>", scope="read", errors=(404,))
@blueprint.response(200, WholePoolAnswer)
def show(pool_id: int) -> Response:
    """Show one pool with its rules."""
    now = clock.now()
    facts = visible_pool(db.session(), actor(), pool_id, now)
    [row] = pool_rows(db.session(), [pool_id])
    return answer(
        {
            **_pool(row, now),
            "description": row.description,
            "specifications": row.specifications,
            "time_zone": facts.zone.key,
            "rules": _rules(facts.rules),
            "shared": shared_answer(facts.sharing, clock.now()),
        }
    )


class LikeWanted(Paged):
    """In what pools must be like one; both or neither of the two times."""

    same = Text(
        load_default="category", most=60,
        metadata={"description": "words of category, model, specifications; comma between"},
    )  # fmt: skip
    free_from = Instant(metadata={"description": "a unit is free and shared from then"})
    free_to = Instant(metadata={"description": "until then"})


@blueprint.operation("/pools/<id:pool_id>/like", scope="read", errors=(404,))
@blueprint.arguments(LikeWanted(), location="query")
@blueprint.response(200, POOLS)
def like(query: dict[str, Any], pool_id: int) -> Response:
    """List the pools like one, at any site, soonest free first."""
    now, session = clock.now(), db.session()
    visible_pool(session, actor(), pool_id, now)
    likeness = likeness_of(session, pool_id, aspects_of(query["same"], "same"))
    ids = like_pools(session, actor(), pool_id, likeness, now, _wanted_time(query))
    number, per_page = query["page"], query["per_page"]
    shown = ids[(number - 1) * per_page : number * per_page]
    page: Page[Any] = Page(shown, number, per_page, len(ids), has_more=number * per_page < len(ids))
    return page_of_items(page, [_pool(row, now) for row in pool_rows(session, shown)])


@blueprint.operation("/pools/<id:pool_id>/units", scope="read", errors=(404,))
@blueprint.arguments(Paged(), location="query")
@blueprint.response(200, page_answer(UnitAnswer))
def units(query: dict[str, Any], pool_id: int) -> Response:
    """List the units of a pool by id, without retired ones."""
    visible_pool(db.session(), actor(), pool_id, clock.now())
    page = page_of(db.session(), units_in_pool(pool_id), query["page"], query["per_page"])
    return page_of_items(page, [_unit(row) for row in page.items])


@blueprint.operation("/units/<id:unit_id>", scope="read", errors=(404,))
@blueprint.response(200, UnitAnswer)
def unit(unit_id: int) -> Response:
    """Show one unit."""
    return answer(_unit(visible_unit(db.session(), actor(), unit_id, clock.now())))


def _found(who: Actor, query: dict[str, Any], now: datetime) -> list[int]:
    """Return the ids of all pools found, best first."""
    chosen = Chosen(
        categories=frozenset(filter(None, [query.get("category")])),
        platforms=frozenset(filter(None, [query.get("platform")])),
        sites=frozenset(filter(None, [query.get("site")])),
    )
    criteria = Criteria(parse(query["q"]), chosen, _wanted_time(query))
    return list(search_pools(db.session(), who, criteria, now, per_page=0).pool_ids)


def _wanted_time(query: dict[str, Any]) -> Period | None:
    start, end = query.get("free_from"), query.get("free_to")
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise Invalid("required", field="free_from" if start is None else "free_to")
    return bounded_period(start, end)


def _pool(row: Any, now: datetime) -> dict[str, Any]:
    free_at = row.next_free_at
    return {
        "id": row.id,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "manufacturer": row.manufacturer,
        "model": row.model,
        "category": row.category_code,
        "platform_id": row.platform_id,
        "site_id": row.site_id,
        "institution_id": row.institution_id,
        "lab_id": row.lab_id,
        "approval": row.approval,
        "unit_count": row.unit_count,
        "in_service_count": row.in_service_count,
        "next_free_at": instant(max(free_at, now)) if free_at is not None else None,
    }


def _rules(rules: PoolRules) -> dict[str, Any]:
    hours = rules.opening_hours.value
    return {
        "opening_hours": hours.text if hours is not None else None,
        "granularity_minutes": rules.granularity_minutes.value,
        "min_minutes": rules.min_minutes.value,
        "max_minutes": rules.max_minutes.value,
        "horizon_days": rules.horizon_days.value,
        "warmup_minutes": rules.warmup_minutes.value,
        "cleanup_minutes": rules.cleanup_minutes.value,
        "max_units": rules.max_units.value,
        "decide_within_hours": rules.decide_within_hours.value,
    }


def _unit(row: Any) -> dict[str, Any]:
    return {**row._mapping, "customs_supervised": bool(row.customs_supervised)}
