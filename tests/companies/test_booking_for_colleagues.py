"""Who books for colleagues, what finance sees, and in whose name somebody with two places books."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.companies.models import Membership
from booking.core.errors import Forbidden, Invalid, NotFound
from booking.core.period import Period
from booking.infra.db import write
from booking.reservations.models import Reservation
from booking.reservations.queries.reservations import visible_reservation
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.requesting import request_reservation
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser, fields

START = NOW + timedelta(days=1)
END = START + timedelta(hours=1)


@pytest.fixture
def park(any_session, clock):
    """Return the cast; Ada books for her colleagues, of whom Zoe is one."""
    people = cast(any_session)
    set_roles(any_session, people.ada, "member booker")
    return people


@pytest.fixture
def zoe(any_session, park):
    zoe = factories.create_user(any_session, email="zoe@test.example", name="Zoe")
    factories.create_membership(any_session, zoe, park.company_a)
    return zoe


def set_roles(session, person, roles):
    place = session.scalars(select(Membership).where(Membership.user_id == person.id)).one()
    place.roles = roles
    session.commit()


def asked(park, person, **more):
    return BookingRequest(START, END, pool_id=park.automatic.id, on_behalf_of=person.id, **more)


def book(session, park, who, request):
    actor = factories.actor(getattr(park, who))
    session.rollback()
    return write(lambda s: request_reservation(s, actor, request, NOW)).reservation_id


def test_a_booker_books_for_a_colleague_and_looks_after_it(any_session, park, zoe):
    key = book(any_session, park, "ada", asked(park, zoe))
    row = any_session.get_one(Reservation, key)
    assert (row.user_id, row.company_id, row.created_by_id) == (
        zoe.id, park.company_a.id, park.ada.id,
    )  # fmt: skip

    ada = factories.actor(park.ada)
    assert visible_reservation(any_session, ada, key).row.id == key
    any_session.rollback()
    write(lambda s: cancel(s, ada, key, "not needed", NOW))
    assert any_session.get_one(Reservation, key).status == "cancelled"


def test_without_the_role_what_was_booked_is_gone(any_session, park, zoe):
    key = book(any_session, park, "ada", asked(park, zoe))
    set_roles(any_session, park.ada, "member")

    with pytest.raises(NotFound):
        visible_reservation(any_session, factories.actor(park.ada), key)


def test_strangers_and_nobody_are_refused_alike(any_session, park):
    for person in (park.cy, park.mei):
        with pytest.raises(Invalid, match="not_for_others"):
            book(any_session, park, "ada", asked(park, person))
    nobody = BookingRequest(START, END, pool_id=park.automatic.id, on_behalf_of=471147)
    with pytest.raises(Invalid, match="not_for_others"):
        book(any_session, park, "ada", nobody)


def test_only_the_common_company_can_be_booked_for(any_session, park, zoe):
    factories.create_membership(any_session, zoe, park.company_b)
    with pytest.raises(Invalid, match="not_for_others"):
        book(any_session, park, "ada", asked(park, zoe, company_id=park.company_b.id))

    key = book(any_session, park, "ada", asked(park, zoe))
    assert any_session.get_one(Reservation, key).company_id == park.company_a.id


def test_members_and_admins_alone_book_for_themselves(any_session, park, zoe):
    for who in ("bo", "cy"):
        with pytest.raises(Invalid, match="not_for_others"):
            book(any_session, park, who, asked(park, zoe))


def test_the_form_finds_colleagues_only(any_app, any_session, park, zoe):
    ada, path = browser(any_app, park.ada), f"/reserve?pool_id={park.automatic.id}"
    form = fields(ada.get(path).text)
    assert "for_whom" in form
    assert "Nobody with this name" in ada.post(path, data={**form, "for_whom": "Cy"}).text
    assert ada.post(path, data={**form, "for_whom": "Zoe"}).status_code == 302
    assert any_session.scalars(select(Reservation.user_id)).all() == [zoe.id]


def test_finance_sees_what_the_company_booked_without_notes(any_app, any_session, park, zoe):
    row = factories.create_reservation(
        any_session, park.automatic, Period(START, END), user_id=park.ada.id,
        company_id=park.company_a.id, note="secret sample",
    )  # fmt: skip
    set_roles(any_session, zoe, "member finance")
    page = browser(any_app, zoe).get("/reservations?scope=company").text
    assert row.reference in page
    assert "secret sample" not in browser(any_app, zoe).get(f"/reservations/{row.id}").text

    actor = factories.actor(zoe)
    any_session.rollback()
    with pytest.raises(Forbidden):
        write(lambda s: cancel(s, actor, row.id, "no", NOW))


def test_who_has_two_places_chooses_once_for_the_session(any_app, any_session, park):
    factories.create_membership(any_session, park.ada, park.company_b, "member admin")
    ada, path = browser(any_app, park.ada), f"/reserve?pool_id={park.automatic.id}"
    assert fields(ada.get(path).text)["party"] == ""

    b = f"company:{park.company_b.id}"
    assert ada.post("/companies/act", data={"party": b, "next": path}).location == path
    page = ada.get(path).text
    assert fields(page)["party"] == b
    assert "Ada · Beta Pharma" in page
    assert ada.post(path, data=fields(page)).status_code == 302
    assert any_session.scalars(select(Reservation.company_id)).all() == [park.company_b.id]
    assert fields(browser(any_app, park.ada).get(path).text)["party"] == ""  # another session


def test_a_party_that_is_not_ones_own_cannot_be_chosen(any_app, any_session, park):
    factories.create_membership(any_session, park.bo, park.west)
    bo, path = browser(any_app, park.bo), f"/reserve?pool_id={park.automatic.id}"
    for value in (f"company:{park.company_b.id}", "company:x", ""):
        bo.post("/companies/act", data={"party": value})

    assert fields(bo.get(path).text)["party"] == ""
