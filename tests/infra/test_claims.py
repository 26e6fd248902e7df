"""Claims: each due row to one process, for a while; how tries end."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.infra import claims, outbox
from booking.infra.claims import claim
from booking.infra.db import db, write
from booking.infra.outbox import Outbox
from tests.reminders.steps import put, rows, the_row

MINUTE = timedelta(minutes=1)


def claimed(limit=10):
    """Return what this process may send now."""
    return write(lambda session: claim(session, limit))


def fail(one, jitter=0.0):
    """End a try with a failure."""
    write(lambda session: claims.mark_failed(session, one, "refused", jitter))


@pytest.fixture(autouse=True)
def _stopped(clock):
    """Stop the clock for all of these."""


def test_what_is_due_is_claimed_longest_due_first(any_session, now):
    put("reminder", 1, "reservation:1", due=now - MINUTE, key="b")
    put("reminder", 1, "reservation:1", due=now - 2 * MINUTE, key="a")
    put("reminder", 1, "reservation:1", due=now + MINUTE, key="c")

    assert [one.dedupe_key for one in claimed()] == ["a", "b"]


def test_a_claimed_row_is_nobody_elses(any_session, now):
    for key in "abc":
        put("reminder", 1, "reservation:1", due=now, key=key)

    assert [len(claimed(2)), len(claimed(2)), len(claimed(2))] == [2, 1, 0]


@pytest.mark.postgres
def test_what_another_is_claiming_is_passed_over_without_a_wait(pg_app, now):
    with pg_app.app_context():
        for key in "abcd":
            put("reminder", 1, "reservation:1", due=now, key=key)
        with Session(db.engine) as mine, Session(db.engine) as theirs:
            first = claim(mine, 2)  # not committed yet
            theirs.execute(text("SET LOCAL lock_timeout = '1s'"))
            second = claim(theirs, 2)

    assert [one.dedupe_key for one in first] == ["a", "b"]
    assert [one.dedupe_key for one in second] == ["c", "d"]


def test_a_claim_ends_with_its_lease(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now)
    (first,) = claimed()

    clock.shift(seconds=claims.LEASE_SECONDS - 1)
    assert claimed() == []
    clock.shift(seconds=1)
    (second,) = claimed()

    assert (second.id, second.attempts, second.token != first.token) == (first.id, 2, True)


def test_what_is_due_at_once_is_due_for_a_database_whose_clock_is_slow(any_session, now, clock):
    put("approved", 1, "reservation:1", due=now)
    clock.shift(days=-1)

    assert len(claimed()) == 1


def test_a_failed_row_waits_longer_each_time_and_is_given_up_after_ten_tries(
    any_session, now, clock
):
    put("reminder", 1, "reservation:1", due=now)
    waits = []
    for _ in range(claims.MOST_ATTEMPTS):
        (one,) = claimed()
        fail(one)
        row = the_row(any_session)
        if row.next_try_at is not None:
            waits.append((row.next_try_at - clock.now) / MINUTE)
            clock.move_to(row.next_try_at)

    assert waits == [1, 2, 4, 8, 16, 32, 50, 50, 50]
    assert (row.state, row.error, claimed()) == (outbox.DEAD, "refused", [])


def test_jitter_spreads_tries_and_stays_within_the_hour():
    assert claims.retry_delay(1, 0.999) < timedelta(seconds=73)
    assert claims.retry_delay(10, 0.999) < timedelta(hours=1)


def test_a_row_past_its_use_is_missed_not_claimed(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now, useful_until=now + MINUTE)
    clock.shift(seconds=60)

    assert claimed() == []
    assert the_row(any_session).state == outbox.MISSED


def test_a_late_row_that_is_still_of_use_is_claimed(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now, useful_until=now + MINUTE)
    clock.shift(seconds=59)

    assert len(claimed()) == 1


def test_a_row_that_kills_every_process_is_given_up(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now)
    for _ in range(claims.MOST_ATTEMPTS):
        assert len(claimed()) == 1
        clock.shift(seconds=claims.LEASE_SECONDS)

    assert claimed() == []
    assert (the_row(any_session).state, the_row(any_session).error) == (
        outbox.DEAD,
        claims.SENDER_DIED,
    )


def test_a_voided_row_is_not_claimed(any_session, now):
    put("reminder", 1, "reservation:1", due=now)
    write(lambda session: outbox.void(session, "reservation:1", ("reminder",)))

    assert claimed() == []


def test_a_row_voided_while_it_was_sent_stays_void_and_tells_that_it_went_out(any_session, now):
    put("reminder", 1, "reservation:1", due=now)
    (one,) = claimed()
    write(lambda session: outbox.void(session, "reservation:1", ("reminder",)))
    write(lambda session: claims.mark_sent(session, one))

    row = the_row(any_session)
    assert (row.state, row.sent_at) == (outbox.VOID, now)


def test_a_row_voided_while_it_failed_is_not_tried_again(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now)
    (one,) = claimed()
    write(lambda session: outbox.void(session, "reservation:1", ("reminder",)))
    fail(one)

    assert (the_row(any_session).state, the_row(any_session).next_try_at) == (outbox.VOID, None)


def test_only_the_holder_of_a_claim_can_say_that_it_failed(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now)
    (first,) = claimed()
    clock.shift(seconds=claims.LEASE_SECONDS)
    (second,) = claimed()
    fail(first)

    row = the_row(any_session)
    assert (row.state, row.claim_token) == (outbox.CLAIMED, second.token)


def test_who_sent_it_says_so_even_after_the_lease(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now)
    (first,) = claimed()
    clock.shift(seconds=claims.LEASE_SECONDS)
    claimed()
    write(lambda session: claims.mark_sent(session, first))

    assert (the_row(any_session).state, claimed()) == (outbox.SENT, [])


def test_a_released_row_is_due_at_once_and_has_lost_no_try(any_session, now):
    put("reminder", 1, "reservation:1", due=now)
    batch = claimed()
    write(lambda session: claims.release(session, batch))

    (again,) = claimed()
    assert again.attempts == 1


def test_a_failed_message_can_be_sent_again_with_all_its_tries(any_session, now, clock):
    put("reminder", 1, "reservation:1", due=now, useful_until=now + MINUTE)
    clock.shift(seconds=60)
    claimed()
    number = the_row(any_session).id

    assert write(lambda session: claims.send_again(session, number))
    assert [one.attempts for one in claimed()] == [1]
    assert not write(lambda session: claims.send_again(session, number))


def test_a_key_already_there_is_not_enqueued_twice(any_session, now):
    for _ in range(2):
        put("reminder", 1, "reservation:1", due=now, key="same")

    assert len(rows(any_session)) == 1


def test_asking_whether_anything_is_due_takes_no_write(any_session, now, clock):
    assert not claims.any_due(any_session)
    put("reminder", 1, "reservation:1", due=now + MINUTE)
    assert not claims.any_due(any_session)
    clock.shift(seconds=60)
    assert claims.any_due(any_session)


def test_what_was_let_in_by_a_message_is_forgotten_once_it_is_out(any_session, now):
    put("invitation", 1, "user:1", path="/account/set-password/secret")
    (one,) = claimed()
    write(lambda session: claims.mark_sent(session, one, forget_parameters=True))

    assert any_session.scalar(select(Outbox.parameters)) == "{}"
