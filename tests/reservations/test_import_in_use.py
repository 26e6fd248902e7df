"""A file that takes units out of service: what is booked on them is dealt with by people."""

import pytest
from sqlalchemy import select

from booking.core.table import Row, Sheet
from booking.infra.db import write
from booking.inventory.models import Unit, UnitDependency
from booking.inventory.rules.reading import Options
from booking.inventory.services.imports import import_units, preview_import
from booking.reservations.models import Reservation
from booking.reservations.queries.in_use import bars_at
from booking.reservations.services.cancelling import cancel
from booking.web.messages import message
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask

HEAD = "资产编号,名称,型号,实验室,状态"
CHOSEN = Options("西部医院", site="西安园区")


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def units(people, any_session):
    query = select(Unit).where(Unit.pool_id == people.automatic.id).order_by(Unit.id)
    return any_session.scalars(query).all()


def sheet(units, state):
    lines = [f"{unit.asset_no},离心机,,成像实验室,{state}" for unit in units]
    rows = [Row(n, tuple(text.split(","))) for n, text in enumerate((HEAD, *lines), start=1)]
    return [Sheet("", tuple(rows))]


def run(units, state, now=NOW):
    """Return (changed, [(row, code)]) of an import."""
    sheets, bars = sheet(units, state), bars_at(now)
    plan = write(lambda s: import_units(s, None, sheets, CHOSEN, "x.csv", now, bars)).plan
    said = [(p.line, p.code) for p in plan.flagged if p.code in ("import_booked", "import_needed")]
    return plan.count("changed"), said


def states(session, units):
    session.rollback()
    query = select(Unit).execution_options(populate_existing=True)
    rows = {unit.id: unit.state for unit in session.scalars(query)}
    return [rows[unit.id] for unit in units]


@pytest.mark.parametrize("state", ["待修", "报废"])
def test_a_booked_unit_keeps_its_state_and_names_its_reservations(
    people, any_session, units, state
):
    mine = ask(actor(people.ada), 10, 12, unit_id=units[0].id)
    preview = preview_import(any_session, sheet(units, state), CHOSEN, bars_at(NOW))
    [problem] = [p for p in preview.plan.flagged if p.code == "import_booked"]
    assert mine.row.reference in message(problem.code, dict(problem.parameters))
    any_session.rollback()
    assert run(units, state) == (2, [(2, "import_booked")])
    assert states(any_session, units) == ["in_service", "down"]
    assert any_session.get(Reservation, mine.reservation_id).status == "approved"


def test_the_same_file_takes_it_out_once_nothing_is_booked(people, any_session, units):
    mine = ask(actor(people.ada), 10, 12, unit_id=units[0].id).reservation_id
    run(units, "待修")
    assert run(units, "待修") == (1, [(2, "import_booked")])
    write(lambda s: cancel(s, actor(people.ada), mine, "", NOW))
    assert run(units, "待修") == (1, [])
    assert states(any_session, units) == ["down", "down"]
    assert run(units, "待修") == (0, [])


def test_what_others_need_is_changed_by_hand(people, any_session, units):
    needs = {"unit_id": people.confocal_units[0].id, "needs_unit_id": units[1].id}
    any_session.add(UnitDependency(**needs, effect="close"))
    any_session.commit()
    assert run(units, "待修") == (2, [(3, "import_needed")])
    assert states(any_session, units) == ["down", "in_service"]


def test_a_file_that_leaves_them_in_service_asks_nothing(people, any_session, units):
    ask(actor(people.ada), 10, 12, unit_id=units[0].id)
    assert run(units, "正常")[1] == []
    assert states(any_session, units) == ["in_service", "in_service"]
