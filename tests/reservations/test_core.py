"""Points that are easily missed: references, lab colleagues, what was retired meanwhile."""

import pytest

from booking.companies.services.people import restore_person
from booking.core.errors import Busy, Invalid
from booking.infra.db import write
from booking.reservations.models import Reservation
from booking.reservations.services import inserting
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.handing import transfer
from booking.reservations.services.retiring import retire_company, retire_person
from booking.reservations.services.undoing import undo_cancel
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


# --- references -------------------------------------------------------------------------


def test_a_taken_reference_is_not_given_twice(people, any_session, monkeypatch):
    drawn = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(inserting, "reference", lambda _bytes: next(drawn))
    made = [ask(actor(people.ada), hour, hour + 1, pool_id=people.confocal.id) for hour in (10, 12)]
    any_session.rollback()
    found = [any_session.get(Reservation, booked.reservation_id).reference for booked in made]
    assert found == ["AAAAAAAA", "BBBBBBBB"]


def test_references_that_are_all_taken_are_a_busy_moment(people, monkeypatch):
    monkeypatch.setattr(inserting, "reference", lambda _bytes: "AAAAAAAA")
    ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    with pytest.raises(Busy):
        ask(actor(people.ada), 12, 13, pool_id=people.confocal.id)


# --- lab colleagues ---------------------------------------------------------------------


def test_a_manager_books_for_a_colleague_who_belongs_to_the_lab_only(people, any_session):
    tom = factories.create_user(any_session)
    factories.create_lab_member(any_session, people.west_lab, tom, "staff")

    booked = ask(actor(people.mei), 10, 11, pool_id=people.confocal.id, on_behalf_of=tom.id)

    any_session.rollback()
    row = any_session.get(Reservation, booked.reservation_id)
    assert (row.user_id, row.institution_id, row.company_id) == (tom.id, people.west.id, None)
    with pytest.raises(Invalid, match="party_needed"):  # another lab's pool
        ask(actor(people.ops), 10, 11, pool_id=people.east_pool.id, on_behalf_of=tom.id)


def test_a_colleague_with_a_company_is_asked_for_whom(people, any_session):
    factories.create_lab_member(any_session, people.west_lab, people.ada, "staff")
    wanted = {"pool_id": people.confocal.id, "on_behalf_of": people.ada.id}
    with pytest.raises(Invalid, match="party_needed"):
        ask(actor(people.mei), 10, 11, **wanted)
    ask(actor(people.mei), 10, 11, institution_id=people.west.id, **wanted)
    ask(actor(people.mei), 10, 11, company_id=people.company_a.id, **wanted)


# --- what was retired meanwhile ---------------------------------------------------------


def test_an_actor_read_before_the_company_was_retired_books_nothing(people):
    ada = actor(people.ada)
    write(lambda s: retire_company(s, actor(people.ops), people.company_a.id, NOW))
    with pytest.raises(Invalid, match="not_your_party"):
        ask(ada, 10, 11, pool_id=people.confocal.id)


def test_nothing_comes_back_for_who_was_retired(people):
    ada, ops = actor(people.ada), actor(people.ops)
    booked = ask(ada, 10, 11, pool_id=people.automatic.id).reservation_id
    write(lambda s: cancel(s, ada, booked, "", NOW))
    write(lambda s: retire_person(s, ops, people.ada.id, NOW))
    with pytest.raises(Invalid, match="not_your_party"):
        write(lambda s: undo_cancel(s, actor(people.mei), booked, NOW))
    write(lambda s: restore_person(s, ops, people.ada.id, NOW))
    write(lambda s: undo_cancel(s, actor(people.mei), booked, NOW))


def test_nothing_is_handed_to_who_was_retired(people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.automatic.id).reservation_id
    write(lambda s: retire_person(s, actor(people.ops), people.bo.id, NOW))
    with pytest.raises(Invalid, match="not_a_colleague"):
        write(lambda s: transfer(s, actor(people.ada), booked, people.bo.id, NOW))
