"""A park of any size written straight into tables, for measuring: same seed, same park."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.companies.models import Institution, Lab, Site
from booking.inventory.models import Category, Contribution, Platform, Pool, Unit
from booking.reservations.models import Allocation, PoolNextFree, Reservation

START = datetime(2026, 1, 1, tzinfo=UTC)
ADJECTIVES = (
    ("高速冷冻", "Refrigerated high-speed"), ("台式", "Benchtop"), ("激光共聚焦", "Confocal laser"),
    ("超高效", "Ultra performance"), ("全自动", "Fully automatic"), ("倒置荧光", "Inverted"),
    ("便携式", "Portable"), ("三重四极杆", "Triple quadrupole"), ("实时荧光", "Real-time"),
    ("恒温", "Thermostatic"), ("梯度", "Gradient"), ("数字", "Digital"),
)  # fmt: skip
NOUNS = (
    ("离心机", "centrifuge"), ("质谱仪", "mass spectrometer"), ("显微镜", "microscope"),
    ("色谱仪", "chromatograph"), ("测序仪", "sequencer"), ("扩增仪", "thermal cycler"),
    ("分光光度计", "spectrophotometer"), ("培养箱", "incubator"),
    ("流式细胞仪", "flow cytometer"), ("球磨机", "ball mill"),
)  # fmt: skip
MAKERS = (
    "赛默飞世尔 Thermo Fisher", "贝克曼库尔特 Beckman Coulter", "安捷伦 Agilent", "蔡司 Zeiss",
    "徕卡 Leica", "海尔生物", "岛津 Shimadzu", "Illumina", "艾本德 Eppendorf",
)  # fmt: skip


def fill(
    session: Session, units: int, pools: int, seed: int = 1, bookings_per_unit: int = 0
) -> list[int]:
    """Return the ids of `pools` new pools with `units` units in all, every one of them shared.

    Needs a migrated database. Does not commit, nor write `search_text`.
    Bookings are hour-long, from 2026-11-23 on.
    """
    random_ = random.Random(seed)  # noqa: S311 - a reproducible park, no secret
    parents = _parents(session)
    sizes = [units // pools + (1 if n < units % pools else 0) for n in range(pools)]
    pool_rows = [_pool(n, random_, parents) for n in range(pools)]
    pool_ids = _insert(session, Pool, pool_rows)
    unit_rows = [
        _unit(pool_id, row, number)
        for pool_id, row, size in zip(pool_ids, pool_rows, sizes, strict=True)
        for number in range(size)
    ]
    unit_ids = _insert(session, Unit, unit_rows)
    _insert(session, Contribution, [{"pool_id": p, "from_at": START} for p in pool_ids])
    free = [{"pool_id": p, "free_at": START + timedelta(hours=n), "computed_at": START}
            for n, p in enumerate(pool_ids)]  # fmt: skip
    _insert(session, PoolNextFree, free)
    if bookings_per_unit:
        _book(session, unit_rows, unit_ids, bookings_per_unit, random_)
    return pool_ids


def _parents(session: Session) -> dict[str, list[Any]]:
    second = select(Category.code).where(Category.level == 2).order_by(Category.code)
    sites = _insert(session, Site, [{"name_zh": "合成西园", "name_en": "Xi'an"},
                                    {"name_zh": "合成南园", "name_en": "Chengdu"}])  # fmt: skip
    institutions = _insert(session, Institution, [{"name_zh": f"第{n}医院"} for n in range(24)])
    labs = _insert(session, Lab, [
        {"institution_id": i, "name_zh": f"公共技术平台{n}"} for i in institutions for n in range(3)
    ])  # fmt: skip
    platforms = _insert(session, Platform, [{"name_zh": f"功能平台{n}"} for n in range(8)])
    lab_of = {lab: institutions[n // 3] for n, lab in enumerate(labs)}
    return {"sites": sites, "labs": list(lab_of.items()), "platforms": platforms,
            "categories": list(session.scalars(second))}  # fmt: skip


def _pool(number: int, random_: random.Random, parents: dict[str, list[Any]]) -> dict[str, Any]:
    adjective, noun = random_.choice(ADJECTIVES), random_.choice(NOUNS)
    lab_id, institution_id = random_.choice(parents["labs"])
    return {
        "institution_id": institution_id,
        "lab_id": lab_id,
        "site_id": random_.choice(parents["sites"]),
        "platform_id": random_.choice(parents["platforms"]),
        "category_code": random_.choice(parents["categories"]),
        "name_zh": adjective[0] + noun[0],
        "name_en": f"{adjective[1]} {noun[1]}",
        "manufacturer": random_.choice(MAKERS),
        "model": f"MX-{number % 700}{random_.choice('ABC')}",
        "created_at": START,
    }


def _unit(pool_id: int, pool: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "pool_id": pool_id,
        "institution_id": pool["institution_id"],
        "asset_no": f"YQ{pool_id:05d}-{number:04d}",
        "serial": f"SN{pool_id * 7919 % 99991}X{number}",
        "state": "down" if (pool_id + number) % 20 == 0 else "in_service",
        "place": f"{pool_id % 9 + 1}号楼 {100 + number % 30}",
        "created_at": START,
    }


def _book(
    session: Session, units: list[dict[str, Any]], ids: list[int], each: int, random_: random.Random
) -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    rows: list[dict[str, Any]] = []
    blocks: list[tuple[int, datetime]] = []
    for unit, unit_id in zip(units, ids, strict=True):
        for slot in sorted(random_.sample(range(max(24, each * 4)), each)):
            start = monday + timedelta(hours=slot)
            rows.append({
                "reference": f"S{len(rows):07d}", "pool_id": unit["pool_id"], "quantity": 1,
                "start_at": start, "end_at": start + timedelta(hours=1), "status": "approved",
                "purpose": "research", "source": "demo", "created_at": START,
            })  # fmt: skip
            blocks.append((unit_id, start))
    made = _insert(session, Reservation, rows)
    _insert(session, Allocation, [
        {"reservation_id": key, "unit_id": unit_id, "kind": "reservation",
         "block_start": start, "block_end": start + timedelta(hours=1)}
        for key, (unit_id, start) in zip(made, blocks, strict=True)
    ])  # fmt: skip


def _insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> list[Any]:
    primary = model.__mapper__.primary_key[0]
    statement = insert(model).returning(primary, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))
