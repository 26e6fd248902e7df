"""The guards of the database itself, on both engines: what they refuse and what they let pass."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.audit.models import Audit, AuditPersonal
from booking.core.period import Period
from booking.infra.db import is_overlap
from booking.reservations.models import Allocation
from tests import factories


def _hours(start: int, end: int) -> Period:
    return Period(
        datetime(2026, 11, 24, start, tzinfo=UTC), datetime(2026, 11, 24, end, tzinfo=UTC)
    )


@pytest.fixture
def pool(any_session):
    """Return a pool of two units, the first held from 8 to 10."""
    pool = factories.create_pool(any_session, units=2)
    factories.create_reservation(any_session, pool, _hours(8, 10))
    return pool


OVERLAPPING = [
    (8, 10),  # the same
    (7, 9),  # over its start
    (9, 11),  # over its end
    (9, 10),  # inside, touching the end
    (7, 11),  # around it
]
APART = [
    (6, 8),  # ends as it starts
    (10, 12),  # starts as it ends
]


@pytest.mark.parametrize("hours", OVERLAPPING)
def test_a_unit_is_not_held_twice(any_session, pool, hours):
    with pytest.raises(IntegrityError) as refused:
        factories.create_reservation(any_session, pool, _hours(*hours))
    any_session.rollback()

    assert is_overlap(refused.value)


@pytest.mark.parametrize("hours", APART)
def test_touching_times_do_not_meet(any_session, pool, hours):
    factories.create_reservation(any_session, pool, _hours(*hours))


def test_another_unit_of_the_pool_is_free(any_session, pool):
    second = factories.units_of(any_session, pool)[1:]

    factories.create_reservation(any_session, pool, _hours(8, 10), units=second)


def test_a_hold_cannot_be_moved_onto_another(any_session, pool):
    later = factories.create_reservation(any_session, pool, _hours(10, 12))

    with pytest.raises(IntegrityError) as refused:
        any_session.execute(
            update(Allocation)
            .where(Allocation.reservation_id == later.id)
            .values(block_start=_hours(9, 12).start)
        )
    any_session.rollback()

    assert is_overlap(refused.value)


def test_a_hold_may_be_lengthened_over_its_own_time(any_session, pool):
    any_session.execute(update(Allocation).values(block_end=_hours(8, 11).end))
    any_session.commit()


def test_a_retired_hold_cannot_come_back_over_another(any_session, pool):
    ended = factories.create_reservation(any_session, pool, _hours(9, 11), status="cancelled")

    with pytest.raises(IntegrityError) as refused:
        any_session.execute(
            update(Allocation).where(Allocation.reservation_id == ended.id).values(active=1)
        )
    any_session.rollback()

    assert is_overlap(refused.value)


@pytest.fixture
def written(any_session, now):
    """Return the id of an audit row with personal text."""
    row = {"at": now, "action": "approve", "subject_type": "reservation", "subject_id": 1}
    audit_id = any_session.execute(insert(Audit).values(row).returning(Audit.id)).scalar_one()
    any_session.execute(insert(AuditPersonal).values(audit_id=audit_id, salt="s", text="t"))
    any_session.commit()
    return audit_id


@pytest.mark.parametrize(
    "statement",
    [
        update(Audit).values(action="reject"),
        delete(Audit),
        update(AuditPersonal).values(text="other"),
    ],
    ids=["audit changed", "audit deleted", "text changed"],
)
def test_what_was_audited_stays(any_session, written, statement):
    with pytest.raises(DBAPIError, match="append_only"):
        any_session.execute(statement)
    any_session.rollback()


def test_personal_text_can_be_erased_and_the_audit_row_stays(any_session, written):
    any_session.execute(delete(AuditPersonal))
    any_session.commit()

    assert any_session.get(Audit, written) is not None
