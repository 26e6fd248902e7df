"""Pools, units and contributions of the demo park, written in bulk."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.demo.rules.park import PoolPlan
from booking.demo.rules.words import LABS, STATES
from booking.demo.services.places import Places, insert_ids
from booking.inventory.models import Contribution, Pool, Unit

SHARED_SINCE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Stock:
    """Ids of pools, and of their units, by position in the plan."""

    pools: list[int]
    units: list[list[int]]


def build_stock(
    session: Session, rng: random.Random, plans: Sequence[PoolPlan], places: Places, now: datetime
) -> Stock:
    """Return the inventory, written: pools, their agreements, their units."""
    pools = insert_ids(session, Pool, [_pool(plan, places, now) for plan in plans])
    shared = [
        {
            "pool_id": pool, "from_at": now - SHARED_SINCE, "until_at": None,
            "shared_hours": plan.shared, "revenue_share_percent": 70, "owner_priority_hours": 24,
        }
        for pool, plan in zip(pools, plans, strict=True)
        if plan.shared != ""
    ]  # fmt: skip
    session.execute(insert(Contribution), shared)
    rows: list[dict[str, Any]] = []
    owners: list[int] = []
    for position, (pool, plan) in enumerate(zip(pools, plans, strict=True)):
        room = rng.choice(places.rooms[places.sites[plan.site]])
        for number in range(1, plan.size + 1):
            rows.append(_unit(rng, plan, places, pool, room, number, len(rows), now))
            owners.append(position)
    units: list[list[int]] = [[] for _ in plans]
    for position, unit in zip(owners, insert_ids(session, Unit, rows), strict=True):
        units[position].append(unit)
    return Stock(pools, units)


def _pool(plan: PoolPlan, places: Places, now: datetime) -> dict[str, Any]:
    return {
        "institution_id": places.institutions[plan.institution],
        "lab_id": places.labs[(plan.institution, plan.lab)],
        "site_id": places.sites[plan.site],
        "platform_id": places.platforms[plan.kind.platform],
        "category_code": plan.kind.category,
        "name_zh": plan.kind.zh, "name_en": plan.kind.en,
        "manufacturer": plan.maker, "model": plan.model,
        "description": _description(plan), "specifications": plan.kind.spec,
        "approval": "auto" if plan.automatic else "manual",
        "opening_hours": plan.hours, "granularity_minutes": plan.step,
        "min_minutes": 30, "max_minutes": plan.longest, "horizon_days": None,
        "warmup_minutes": plan.warmup or None, "cleanup_minutes": plan.cleanup or None,
        "search_text": "", "created_at": now,
    }  # fmt: skip


def _unit(
    rng: random.Random, plan: PoolPlan, places: Places, pool: int, room: int, number: int,
    serial: int, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    # The first units of a pool work: they carry the demo's reservations.
    state = "in_service" if number <= 4 or plan.size < 6 else rng.choice(STATES[: 3 + number % 4])
    return {
        "pool_id": pool, "institution_id": places.institutions[plan.institution],
        "kind": "instrument", "state": state,
        "state_note": "等待配件" if state == "down" else "",
        "asset_no": f"{plan.institution + 1:02d}{serial + 1:06d}",
        "serial": f"SN{rng.randrange(10**7):07d}", "name": f"{number}#",
        "room_id": room, "place": f"{'ABCDEF'[serial % 6]}{serial % 9 + 1}",
        "customs_supervised": int(plan.kind.common == 1 and rng.random() < 0.3),
        "original_value_fen": rng.randint(2, 60) * 10_000_00 * (6 - plan.kind.common),
        "commissioned_on": f"{rng.randint(2016, 2025)}-{rng.randint(1, 12):02d}-15",
        "created_at": now,
    }  # fmt: skip


def _description(plan: PoolPlan) -> str:
    lab_zh, lab_en = LABS[plan.lab]
    return (
        f"{plan.maker} {plan.model} {plan.kind.zh}，由{lab_zh}统一管理。首次使用请先联系实验室。\n"
        f"{plan.maker} {plan.model} {plan.kind.en.lower()}, run by the {lab_en}. "
        "Please contact the lab before your first use."
    )
