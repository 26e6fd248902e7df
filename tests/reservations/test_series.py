"""Series through the service, on both engines: made, previewed, left out, shifted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.core.errors import Conflict, Invalid, PartsTaken, PartsViolated, WrongState
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.policies.models import RuleEdition, RuleValue
from booking.reservations.models import Allocation, Reservation, ReservationGroup
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.groups import OnProblem
from booking.reservations.services.series import make_series
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.grouped import members, preview, repeat, times, wanted
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def ada(people):
    return actor(people.ada)


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def count(session, table):
    session.rollback()
    return session.scalar(select(func.count()).select_from(table))


def test_a_series_is_made_as_its_rule_says(any_session, people, ada):
    made = repeat(ada, "FREQ=DAILY;COUNT=3", pool_id=people.automatic.id, title=" 每日 ")

    rows = members(any_session, ada, made.group_id)
    assert times(any_session, ada, made.group_id) == [
        (0, 9, "approved"), (1, 9, "approved"), (2, 9, "approved"),
    ]  # fmt: skip
    assert [row.group_position for row in rows] == [0, 1, 2]
    assert [row.occurrence_day for row in rows] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    group = any_session.get(ReservationGroup, made.group_id)
    assert (group.title, group.rule) == ("每日", "FREQ=DAILY;COUNT=3")
    assert (group.zone, group.starts_local) == ("Asia/Shanghai", "2026-11-24T09:00")
    assert (group.user_id, group.company_id) == (people.ada.id, people.company_a.id)


def test_one_of_eight_in_the_way_refuses_all_and_is_listed(any_session, people, ada):
    unit = people.confocal_units[0].id
    ask(actor(people.cy), 24 * 3 + 9.5, 24 * 3 + 11, unit_id=unit)

    with pytest.raises(PartsTaken) as refused:
        repeat(ada, "FREQ=DAILY;COUNT=8", unit_id=unit)

    [problem] = refused.value.problems
    assert (problem.position, problem.period.start) == (3, at(9, 3))
    assert problem.conflicts[0].unit_id == unit
    assert problem.nearest.start == at(8.5, 3)  # the nearest hour before the other
    assert count(any_session, Reservation) == 1
    assert count(any_session, ReservationGroup) == 0


def test_one_of_eight_in_the_way_may_be_left_out(any_session, people, ada):
    unit = people.confocal_units[0].id
    ask(actor(people.cy), 24 * 3 + 9.5, 24 * 3 + 11, unit_id=unit)

    made = repeat(ada, "FREQ=DAILY;COUNT=8", unit_id=unit, how="skip")

    assert [o.how for o in made.outcomes].count("booked") == 7
    assert made.outcomes[3].how == "left_out"
    assert [t[0] for t in times(any_session, ada, made.group_id)] == [0, 1, 2, 4, 5, 6, 7]
    assert any_session.get(ReservationGroup, made.group_id).exceptions == "2026-11-27"


def test_one_of_eight_in_the_way_may_be_shifted(any_session, people, ada):
    unit = people.confocal_units[0].id
    ask(actor(people.cy), 24 * 3 + 9.5, 24 * 3 + 11, unit_id=unit)

    made = repeat(ada, "FREQ=DAILY;COUNT=8", unit_id=unit, how="shift")

    assert made.outcomes[3].how == "shifted"
    found = times(any_session, ada, made.group_id)
    assert found[3][:2] == (3, 8.5)
    assert [hour for _day, hour, _status in found].count(9) == 7


def test_a_preview_tells_it_all_and_keeps_nothing(any_session, people, ada):
    unit = people.confocal_units[0].id
    ask(actor(people.cy), 24 * 3 + 9.5, 24 * 3 + 11, unit_id=unit)
    before = [count(any_session, t) for t in (Reservation, Allocation, Outbox, ReservationGroup)]

    seen = preview(ada, "FREQ=DAILY;COUNT=8", unit_id=unit)

    assert [o.how for o in seen.outcomes] == ["booked"] * 3 + ["shifted"] + ["booked"] * 4
    assert (seen.problems, seen.shifts) == (1, 1)
    after = [count(any_session, t) for t in (Reservation, Allocation, Outbox, ReservationGroup)]
    assert after == before


def test_the_occurrence_past_the_horizon_is_named(people, ada, any_session):
    people.automatic.horizon_days = 5
    any_session.commit()

    with pytest.raises(PartsViolated) as refused:
        repeat(ada, "FREQ=DAILY;COUNT=6", pool_id=people.automatic.id)

    [problem] = refused.value.problems
    assert (problem.position, problem.period.start) == (5, at(9, 5))
    assert [v.code for v in problem.violations] == ["horizon"]
    assert problem.violations[0].limit == 5


def test_hours_of_some_weekdays_refuse_a_series_of_others(people, ada, any_session):
    people.automatic.opening_hours = (
        "1 11:00-12:00;2 11:00-14:00;3 11:00-14:00;4 11:00-12:00;5 11:00-12:00"
    )
    any_session.commit()
    pool = {"pool_id": people.automatic.id}

    assert ask(ada, 24 + 12, 24 + 14, **pool)  # Wednesday
    with pytest.raises(PartsViolated) as refused:
        repeat(ada, "FREQ=WEEKLY;BYDAY=MO,TU,WE;COUNT=3", 12, 14, **pool)

    [monday] = refused.value.problems  # Tuesday and Wednesday are open
    assert monday.period.start == at(12, 6)
    assert [v.code for v in monday.violations] == ["closed_hours"]


def test_occurrences_see_those_before(people, ada, any_session):
    """A series that would meet itself is told so: 30 hours each day on one unit."""
    unit = people.confocal_units[0].id
    people.confocal.max_minutes = 40 * 60
    any_session.commit()

    with pytest.raises(PartsTaken) as refused:
        repeat(ada, "FREQ=DAILY;COUNT=3", 0, 30, unit_id=unit)

    assert [problem.position for problem in refused.value.problems] == [1]


def test_rules_count_the_occurrences_before(people, ada, any_session):
    """The gap between one's own reservations holds within a series too."""
    any_session.add(
        RuleValue(
            scope_kind="pool", scope_key=str(people.automatic.id), rule="own_gap_minutes",
            value=str(24 * 60), set_at=NOW,
        )
    )  # fmt: skip
    any_session.merge(RuleEdition(id=1, number=777))
    any_session.commit()

    seen = preview(ada, "FREQ=DAILY;COUNT=3", pool_id=people.automatic.id)

    assert [o.problem is None for o in seen.outcomes] == [True, False, True]


def test_a_series_sends_one_message_and_reminds_of_each(any_session, people, ada):
    repeat(ada, "FREQ=WEEKLY;COUNT=5", pool_id=people.automatic.id)
    repeat(ada, "FREQ=WEEKLY;COUNT=5", pool_id=people.confocal.id)

    any_session.rollback()
    kinds = any_session.scalars(select(Outbox.kind).order_by(Outbox.id)).all()
    assert kinds.count("reminder") == 1 + 2 * 4  # the first starts in exactly a day
    assert [kind for kind in kinds if kind != "reminder"] == [
        "group_approved", "group_request_received",
    ]  # fmt: skip


def test_nothing_that_passes_is_refused_even_when_leaving_out(people, ada, any_session):
    people.automatic.horizon_days = 0
    any_session.commit()

    with pytest.raises(PartsViolated) as refused:
        repeat(ada, "FREQ=DAILY;COUNT=3", pool_id=people.automatic.id, how="skip")

    assert len(refused.value.problems) == 3


def test_a_series_that_is_not_as_it_was_seen_is_not_made(any_session, people, ada):
    unit = people.confocal_units[0].id
    asked = wanted("FREQ=DAILY;COUNT=3", unit_id=unit, how="skip")
    seen = preview(ada, "FREQ=DAILY;COUNT=3", unit_id=unit).seen(OnProblem.SKIP)
    ask(actor(people.cy), 24 + 9, 24 + 10, unit_id=unit)

    with pytest.raises(WrongState, match="series_changed"):
        write(lambda s: make_series(s, ada, replace(asked, seen=seen), NOW))

    assert count(any_session, Reservation) == 1
    seen = preview(ada, "FREQ=DAILY;COUNT=3", unit_id=unit).seen(OnProblem.SKIP)
    assert write(lambda s: make_series(s, ada, replace(asked, seen=seen), NOW))


def test_the_same_key_makes_one_series(any_session, people, ada):
    more = {"pool_id": people.automatic.id, "idempotency_key": "k", "body_hash": "h"}

    first = repeat(ada, "FREQ=DAILY;COUNT=2", **more)
    again = repeat(ada, "FREQ=DAILY;COUNT=2", **more)

    assert (again.group_id, again.replayed) == (first.group_id, True)
    assert count(any_session, Reservation) == 2
    with pytest.raises(WrongState, match="idempotency_mismatch"):
        repeat(ada, "FREQ=DAILY;COUNT=2", **{**more, "body_hash": "x"})


@pytest.mark.parametrize("more", [{"zone": "Mars/Base"}, {"title": "x" * 121}])
def test_an_unfit_zone_or_title_is_refused(people, ada, more):
    with pytest.raises(Invalid):
        repeat(ada, "FREQ=DAILY;COUNT=2", pool_id=people.automatic.id, **more)


def test_the_local_time_stays_where_the_clock_changes(any_session, people, ada):
    people.automatic.horizon_days = 200
    any_session.commit()

    made = repeat(ada, "FREQ=WEEKLY;COUNT=20", pool_id=people.automatic.id, zone="Europe/Berlin")

    starts = [row.start_at for row in members(any_session, ada, made.group_id)]
    apart = {b - a for a, b in zip(starts, starts[1:], strict=False)}
    assert apart == {timedelta(weeks=1), timedelta(weeks=1, hours=-1)}


def test_a_taken_series_is_a_conflict_like_any_other(people, ada):
    unit = people.confocal_units[0].id
    ask(actor(people.cy), 9, 10, unit_id=unit)

    with pytest.raises(Conflict):
        repeat(ada, "FREQ=DAILY;COUNT=2", unit_id=unit)
