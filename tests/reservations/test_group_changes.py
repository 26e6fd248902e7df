"""Series and groups changed and ended: one, this and the following, all; the past stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.approvals.services.deciding import approve
from booking.core.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PartsTaken,
    PartsViolated,
    Stale,
    WrongState,
)
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.models import Reservation, ReservationGroup
from booking.reservations.queries.groups import visible_group
from booking.reservations.queries.sweep import broken
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.moving import Change, move
from booking.reservations.services.undoing import undo_cancel
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.grouped import change, end, members, repeat, times
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def ada(people):
    return actor(people.ada)


@pytest.fixture
def daily(people, ada):
    """Return the id of Ada's five days from Tuesday on, 9 to 10."""
    return repeat(ada, "FREQ=DAILY;COUNT=5", pool_id=people.automatic.id).group_id


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def group(session, group_id):
    session.rollback()
    return session.get(ReservationGroup, group_id)


def sent(session):
    session.rollback()
    kinds = session.scalars(select(Outbox.kind).order_by(Outbox.id)).all()
    return [kind for kind in kinds if kind != "reminder"]


# --- changing ----------------------------------------------------------------------------


def test_all_move_together_and_keep_their_rule(any_session, ada, daily):
    done = change(ada, daily, "all", start=at(14), end=at(16))

    assert (done.group_id, done.changed) == (daily, 5)
    assert times(any_session, ada, daily) == [(day, 14, "approved") for day in range(5)]
    row = group(any_session, daily)
    assert (row.rule, row.starts_local) == ("FREQ=DAILY;COUNT=5", "2026-11-24T14:00")
    assert row.length_minutes == 120
    assert sent(any_session) == ["group_approved", "group_moved"]


def test_one_moves_alone(any_session, ada, daily):
    third = members(any_session, ada, daily)[2].id

    change(ada, daily, "one", reservation_id=third, start=at(14, 2), end=at(15, 2))

    assert [hour for _day, hour, _status in times(any_session, ada, daily)] == [9, 9, 14, 9, 9]
    assert group(any_session, daily).starts_local == "2026-11-24T09:00"
    assert sent(any_session) == ["group_approved", "moved"]


def test_this_and_the_following_become_a_series_of_their_own(any_session, ada, daily):
    third = members(any_session, ada, daily)[2].id

    done = change(ada, daily, "following", reservation_id=third, start=at(14, 2), end=at(15, 2))

    assert done.group_id != daily
    assert times(any_session, ada, daily) == [(0, 9, "approved"), (1, 9, "approved")]
    assert times(any_session, ada, done.group_id) == [
        (2, 14, "approved"), (3, 14, "approved"), (4, 14, "approved"),
    ]  # fmt: skip
    old, new = group(any_session, daily), group(any_session, done.group_id)
    assert (old.rule, new.rule) == ("FREQ=DAILY;COUNT=2", "FREQ=DAILY;COUNT=3")
    assert (new.starts_local, new.split_from_id) == ("2026-11-26T14:00", daily)
    assert [row.group_position for row in members(any_session, ada, new.id)] == [0, 1, 2]


def test_what_is_past_stays_when_a_running_series_changes(any_session, ada, daily, clock):
    clock.move_to(at(12, 1))  # two are over
    before = [(r.id, r.start_at, r.version) for r in members(any_session, ada, daily)[:2]]

    done = change(ada, daily, "all", start=at(14, 2), end=at(15, 2), now=clock.now)

    kept = members(any_session, ada, daily)
    assert [(r.id, r.start_at, r.version) for r in kept] == before
    assert [t[:2] for t in times(any_session, ada, done.group_id)] == [(2, 14), (3, 14), (4, 14)]
    assert group(any_session, daily).rule == "FREQ=DAILY;COUNT=2"


def test_weekly_days_move_along(any_session, people, ada):
    made = repeat(ada, "FREQ=WEEKLY;BYDAY=TU,SU;COUNT=4", pool_id=people.automatic.id).group_id

    change(ada, made, "all", start=at(9, 1), end=at(10, 1))

    assert [t[0] for t in times(any_session, ada, made)] == [1, 6, 8, 13]
    row = group(any_session, made)
    assert (row.rule, row.starts_local) == ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", "2026-11-25T09:00")
    assert [m.occurrence_day for m in members(any_session, ada, made)][:2] == [
        "2026-11-25", "2026-11-30",
    ]  # fmt: skip


def test_days_no_rule_can_say_are_refused(any_session, people, ada):
    made = repeat(ada, "FREQ=MONTHLY;BYDAY=-1TU;COUNT=2", pool_id=people.automatic.id).group_id

    with pytest.raises(Invalid, match="series_day_shift"):
        change(ada, made, "all", start=at(9, 1), end=at(10, 1))

    assert times(any_session, ada, made)[0][0] == 0


def test_an_occurrence_in_the_way_refuses_all_or_keeps_its_time(any_session, people, ada):
    unit = people.confocal_units[0].id
    made = repeat(ada, "FREQ=DAILY;COUNT=4", unit_id=unit).group_id
    ask(actor(people.cy), 48 + 14, 48 + 15, unit_id=unit)

    with pytest.raises(PartsTaken) as refused:
        change(ada, made, "all", start=at(14), end=at(15))
    assert [problem.position for problem in refused.value.problems] == [2]
    assert {hour for _day, hour, _status in times(any_session, ada, made)} == {9}

    done = change(ada, made, "all", start=at(14), end=at(15), how="skip")
    assert [problem.position for problem in done.kept] == [2]
    assert [hour for _day, hour, _status in times(any_session, ada, made)] == [14, 14, 9, 14]


def test_rules_are_asked_of_each_change(people, ada, any_session, daily):
    people.automatic.opening_hours = "1 08:00-18:00;2 08:00-18:00;3 08:00-18:00;5 08:00-18:00"
    any_session.commit()

    with pytest.raises(PartsViolated) as refused:
        change(ada, daily, "all", start=at(10), end=at(11))

    assert [p.position for p in refused.value.problems] == [2, 4]  # Thursday and Saturday


def test_moving_into_the_place_of_ones_own_next_day(any_session, people, ada):
    """Daily for 23 hours on one unit: each can only move into what the one before has left."""
    unit = people.confocal_units[0].id
    made = repeat(ada, "FREQ=DAILY;COUNT=4", 0, 23, unit_id=unit).group_id

    change(ada, made, "all", start=at(0, 1), end=at(23, 1))
    assert [t[0] for t in times(any_session, ada, made)] == [1, 2, 3, 4]

    change(ada, made, "all", start=at(0), end=at(23))
    assert [t[0] for t in times(any_session, ada, made)] == [0, 1, 2, 3]


def test_approved_times_are_asked_for_and_one_message_goes_to_the_lab(any_session, people, ada):
    mei = actor(people.mei)
    made = repeat(ada, "FREQ=DAILY;COUNT=3", pool_id=people.confocal.id).group_id
    for row in members(any_session, ada, made):
        write(lambda s, key=row.id: approve(s, mei, key, NOW))

    done = change(ada, made, "all", start=at(14), end=at(15))

    assert (done.changed, done.asked, done.group_id) == (3, 3, made)
    assert {hour for _day, hour, _status in times(any_session, ada, made)} == {9}
    assert group(any_session, made).starts_local == "2026-11-24T09:00"  # nothing agreed yet
    assert sent(any_session)[-1] == "group_change_requested"


def test_title_note_and_version(any_session, ada, daily):
    seen = visible_group(any_session, ada, daily).version
    any_session.rollback()

    change(ada, daily, "all", title="培养", note="37 °C", version=seen)

    assert group(any_session, daily).title == "培养"
    assert {row.note for row in members(any_session, ada, daily)} == {"37 °C"}
    with pytest.raises(Stale):
        change(ada, daily, "all", title="x", version=seen)


@pytest.mark.parametrize("scope", ["all", "following"])
def test_the_version_only_grows_whatever_changes(any_session, ada, daily, scope):
    def version():
        any_session.rollback()
        return visible_group(any_session, ada, daily).version

    seen = [version()]
    third = members(any_session, ada, daily)[2].id
    write(lambda s: move(s, ada, third, None, Change(start=at(8, 2)), NOW))
    seen.append(version())
    change(ada, daily, scope, reservation_id=third, start=at(14, 2), end=at(15, 2))
    seen.append(version())
    write(lambda s: cancel(s, ada, members(any_session, ada, daily)[0].id, "", NOW))
    seen.append(version())

    assert seen == sorted(set(seen))


def test_others_may_not_and_strangers_do_not_see(people, ada, daily):
    with pytest.raises(Forbidden):
        change(actor(people.bo), daily, "all", start=at(14), end=at(15))
    with pytest.raises(NotFound):
        change(actor(people.cy), daily, "all", start=at(14), end=at(15))
    with pytest.raises(NotFound):
        end(actor(people.cy), daily)
    with pytest.raises(NotFound):
        end(ada, daily, "one", of=10**9)
    with pytest.raises(Invalid):
        end(ada, daily, "following")


# --- ending ------------------------------------------------------------------------------


def test_one_is_cancelled_and_the_others_stay(any_session, ada, daily):
    third = members(any_session, ada, daily)[2].id

    assert end(ada, daily, "one", of=third) == 1

    states = [status for _day, _hour, status in times(any_session, ada, daily)]
    assert states == ["approved", "approved", "cancelled", "approved", "approved"]
    assert group(any_session, daily).ended_at is None


def test_cancelling_the_last_valid_one_ends_the_series(any_session, ada, daily):
    for row in members(any_session, ada, daily):
        assert group(any_session, daily).ended_at is None
        write(lambda s, key=row.id: cancel(s, ada, key, "", NOW))

    assert group(any_session, daily).ended_at == NOW
    with pytest.raises(WrongState, match="nothing_coming"):
        end(ada, daily)


def test_this_and_the_following_are_cancelled(any_session, ada, daily):
    third = members(any_session, ada, daily)[2].id

    assert end(ada, daily, "following", of=third) == 3

    states = [status for _day, _hour, status in times(any_session, ada, daily)]
    assert states == ["approved"] * 2 + ["cancelled"] * 3
    assert group(any_session, daily).rule == "FREQ=DAILY;COUNT=2"
    assert sent(any_session) == ["group_approved", "group_cancelled"]


@pytest.mark.parametrize("order", [(4, 3), (3, 4)])
def test_what_comes_back_is_of_the_series_again(any_session, ada, daily, order):
    """Its rule ended before: changing from there on was an error of ours."""
    ids = [row.id for row in members(any_session, ada, daily)]
    end(ada, daily, "following", of=ids[2])
    for place in order:
        write(lambda s, key=ids[place]: undo_cancel(s, ada, key, NOW))
    told = group(any_session, daily)
    assert (told.rule, told.exceptions) == ("FREQ=DAILY;COUNT=5", "2026-11-26")
    later = change(ada, daily, "following", reservation_id=ids[3], start=at(14, 3), end=at(15, 3))
    assert times(any_session, ada, later.group_id) == [(3, 14, "approved"), (4, 14, "approved")]
    end(ada, later.group_id, "following", of=ids[4])
    assert group(any_session, later.group_id).rule == "FREQ=DAILY;COUNT=1"


def test_what_comes_back_of_a_series_that_moved_is_of_its_own(any_session, ada, daily):
    ids = [row.id for row in members(any_session, ada, daily)]
    end(ada, daily, "following", of=ids[2])
    change(ada, daily, "all", start=at(9, 1), end=at(10, 1))
    write(lambda s: undo_cancel(s, ada, ids[4], NOW))
    any_session.rollback()
    back = any_session.get(Reservation, ids[4], populate_existing=True)
    assert (back.status, back.start_at, back.group_id) == ("approved", at(9, 4), None)
    assert times(any_session, ada, daily)[:2] == [(1, 9, "approved"), (2, 9, "approved")]


def test_all_that_is_coming_is_cancelled_and_what_was_stays(any_session, ada, daily, clock):
    clock.move_to(at(12, 1))

    assert end(ada, daily, now=clock.now) == 3

    states = [status for _day, _hour, status in times(any_session, ada, daily)]
    assert states == ["approved"] * 2 + ["cancelled"] * 3


def test_a_manager_needs_a_reason_and_all_or_none_are_cancelled(any_session, people, ada):
    made = repeat(ada, "FREQ=DAILY;COUNT=3", pool_id=people.confocal.id).group_id

    with pytest.raises(Invalid, match="reason_needed"):
        end(actor(people.mei), made)
    assert {status for *_x, status in times(any_session, ada, made)} == {"pending"}

    assert end(actor(people.mei), made, reason="维护") == 3
    assert sent(any_session)[-1] == "group_cancelled"


def test_changing_takes_a_bounded_number_of_steps(any_session, people, ada):
    """A long series stays far from a second."""
    people.automatic.horizon_days = 400
    any_session.commit()
    made = repeat(ada, "FREQ=DAILY;COUNT=60", pool_id=people.automatic.id).group_id

    done = change(ada, made, "all", start=at(14), end=at(15))

    assert done.changed == 60
    assert members(any_session, ada, made)[-1].start_at == at(14) + timedelta(days=59)
