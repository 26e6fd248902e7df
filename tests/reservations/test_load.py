"""Loading reservations in bulk: the constraint always, the rest goes in."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from booking.infra.db import db, transaction
from booking.reservations.models import Allocation, Reservation
from booking.reservations.rules.imports import OPEN_END, LoadConflict, LoadRow
from booking.reservations.services.imports import load_reservations
from tests.conftest import NOW
from tests.factories import create_pool, units_of

HOUR = timedelta(hours=1)


@pytest.fixture
def pool(any_session):
    pool = create_pool(any_session, units=2)
    return pool.id, [unit.id for unit in units_of(any_session, pool)]


def row(pool, line, start, end, unit=0, **overrides):
    pool_id, units = pool
    values = {
        "line": line,
        "pool_id": pool_id,
        "unit_ids": (units[unit],),
        "start": start,
        "end": end,
        "user_id": None,
        "person_text": "Ada",
        "company_id": None,
        "institution_id": None,
        "purpose": "other",
        "status": None,
        "source_key": f"key-{start}-{end}-{unit}",
    }
    return LoadRow(**{**values, **overrides})


def load(rows, now=NOW):
    with transaction() as session:
        return load_reservations(session, rows, "import:file.csv", now)


def test_back_to_back_and_open_ended_rows_all_go_in(pool):
    rows = [
        row(pool, 2, NOW - 2 * HOUR, NOW - HOUR),
        row(pool, 3, NOW - HOUR, NOW + HOUR),
        row(pool, 4, NOW + HOUR, OPEN_END),
    ]

    report = load(rows)

    assert (report.imported, report.unchanged, report.conflicts) == (3, 0, ())
    query = select(Reservation.status).order_by(Reservation.start_at)
    assert db.session.scalars(query).all() == ["completed", "approved", "approved"]
    assert db.session.scalar(select(func.max(Allocation.block_end))) == OPEN_END


def test_of_two_that_overlap_the_first_in_the_file_goes_in_and_both_lines_are_told(pool):
    rows = [
        row(pool, 2, NOW, NOW + 2 * HOUR),
        row(pool, 3, NOW + HOUR, NOW + 3 * HOUR),
        row(pool, 4, NOW + 2 * HOUR, NOW + 3 * HOUR),
        row(pool, 5, NOW + HOUR, NOW + 3 * HOUR, unit=1),
    ]

    report = load(rows)

    assert report.imported == 3
    assert report.conflicts == (LoadConflict(3, 2, pool[1][0]),)


def test_the_same_rows_again_are_unchanged_even_when_retired(pool):
    rows = [row(pool, 2, NOW - 3 * HOUR, NOW - 2 * HOUR), row(pool, 3, NOW, NOW + HOUR)]
    load(rows)
    with transaction() as session:
        session.execute(update(Allocation).values(active=0))

    report = load(rows)

    assert (report.imported, report.unchanged, report.conflicts) == (0, 2, ())


def test_a_row_over_a_retired_allocation_is_a_conflict(pool):
    load([row(pool, 2, NOW - 3 * HOUR, NOW - HOUR)])
    with transaction() as session:
        session.execute(update(Allocation).values(active=0))

    report = load([row(pool, 7, NOW - 2 * HOUR, NOW)])

    assert report.conflicts == (LoadConflict(7, None, pool[1][0]),)


def test_the_times_a_reservation_was_moved_from_are_free(pool, any_session):
    load([row(pool, 2, NOW - 9 * HOUR, NOW - 8 * HOUR)])
    with transaction() as session:  # as a move leaves it: the old block released, a new one held
        session.execute(update(Allocation).values(active=0))
        times = {"start_at": NOW - 5 * HOUR, "end_at": NOW - 4 * HOUR}
        session.execute(update(Reservation).values(**times))

    assert load([row(pool, 7, NOW - 9 * HOUR, NOW - 8 * HOUR, source_key="x")]).imported == 1


def test_a_conflict_tells_its_line_again_when_the_file_is_loaded_again(pool):
    rows = [row(pool, 2, NOW, NOW + 2 * HOUR), row(pool, 3, NOW + HOUR, NOW + 3 * HOUR)]
    load(rows)

    report = load(rows)

    assert report.unchanged == 1
    assert report.conflicts == (LoadConflict(3, 2, pool[1][0]),)


def test_a_cancelled_row_holds_nothing(pool):
    rows = [
        row(pool, 2, NOW, NOW + HOUR, status="cancelled"),
        row(pool, 3, NOW, NOW + HOUR, source_key="other"),
    ]

    assert load(rows).imported == 2
    assert db.session.scalar(select(func.count()).select_from(Allocation)) == 1


def test_the_constraint_decides_when_the_look_before_missed_something(pool, monkeypatch):
    load([row(pool, 2, NOW, NOW + HOUR)])
    module = "booking.reservations.services.imports"
    monkeypatch.setattr(f"{module}.held_spans", lambda *_: {})

    report = load([row(pool, 5, NOW, NOW + 2 * HOUR), row(pool, 6, NOW + 2 * HOUR, NOW + 3 * HOUR)])

    assert report.imported == 1
    assert report.conflicts == (LoadConflict(5, None, pool[1][0]),)


def test_a_reference_already_taken_is_drawn_again(pool):
    references = iter(["AAAAAAAA", "AAAAAAAA", "AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    rows = [row(pool, 2, NOW, NOW + HOUR), row(pool, 3, NOW + HOUR, NOW + 2 * HOUR)]

    with transaction() as session:
        report = load_reservations(session, rows, "import:x", NOW, lambda: next(references))

    assert report.imported == 2
