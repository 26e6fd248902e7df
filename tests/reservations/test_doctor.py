"""Each invariant of `doctor`, broken in the database behind the application's back, is named."""

import contextlib

import pytest
from sqlalchemy import text

from booking.core.period import to_epoch
from booking.infra import ddl
from booking.infra.db import is_postgresql
from booking.reservations.queries.sweep import BROKEN, OVERDUE, broken, overdue
from booking.reservations.queries.sweep_quotas import overdrawn
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.ruled import set_quota
from tests.reservations.steps import ask

_HOLD = (
    "INSERT INTO hold (kind, pool_id, reservation_id, user_id, start_at, end_at, quantity, "
    "unit_ids, override_reason, created_at, expires_at) VALUES ('KIND', :pool, OF, :ada, "
    ":now + 3600, :now + 7200, 1, '', '', :now, UNTIL)"
)
_ENTRY = (
    "INSERT INTO waitlist_entry (kind, pool_id, user_id, quantity, minutes, first_at, last_at, "
    "purpose, note, state, priority, created_at, hold_id) VALUES ('offer', :pool, :ada, 1, 60, 1, "
    "UNTIL, 'research', '', 'STATE', 0, :now, (SELECT max(id) FROM hold))"
)


def _hold(kind, of="NULL", until=":now + 600"):
    return _HOLD.replace("KIND", kind).replace("OF,", f"{of},").replace("UNTIL", until)


def _entry(state, until):
    return _ENTRY.replace("STATE", state).replace("UNTIL", until)


# What is done to the database so that the invariant of this name no longer holds.
BREAKS = {
    "overlapping allocations": (
        "UPDATE allocation SET block_end = block_end + 60 WHERE reservation_id = :first",
    ),
    "allocations without an owner": (
        "UPDATE allocation SET reservation_id = 999999 WHERE reservation_id = :first",
    ),
    "reservations without their units": (
        "UPDATE allocation SET active = 0 WHERE reservation_id = :first",
    ),
    "allocations held for nothing": (
        "UPDATE reservation SET status = 'cancelled' WHERE id = :first",
    ),
    "allocations shorter than the shown times": (
        "UPDATE reservation SET end_at = end_at + 60 WHERE id = :first",
    ),
    "reservations on a unit of another pool": (
        "UPDATE reservation SET pool_id = (SELECT min(id) FROM pool) WHERE id = :first",
    ),
    "requests that no draw decided": (
        "INSERT INTO draw (pool_id, day_start, day_end, draws_at, state, seed, seal, created_at) "
        "VALUES (:pool, :now, :now + 86400, :now, 'done', '', '', :now)",
        "INSERT INTO draw_entry (draw_id, user_id, made_by_id, quantity, start_at, end_at, "
        "purpose, note, form, state, created_at, why) VALUES ((SELECT max(id) FROM draw), :ada, "
        ":ada, 1, :now, :now + 60, 'research', '', '', 'waiting', :now, '')",
    ),
    "pools whose inherited buffers are not their rule's": (
        "UPDATE pool SET inherited_warmup_minutes = 5 WHERE id = :pool",
    ),
    "quotas overdrawn": (
        "INSERT INTO quota (scope_kind, scope_key, subject, measure, period, rolling_days, amount, "
        "week_start, group_kind, group_key, grants, counts_no_show, set_at) VALUES ('park', '', "
        "'person', 'count', 'day', 0, 1, 1, '', '', 0, 0, :now - 86400)",
    ),
    "quota ledgers that do not say what reservations do": (
        "INSERT INTO quota (scope_kind, scope_key, subject, measure, period, rolling_days, amount, "
        "week_start, group_kind, group_key, grants, counts_no_show, set_at, counted_from) VALUES "
        "('park', '', 'person', 'count', 'day', 0, 99, 1, '', '', 0, 0, :now, 0)",
    ),
    "short holds without their units": (_hold("form"),),
    "undecided changes of ended reservations": (
        _hold("pending_move", ":first"),
        "UPDATE reservation SET status = 'completed' WHERE id = :first",
    ),
    "offers that hold nothing": (
        _hold("offer"),
        "UPDATE hold SET released_at = created_at",
        _entry("offered", ":now + 9999"),
    ),
    "holds that nobody is offered": (_hold("offer"),),
    "reminders of what has ended or moved": (
        "UPDATE outbox SET useful_until = useful_until + 60 WHERE kind = 'reminder'",
    ),
    "messages that are stuck": ("UPDATE outbox SET next_try_at = NULL",),
    "allocations not retired": ("UPDATE allocation SET block_start = id, block_end = id + 1",),
    "reservations not completed": ("UPDATE reservation SET start_at = 1, end_at = 2",),
    "requests not expired": ("UPDATE reservation SET decide_by = 1 WHERE id = :pending",),
    "holds not released": (_hold("form", until="1"),),
    "waitlist entries past their time": (_entry("waiting", "2"),),
    "messages not sent": ("UPDATE outbox SET next_try_at = 0, created_at = 1",),
}


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def booked(people):
    """Return ids of Ada's: two reservations side by side on one unit, and a request."""
    first = ask(actor(people.ada), 10, 11, pool_id=people.automatic.id)
    ask(actor(people.ada), 11, 12, pool_id=people.automatic.id)
    pending = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    return {
        "first": first.reservation_id, "pending": pending.reservation_id,
        "pool": people.automatic.id, "ada": people.ada.id, "now": to_epoch(NOW),
    }  # fmt: skip


def found(session):
    return broken(session, NOW) | overdue(session, NOW)


@contextlib.contextmanager
def unguarded(session):
    """Let the database take anything, and forget it afterwards."""
    connection = session.connection()
    if is_postgresql(session):
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        ddl.drop(connection, "allocation_no_overlap")
    else:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = on")
        ddl.drop(connection, "allocation_no_overlap_update")
    yield
    session.rollback()


def test_whatever_is_broken_is_named(any_session, booked):
    assert found(any_session) == {}
    named = {}
    for name, statements in BREAKS.items():
        any_session.rollback()
        with unguarded(any_session):
            for statement in statements:
                wanted = {key: booked[key] for key in booked if f":{key}" in statement}
                any_session.execute(text(statement), wanted)
            named[name] = name in found(any_session)

    assert named == dict.fromkeys([*BROKEN, *OVERDUE], True)
    assert found(any_session) == {}


def test_the_command_names_it_and_fails(any_app, any_session, booked):
    runner = any_app.test_cli_runner()
    healthy = runner.invoke(args=["doctor"])
    any_session.execute(text("UPDATE outbox SET next_try_at = NULL"))
    any_session.commit()
    ill = runner.invoke(args=["doctor"])

    assert (healthy.exit_code, healthy.output) == (0, "healthy\n")
    assert ill.exit_code == 1
    assert "messages that are stuck: " in ill.output


@pytest.mark.parametrize(
    ("subject", "measure", "enough"), [("person", "count", 3), ("company", "minutes", 180)]
)
def test_a_quota_is_overdrawn_only_by_more_than_its_amount(
    any_session, people, booked, subject, measure, enough
):
    an_hour_ago = NOW.replace(hour=0)
    for period in ("day", "week", "month", "rolling", "future"):
        seen = []
        for amount in (enough - 1, enough):
            row = set_quota(
                any_session, subject=subject, measure=measure, period=period, amount=amount,
                rolling_days=7 if period == "rolling" else 0, set_at=an_hour_ago,
            )  # fmt: skip
            seen.append(row.id in overdrawn(any_session, NOW))
        assert seen == [True, False], period


def test_what_was_booked_before_a_quota_or_against_it_overdraws_nothing(any_session, people):
    ask(actor(people.ada), 10, 11, pool_id=people.automatic.id)
    set_quota(any_session, amount=0, period="day")
    assert overdrawn(any_session, NOW) == []

    set_quota(any_session, amount=0, period="day", set_at=NOW.replace(hour=0))
    any_session.execute(text("UPDATE reservation SET override_reason = 'why'"))
    assert overdrawn(any_session, NOW) == []
