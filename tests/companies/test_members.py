"""What people are in a company, how they leave it, and a company that is closed down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.models import ApiToken, UserSession
from booking.accounts.services.sessions import start_session
from booking.accounts.services.tokens import create_token
from booking.audit.models import Audit
from booking.companies.models import Company, Membership
from booking.companies.services.members import set_roles
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.period import Period
from booking.infra.db import write
from booking.infra.passwords import hash_password
from booking.reservations.models import Reservation
from booking.reservations.services.leaving import CANCEL, Parting, close_company, leave
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser, said
from tests.reminders.steps import rows

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def park(any_session, clock):
    people = cast(any_session)
    for person in (people.ada, people.bo, people.cy):
        person.password_hash = hash_password("right horse battery")
    any_session.commit()
    return people


@pytest.fixture
def act(any_session, park):
    """Return a function that runs a service as somebody."""

    def run(who, service, *args):
        actor = factories.actor(getattr(park, who))
        any_session.rollback()
        return write(lambda session: service(session, actor, *args, NOW))

    return run


def place_of(session, person) -> Membership:
    session.rollback()
    return session.scalars(select(Membership).where(Membership.user_id == person.id)).one()


def booked(session, park, person, day=1, **more):
    start = NOW + timedelta(days=day)
    period = Period(start, start + timedelta(hours=1))
    values = {"user_id": person.id, "company_id": park.company_a.id, **more}
    return factories.create_reservation(session, park.automatic, period, **values)


def test_an_admin_gives_and_takes_roles(any_session, park, act):
    company, place = park.company_a.id, place_of(any_session, park.ada).id
    act("bo", set_roles, company, place, ("member", "finance", "booker"))
    assert place_of(any_session, park.ada).roles == "member booker finance"

    with pytest.raises(Invalid):
        act("bo", set_roles, company, place, ("member", "operator"))
    for who, where in (("ada", company), ("cy", company), ("bo", park.company_b.id)):
        with pytest.raises(NotFound):
            act(who, set_roles, where, place, ("member", "admin"))
    (row,) = any_session.scalars(select(Audit).where(Audit.action == "membership.roles"))
    assert row.subject_id == place


def test_the_last_admin_stays(any_session, park, act):
    company, bo = park.company_a.id, place_of(any_session, park.bo).id
    with pytest.raises(WrongState, match="last_admin"):
        act("bo", set_roles, company, bo, ("member",))
    with pytest.raises(WrongState, match="last_admin"):
        act("bo", leave, company, bo, Parting())

    act("bo", set_roles, company, place_of(any_session, park.ada).id, ("member", "admin"))
    assert act("bo", leave, company, bo, Parting()) == park.bo.id
    assert place_of(any_session, park.bo).until_at == NOW


def test_an_admin_who_cannot_sign_in_does_not_count(any_session, park, act):
    company = park.company_a.id
    act("bo", set_roles, company, place_of(any_session, park.ada).id, ("member", "admin"))
    park.ada.password_hash = None
    any_session.commit()

    with pytest.raises(WrongState, match="last_admin"):
        act("bo", leave, company, place_of(any_session, park.bo).id, Parting())


def test_what_is_to_come_is_handed_on_or_cancelled(any_session, park, act):
    kept, given = booked(any_session, park, park.ada), booked(any_session, park, park.ada, day=2)
    running = booked(any_session, park, park.ada, day=-0.01, status="in_use")
    before = booked(any_session, park, park.ada, day=-5, status="completed")
    company, place = park.company_a.id, place_of(any_session, park.ada).id
    with pytest.raises(WrongState, match="undecided") as refused:
        act("ada", leave, company, place, Parting(each={kept.id: CANCEL}))
    assert [one.id for one in refused.value.parameters["reservations"]] == [given.id]

    act("ada", leave, company, place, Parting(CANCEL, {given.id: park.bo.id}, "moved away"))
    any_session.rollback()
    found = {key: any_session.get_one(Reservation, key) for key in
             (kept.id, given.id, running.id, before.id)}  # fmt: skip
    assert (found[kept.id].status, found[given.id].user_id) == ("cancelled", park.bo.id)
    assert [found[key].status for key in (running.id, before.id)] == ["in_use", "completed"]
    assert place_of(any_session, park.ada).until_at == NOW


def test_an_admin_ends_a_place_with_a_reason(any_session, park, act):
    coming = booked(any_session, park, park.ada)
    company, place = park.company_a.id, place_of(any_session, park.ada).id
    with pytest.raises(Invalid, match="reason_needed"):
        act("bo", leave, company, place, Parting(CANCEL))
    with pytest.raises(Invalid, match="not_a_colleague"):
        act("bo", leave, company, place, Parting(park.cy.id))
    for who in ("cy", "mei"):
        with pytest.raises(NotFound):
            act(who, leave, company, place, Parting(CANCEL, reason="no"))

    write(lambda s: start_session(s, park.ada.id, "", "", NOW))
    write(lambda s: create_token(s, None, park.ada.id, ("read",), NOW))
    act("bo", leave, company, place, Parting(CANCEL, reason="left us"))
    any_session.rollback()
    assert any_session.get_one(Reservation, coming.id).status == "cancelled"
    assert {row.kind for row in rows(any_session)} == {"cancelled", "place_ended"}
    assert any_session.scalars(select(UserSession.ended_at)).all() == [NOW]
    assert any_session.scalars(select(ApiToken.revoked_at)).all() == [NOW]


def test_who_has_a_place_elsewhere_stays_signed_in(any_session, park, act):
    factories.create_membership(any_session, park.ada, park.company_b)
    write(lambda s: start_session(s, park.ada.id, "", "", NOW))
    here = select(Membership.id).where(Membership.company_id == park.company_a.id)
    place = any_session.scalars(here.where(Membership.user_id == park.ada.id)).one()
    act("bo", leave, park.company_a.id, place, Parting())

    assert any_session.scalars(select(UserSession.ended_at)).all() == [None]


def test_leaving_by_page(any_app, any_session, park):
    coming, other = booked(any_session, park, park.ada), booked(any_session, park, park.ada, day=2)
    path = f"/companies/{park.company_a.id}/members/{place_of(any_session, park.ada).id}/leave"
    ada = browser(any_app, park.ada)
    assert coming.reference in ada.get(path).text
    refused = ada.post(path, data={"rest": ""})
    assert refused.status_code == 422
    assert "Say what becomes of each" in said(refused.text)

    data = {"rest": "cancel", f"fate-{other.id}": str(park.bo.id), "reason": ""}
    assert ada.post(path, data=data).location == "/companies"
    any_session.rollback()
    assert any_session.get_one(Reservation, coming.id).status == "cancelled"
    assert any_session.get_one(Reservation, other.id).user_id == park.bo.id
    assert ada.get(path).status_code == 404


def test_a_company_closed_down_keeps_its_history(any_session, park, act):
    coming = booked(any_session, park, park.ada)
    before = booked(any_session, park, park.ada, day=-5, status="completed")
    company = park.company_a.id
    with pytest.raises(NotFound):
        act("bo", close_company, company, "no")
    with pytest.raises(Invalid, match="reason_needed"):
        act("ops", close_company, company, "")
    write(lambda s: start_session(s, park.ada.id, "", "", NOW))

    act("ops", close_company, company, "left the park")
    any_session.rollback()
    assert any_session.get_one(Company, company).retired_at == NOW
    assert any_session.get_one(Reservation, coming.id).status == "cancelled"
    assert any_session.get_one(Reservation, before.id).company_id == company
    places = select(Membership.until_at).where(Membership.company_id == company)
    assert set(any_session.scalars(places)) == {NOW}
    assert any_session.scalars(select(UserSession.ended_at)).all() == [NOW]


def test_a_company_is_not_closed_while_something_runs(any_session, park, act):
    booked(any_session, park, park.ada, day=-0.01, status="in_use")

    with pytest.raises(WrongState, match="has_live_reservations"):
        act("ops", close_company, park.company_a.id, "left")
