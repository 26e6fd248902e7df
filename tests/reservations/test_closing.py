"""Closures over reservations, in series, of what depends on a unit; calibration that is due."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from booking.core.errors import Conflict, Invalid, RuleViolated, WrongState
from booking.core.period import Period
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.inventory.models import Unit
from booking.inventory.rules.pools import UnitFields
from booking.reservations.models import Closure, Reservation
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.dealing import Dealing
from booking.reservations.rules.recurrence import Recurrence, occurrences
from booking.reservations.services.breakdown import edit_unit_in_use, take_out_of_service
from booking.reservations.services.calibrating import Calibration, calibrated, set_calibration
from booking.reservations.services.closing import Closing, close_times, close_unit, reopen
from booking.reservations.services.needing import add_need, drop_need
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.reservations.steps import ask, at

NOTHING = Dealing()
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    assert broken(any_session, NOW) == {}


@pytest.fixture
def unit(people, any_session):
    return units_of(any_session, people.automatic)[0].id


@pytest.fixture
def gas(people, any_session):
    """Return a gas supply of the same institution that the unit can need."""
    pool = factories.create_pool(any_session, lab_id=people.west_lab.id, site_id=people.site.id)
    return units_of(any_session, pool)[0]


def book(who, start, end, **more):
    return ask(actor(who), start, end, **more).reservation_id


def close(people, unit, start, end, dealing=NOTHING, kind="maintenance"):
    period = Period(at(start), at(end))
    return write(lambda s: close_unit(s, actor(people.mei), unit, period, kind, "", NOW, dealing))


def status(session, reservation):
    return session.get(Reservation, reservation, populate_existing=True).status


def is_told(session, reservation, kind):
    query = select(Outbox.id).where(
        Outbox.subject_ref == f"reservation:{reservation}", Outbox.kind == kind
    )
    return session.scalars(query).first() is not None


@pytest.mark.parametrize(("start", "end"), [(9, 10.0167), (10.9833, 12), (9, 12), (10.25, 10.5)])
def test_a_closure_over_a_reservation_asks_what_becomes_of_it(
    people, any_session, unit, start, end
):
    mine = book(people.ada, 10, 11, unit_id=unit)
    with pytest.raises(WrongState) as refused:
        close(people, unit, start, end)
    assert [one.id for one in refused.value.parameters["reservations"]] == [mine]
    done = close(people, unit, 9, 18, Dealing({mine: "cancel"}, reason="检修"))
    assert done.dealt.cancelled == 1
    assert is_told(any_session, mine, "cancelled")


def test_a_booking_that_touches_a_closure_by_a_minute_is_refused(people, unit):
    close(people, unit, 12 - 1 / 60, 14)
    with pytest.raises(Conflict):
        book(people.ada, 11, 12, unit_id=unit)


def test_a_closure_moves_what_may_move(people, any_session, unit):
    other = units_of(any_session, people.automatic)[1].id
    mine = book(people.ada, 10, 11, pool_id=people.automatic.id, preferred_unit_ids=(unit,))
    done = close(people, unit, 9, 18, Dealing({mine: "move"}))
    assert (done.dealt.moved, done.kept) == (1, ())
    with pytest.raises(Conflict):
        book(people.ada, 10, 11, unit_id=other)


def test_kept_ones_stay_inside_the_closure_and_are_told(people, any_session, unit):
    mine = book(people.ada, 10, 11, unit_id=unit)
    done = close(people, unit, 9, 18, Dealing(rest="keep", reason="检修"))
    assert done.kept == (Period(at(10), at(11)),)
    assert is_told(any_session, mine, "unit_trouble")


# --- series ---------------------------------------------------------------------------------


def quarterly(count=4):
    rule = Recurrence("monthly", interval=3, count=count)
    first = datetime(2026, 12, 1, 9)  # noqa: DTZ001 - local wall time
    found = occurrences(rule, first, timedelta(hours=8), SHANGHAI)
    return tuple(one.period for one in found)


def test_a_closure_repeats_every_quarter_and_opens_as_one(people, any_session, unit):
    closing = Closing(quarterly(), "calibration", rule="FREQ=MONTHLY;INTERVAL=3;COUNT=4")
    mei = actor(people.mei)
    first = write(lambda s: close_times(s, mei, unit, closing, NOTHING, NOW))
    rows = any_session.scalars(select(Closure).order_by(Closure.start_at)).all()
    assert [row.start_at.month for row in rows] == [12, 3, 6, 9]
    assert {row.start_at.hour for row in rows} == {1}  # 09:00 in Shanghai
    assert len({row.series_key for row in rows}) == 1
    write(lambda s: reopen(s, mei, first.closure_id, NOW, series=True))
    any_session.rollback()
    assert all(row.cancelled_at for row in any_session.scalars(select(Closure)))


def test_a_series_is_bounded(people, unit):
    day = timedelta(days=1)
    periods = tuple(Period(at(9) + n * day, at(10) + n * day) for n in range(61))
    with pytest.raises(Invalid):
        write(
            lambda s: close_times(
                s, actor(people.mei), unit, Closing(periods, "fault"), NOTHING, NOW
            )
        )


# --- dependencies ---------------------------------------------------------------------------


def need(people, unit, gas, effect):
    write(lambda s: add_need(s, actor(people.mei), unit, gas.asset_no, effect, NOW))


def test_what_needs_a_closed_unit_is_closed_with_it_and_opens_with_it(
    people, any_session, unit, gas
):
    need(people, unit, gas, "close")
    mine = book(people.ada, 10, 11, unit_id=unit)
    with pytest.raises(WrongState):
        close(people, gas.id, 9, 18)
    done = close(people, gas.id, 9, 18, Dealing({mine: "cancel"}, reason="换气瓶"))
    with pytest.raises(Conflict):
        book(people.ada, 10, 11, unit_id=unit)
    write(lambda s: reopen(s, actor(people.mei), done.closure_id, NOW))
    assert book(people.ada, 10, 11, unit_id=unit)


def test_who_needs_a_closed_unit_may_only_be_warned(people, any_session, unit, gas):
    need(people, unit, gas, "warn")
    mine = book(people.ada, 10, 11, unit_id=unit)
    close(people, gas.id, 9, 18)
    assert status(any_session, mine) == "approved"
    assert is_told(any_session, mine, "unit_trouble")
    assert book(people.ada, 11, 12, unit_id=unit)


def test_what_needs_a_broken_unit_is_closed_until_it_is_back(people, any_session, unit, gas):
    need(people, unit, gas, "close")
    mei = actor(people.mei)
    mine = book(people.ada, 10, 11, unit_id=unit)
    decided = Dealing({mine: "cancel"}, reason="漏气")
    write(lambda s: take_out_of_service(s, mei, gas.id, "漏气", decided, NOW))
    with pytest.raises(Conflict):
        book(people.ada, 10, 11, unit_id=unit)
    back = UnitFields(asset_no=gas.asset_no)
    write(lambda s: edit_unit_in_use(s, mei, gas.id, back, NOW))
    assert book(people.ada, 10, 11, unit_id=unit)


def test_a_circle_of_needs_ends(people, any_session, unit, gas):
    need(people, unit, gas, "close")
    asset = any_session.get(Unit, unit).asset_no
    write(lambda s: add_need(s, actor(people.mei), gas.id, asset, "close", NOW))
    assert close(people, gas.id, 9, 18)
    with pytest.raises(Conflict):
        book(people.ada, 10, 11, unit_id=unit)


def test_a_need_is_forgotten(people, unit, gas):
    need(people, unit, gas, "close")
    write(lambda s: drop_need(s, actor(people.mei), unit, gas.id, NOW))
    close(people, gas.id, 9, 18)
    assert book(people.ada, 10, 11, unit_id=unit)


@pytest.mark.parametrize("asset_no", ["nothing", None])
def test_only_another_unit_of_the_institution_is_needed(people, any_session, unit, asset_no):
    named = asset_no or any_session.get(Unit, unit).asset_no
    with pytest.raises(Invalid):
        write(lambda s: add_need(s, actor(people.mei), unit, named, "close", NOW))


# --- calibration ----------------------------------------------------------------------------


def set_due(people, unit, due, dealing=NOTHING, every=None):
    wanted = Calibration(due, every)
    return write(lambda s: set_calibration(s, actor(people.mei), unit, wanted, dealing, NOW))


def test_a_unit_is_booked_until_its_calibration_is_due_and_not_after(people, any_session, unit):
    set_due(people, unit, date(2026, 11, 24))
    assert book(people.ada, 22, 24, unit_id=unit)
    with pytest.raises(Conflict):
        book(people.ada, 24, 25, unit_id=unit)
    other = units_of(any_session, people.automatic)[1].id
    assert book(people.ada, 24, 25, pool_id=people.automatic.id)
    with pytest.raises(Conflict):
        book(people.cy, 24, 25, unit_id=other)


def test_what_is_booked_after_the_due_day_is_asked_about(people, any_session, unit):
    mine = book(people.ada, 30, 31, unit_id=unit)
    with pytest.raises(WrongState):
        set_due(people, unit, date(2026, 11, 24))
    set_due(people, unit, date(2026, 11, 24), Dealing({mine: "cancel"}, reason="到期"))
    assert status(any_session, mine) == "cancelled"


def test_a_calibrated_unit_is_due_again_after_its_interval(people, any_session, unit):
    set_due(people, unit, date(2026, 11, 24), every=90)
    done = date(2026, 11, 23)
    write(lambda s: calibrated(s, actor(people.mei), unit, done, NOTHING, NOW))
    row = any_session.get(Unit, unit, populate_existing=True)
    assert row.calibration_due_on == "2027-02-21"
    assert book(people.ada, 30, 31, unit_id=unit)


def test_a_due_day_is_taken_back(people, any_session, unit):
    set_due(people, unit, date(2026, 11, 24))
    set_due(people, unit, None)
    assert book(people.ada, 30, 31, unit_id=unit)
    live = any_session.scalars(select(Closure).where(Closure.cancelled_at.is_(None))).all()
    assert live == []


def test_a_past_due_day_closes_at_once(people, unit):
    set_due(people, unit, date(2026, 11, 1))
    with pytest.raises((Conflict, RuleViolated)):
        book(people.ada, 10, 11, unit_id=unit)
    assert datetime.now(UTC) == NOW
