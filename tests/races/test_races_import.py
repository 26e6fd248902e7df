"""A file that takes units out of service, against who books them, between processes."""

from sqlalchemy import select

from bench.drills.harness import race, truly_overlapped
from booking.core.table import Row, Sheet
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.models import Unit
from booking.inventory.rules.reading import Options
from booking.inventory.services.imports import import_units
from booking.reservations.models import Allocation
from booking.reservations.queries.in_use import bars_at
from tests.races.contestants import book_unit
from tests.races.test_races import arena, settings, swept

__all__ = ["arena", "settings", "swept"]  # fixtures
ROUNDS = 10
GAP_MS = 5
CHOSEN = Options("演练单位", site="演练园区", lab="演练实验室")
HEAD = ("资产编号", "名称", "状态")


def break_by_file(number: int, units: list[int]) -> str:
    """Take this round's unit out of service by a file; say whether it was spared."""
    rows = (Row(1, HEAD), Row(2, (f"U{units[number]}", "演练设备", "待修")))
    now = clock.now()
    done = write(
        lambda s: import_units(s, None, [Sheet("", rows)], CHOSEN, "race", now, bars_at(now))
    )
    return "spared" if any(p.code == "import_booked" for p in done.plan.flagged) else "down"


def test_a_file_takes_out_no_unit_that_is_just_booked(any_app, arena):
    given, ground = arena
    park = ground(units=ROUNDS)
    units = list(park.unit_ids)
    with any_app.app_context():
        session = db.session()
        for unit in session.scalars(select(Unit)):
            unit.asset_no = f"U{unit.id}"
        session.commit()
    rounds = race(
        given, [(break_by_file, (units,)), (book_unit, (park.bookers[0], units))], ROUNDS, GAP_MS
    )
    for broken, booked in rounds:
        assert (broken.answer == "spared") is not booked.refused, (broken, booked)
    assert sum(bool(truly_overlapped(attempts)) for attempts in rounds) > 0
    with any_app.app_context():
        down = select(Unit.id).where(Unit.state == "down")
        held = select(Allocation.id).where(Allocation.active == 1, Allocation.unit_id.in_(down))
        assert db.session.scalars(held).all() == []
