"""Invitations by mail and joining by mail domain: nobody's account is touched without them."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.models import User
from booking.companies.models import CompanyDomain, CompanyInvitation, Membership
from booking.companies.services.accepting import accept, accept_as_new, say_yes
from booking.companies.services.domains import ask_to_join, end_domain, set_domain
from booking.companies.services.invitations import (
    InvitationWanted,
    invite,
    send_again,
    withdraw,
)
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.db import write
from booking.infra.passwords import hash_password
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser
from tests.reminders.steps import rows, written

LATER = NOW + timedelta(days=15)


@pytest.fixture
def park(any_session, clock):
    return cast(any_session)


@pytest.fixture
def act(any_session, park):
    """Return a function that runs a service as somebody; None: as the system."""

    def run(who, service, *args, now=NOW):
        actor = [factories.actor(getattr(park, who))] if who else []
        any_session.rollback()
        return write(lambda session: service(session, *actor, *args, now))

    return run


def path_of(token):
    return f"/invitations/{token}"


def token_of(session) -> str:
    """Return the token of the newest invitation's mail."""
    last = [row for row in rows(session) if row.kind == "company_invitation"][-1]
    return json.loads(last.parameters)["path"].rpartition("/")[2]


def invited(act, session, email, company, roles=("member",)):
    key = act("bo", invite, company.id, InvitationWanted(email, roles), path_of)
    return key, token_of(session)


def roles_of(session, user_id, company):
    query = select(Membership.roles).where(
        Membership.user_id == user_id, Membership.company_id == company.id
    )
    return session.scalars(query.where(Membership.until_at.is_(None))).one_or_none()


def test_a_new_person_joins_with_the_roles_given(any_session, park, act):
    _key, token = invited(act, any_session, "New@alpha.example", park.company_a, ("booker",))
    link, joined = act(None, accept_as_new, token, "New One", "")

    person = any_session.scalars(select(User).where(User.email == "new@alpha.example")).one()
    assert joined
    assert link
    assert roles_of(any_session, person.id, park.company_a) == "member booker"
    assert person.password_hash is None  # until they set one by the link


def test_the_link_works_again_only_until_a_password_is_set(any_session, park, act):
    _key, token = invited(act, any_session, "new@alpha.example", park.company_a)
    first, _joined = act(None, accept_as_new, token, "New One", "")
    again, _joined = act(None, accept_as_new, token, "", "")
    assert first != again

    person = any_session.scalars(select(User).where(User.email == "new@alpha.example")).one()
    person.password_hash = hash_password("right horse battery")
    any_session.commit()
    with pytest.raises(NotFound):
        act(None, accept_as_new, token, "Eve", "")


def test_an_existing_person_is_left_alone_until_they_accept_signed_in(any_session, park, act):
    _key, token = invited(act, any_session, "cy@test.example", park.company_a)
    with pytest.raises(Invalid, match="address_taken"):
        act(None, accept_as_new, token, "Eve", "")
    with pytest.raises(NotFound):
        act("dee", accept, token)
    assert roles_of(any_session, park.cy.id, park.company_a) is None

    assert act("cy", accept, token)
    assert roles_of(any_session, park.cy.id, park.company_a) == "member"
    assert roles_of(any_session, park.cy.id, park.company_b) == "member"
    with pytest.raises(NotFound):
        act("cy", accept, token)


def test_accepting_keeps_roles_one_has(any_session, park, act):
    key, token = invited(act, any_session, "cy@test.example", park.company_a, ("finance",))
    factories.create_membership(any_session, park.cy, park.company_a, "member booker")
    act("cy", accept, token)

    assert roles_of(any_session, park.cy.id, park.company_a) == "member booker finance"
    with pytest.raises(WrongState, match="invitation_used"):
        act("bo", withdraw, park.company_a.id, key)


def test_sent_again_withdrawn_or_late_a_link_stops_working(any_session, park, act):
    company = park.company_a
    key, first = invited(act, any_session, "new@alpha.example", company)
    act("bo", send_again, company.id, key, path_of)
    second = token_of(any_session)
    with pytest.raises(NotFound):
        act(None, accept_as_new, first, "New", "")
    with pytest.raises(NotFound):
        act(None, accept_as_new, second, "New", "", now=LATER)

    act("bo", withdraw, company.id, key)
    with pytest.raises(NotFound):
        act(None, accept_as_new, second, "New", "")
    assert {row.state for row in rows(any_session)} == {"void"}


def test_an_address_is_invited_once_and_again_after_it_expired(any_session, park, act):
    wanted = InvitationWanted("new@alpha.example")
    act("bo", invite, park.company_a.id, wanted, path_of)
    with pytest.raises(Invalid, match="already_invited"):
        act("bo", invite, park.company_a.id, wanted, path_of)
    with pytest.raises(Invalid, match="already_member"):
        act("bo", invite, park.company_a.id, InvitationWanted("ada@test.example"), path_of)

    act("bo", invite, park.company_a.id, wanted, path_of, now=LATER)
    open_ones = any_session.scalars(
        select(CompanyInvitation).where(CompanyInvitation.withdrawn_at.is_(None))
    ).all()
    assert len(open_ones) == 1


@pytest.mark.parametrize("who", ["ada", "cy", "mei"])
def test_only_admins_of_the_company_invite(any_session, park, act, who):
    key, _token = invited(act, any_session, "new@alpha.example", park.company_a)
    company = park.company_a.id
    for service, args in (
        (invite, (company, InvitationWanted("x@y.example"), path_of)),
        (send_again, (company, key, path_of)),
        (withdraw, (company, key)),
        (say_yes, (company, key)),
        (set_domain, (company, "alpha.example", "auto")),
    ):
        with pytest.raises(NotFound):
            act(who, service, *args)


def test_an_invitation_of_another_company_is_not_there(any_session, park, act):
    key, _token = invited(act, any_session, "new@alpha.example", park.company_a)

    with pytest.raises(NotFound):
        act("bo", withdraw, park.company_b.id, key)
    with pytest.raises(NotFound):
        act("ops", withdraw, park.company_b.id, key)


def test_the_mail_leads_to_the_link_and_forgets_it(any_app, any_session, park, act):
    _key, token = invited(act, any_session, "new@alpha.example", park.company_a)
    deliver_due()
    (row,) = rows(any_session)

    assert row.state == "sent"
    assert token not in row.parameters
    assert f"/invitations/{token}" in written(any_app, row.id).text
    assert "new@alpha.example" in browser(any_app, park.ops).get("/messages").text


def test_a_domain_is_ones_own_and_not_everybodys(any_session, park, act):
    company = park.company_a.id
    for domain, code in (
        ("qq.com", "public_domain"), ("other.example", "not_your_domain"), ("x", "not_a_domain"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=code):
            act("bo", set_domain, company, domain, "auto")
    assert act("bo", set_domain, company, "Test.example", "auto") == "test.example"
    assert act("ops", set_domain, company, "other.example", "ask") == "other.example"
    act("bo", set_domain, company, "test.example", "ask")

    found = any_session.scalars(select(CompanyDomain).order_by(CompanyDomain.domain)).all()
    assert [(r.domain, r.mode) for r in found] == [
        ("other.example", "ask"),
        ("test.example", "ask"),
    ]
    act("bo", end_domain, company, found[0].id)
    with pytest.raises(NotFound):
        act("bo", end_domain, company, found[0].id)


def test_an_address_of_the_domain_joins_by_a_link_at_once(any_session, park, act):
    act("bo", set_domain, park.company_a.id, "test.example", "auto")
    for address in ("dee@test.example", "ada@test.example", "new@else.example"):
        act(None, ask_to_join, address, "en", path_of)
    (row,) = rows(any_session)  # neither to a member nor to a foreign address
    assert row.subject_ref.startswith("invitation:")

    assert act("dee", accept, token_of(any_session))
    assert roles_of(any_session, park.dee.id, park.company_a) == "member"


def test_where_an_admin_decides_the_person_waits_for_the_yes(any_app, any_session, park, act):
    company = park.company_a
    act("bo", set_domain, company.id, "test.example", "ask")
    act(None, ask_to_join, "dee@test.example", None, path_of)
    assert not act("dee", accept, token_of(any_session))
    assert roles_of(any_session, park.dee.id, company) is None
    page = browser(any_app, park.bo).get(f"/companies/{company.id}/invitations").text
    assert "Wants to join" in page

    (row,) = any_session.scalars(select(CompanyInvitation)).all()
    assert act("bo", say_yes, company.id, row.id) == park.dee.id
    assert roles_of(any_session, park.dee.id, company) == "member"
    kinds = [row.kind for row in rows(any_session)]
    assert kinds == ["company_invitation", "join_asked", "join_accepted"]
    with pytest.raises(WrongState):
        act("bo", say_yes, company.id, row.id)


def test_asking_for_a_link_answers_every_address_alike(any_app, any_session, park, act):
    act("bo", set_domain, park.company_a.id, "test.example", "auto")
    client = browser(any_app)
    pages = {
        client.post("/join", data={"email": email}).text.replace(email, "X")
        for email in ("dee@test.example", "ada@test.example", "nobody@else.example")
    }

    assert len(pages) == 1
    answers = [client.post("/join", data={"email": "a@b.example"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
