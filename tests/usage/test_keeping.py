"""What is kept of use: by day, once more for late changes, and never for days to come."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from booking.core.period import Period
from booking.infra.db import write
from booking.reservations.models import Closure
from booking.usage.models import UsageHours, UsageLate, UsageSum, UsageUnit
from booking.usage.queries.checking import complaints_of_usage
from booking.usage.rules.vectors import hours_in, unpacked
from booking.usage.services.keeping import forget
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.reservations.steps import ask
from tests.usage.steps import DAY, kept_up, used

HOUR = 3600


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def confocal(any_session, people):
    """Return the confocal microscopes, of which one was used by Ada's company on Saturday."""
    used(any_session, people.confocal, people.confocal_units[0].id, 10, 12, people.company_a.id)
    kept_up(any_session)
    return people.confocal


def hours(session, kind, item="", company=0, column="used"):
    """Return the hours kept of a thing, all days together."""
    query = select(func.sum(getattr(UsageSum, column))).where(
        UsageSum.kind == kind, UsageSum.item == str(item), UsageSum.whole_month == 0,
        UsageSum.company_id == company,
    )  # fmt: skip
    return (session.scalar(query) or 0) / HOUR


def change(session, statement, **values):
    session.execute(text(statement), values)
    session.commit()


def test_use_counts_wherever_its_pool_belongs(any_session, people, confocal):
    for kind, item in (
        ("pool", confocal.id), ("park", ""), ("site", people.site.id), ("lab", people.west_lab.id),
        ("institution", people.west.id), ("platform", people.platform.id),
        ("category", people.category.code),
    ):  # fmt: skip
        assert hours(any_session, kind, item) == 2, kind
    assert hours(any_session, "park", company=people.company_a.id, column="external") == 2
    assert hours(any_session, "institution", people.east.id) == 0
    [unit] = any_session.execute(select(UsageUnit.unit_id, UsageUnit.used, UsageUnit.company_id))
    assert tuple(unit) == (people.confocal_units[0].id, 2 * HOUR, people.company_a.id)


def test_it_is_in_the_local_hour(any_session, confocal):
    rows = any_session.scalars(select(UsageHours.used).where(UsageHours.kind == "park"))

    assert [n // HOUR for n in unpacked(sum(map(hours_in, rows)))][9:13] == [0, 1, 1, 0]


def test_days_are_added_up_once_and_twice_is_the_same(any_session, confocal):
    assert kept_up(any_session) == 0
    figures = select(UsageSum.kind, func.sum(UsageSum.open), func.count()).group_by(UsageSum.kind)
    known = sorted(map(tuple, any_session.execute(figures)))
    write(forget)

    assert kept_up(any_session) == 2
    assert sorted(map(tuple, any_session.execute(figures))) == known
    assert complaints_of_usage(any_session, NOW) == []


@pytest.mark.parametrize(
    ("late", "left"),
    [
        ("UPDATE reservation SET status = 'cancelled'", 0),
        ("UPDATE reservation SET status = 'no_show'", 0),
        ("UPDATE allocation SET block_end = block_end + 3600; "
         "UPDATE reservation SET end_at = end_at + 3600", 3),
    ],
)  # fmt: skip
def test_what_changes_late_is_added_up_again(any_session, confocal, late, left):
    for statement in late.split("; "):
        change(any_session, statement)

    assert kept_up(any_session) > 0
    assert hours(any_session, "park") == left
    assert any_session.scalar(select(func.count()).select_from(UsageLate)) == 0
    assert complaints_of_usage(any_session, NOW) == []


def test_a_history_brought_in_later_is_kept_too(any_session, people, confocal):
    used(any_session, people.sequencer, factories.units_of(any_session, people.sequencer)[0].id,
         8, 9, people.company_b.id, days=-40)  # fmt: skip

    assert kept_up(any_session) >= 40
    assert hours(any_session, "park", company=people.company_b.id) == 1
    assert complaints_of_usage(any_session, NOW) == []


def test_bookings_to_come_write_nothing_down(any_session, people, confocal):
    ask(factories.actor(people.ada), 10, 11, pool_id=people.automatic.id)

    assert any_session.scalar(select(func.count()).select_from(UsageLate)) == 0


def test_closures_take_open_time_away(any_session, people, confocal):
    opened = hours(any_session, "pool", people.automatic.id, column="open")
    unit = factories.units_of(any_session, people.automatic)[0]
    closure = factories.keep(
        any_session,
        Closure(pool_id=people.automatic.id, unit_id=unit.id, kind="maintenance", created_at=NOW,
                start_at=DAY, end_at=DAY + timedelta(hours=24)),
    )  # fmt: skip
    held = Period(DAY, DAY + timedelta(hours=24))
    factories.keep(any_session, factories.Allocation(
        closure_id=closure.id, unit_id=unit.id, kind="closure", block_start=held.start,
        block_end=held.end))  # fmt: skip
    kept_up(any_session)

    assert hours(any_session, "pool", people.automatic.id, column="open") == opened - 24


def test_a_missed_reservation_is_no_use_but_counts(any_session, people):
    used(any_session, people.confocal, people.confocal_units[0].id, 10, 12, people.company_a.id,
         "no_show")  # fmt: skip
    kept_up(any_session)
    counted = select(func.sum(UsageSum.reservations), func.sum(UsageSum.no_shows)).where(
        UsageSum.kind == "park", UsageSum.company_id == 0, UsageSum.whole_month == 0
    )

    assert hours(any_session, "park") == 0
    assert tuple(any_session.execute(counted).one()) == (1, 1)


def test_the_doctor_names_a_day_that_is_not_true(any_session, confocal):
    change(any_session, "UPDATE usage_sum SET used = used + 1 WHERE kind = 'pool'")

    assert [line.split(":")[0] for line in complaints_of_usage(any_session, NOW)] == [
        "days of use that are not what reservations add up to",
        "sums of use that are not those of the pools",
    ]
    later = NOW + timedelta(days=3)
    assert "use not added up since: 2026-11-22" in complaints_of_usage(any_session, later)
