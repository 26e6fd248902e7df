"""Away until Monday, somebody else decides: with dates, shown to both, ending by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.approvals.queries.inbox import waiting
from booking.approvals.services.deciding import approve
from booking.companies.models import DeciderGroup, DeciderGroupMember
from booking.companies.queries.duties import standing_and_duties
from booking.companies.queries.memberships import standing_of
from booking.companies.services.absences import end_absence, set_absence
from booking.core.actor import Duties
from booking.core.errors import Forbidden, Invalid, NotFound
from booking.core.period import Period
from booking.infra.db import db, write
from booking.infra.outbox import Outbox
from booking.reservations.models import ApprovalStep, Reservation
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.ruled import set_rule
from tests.reservations.steps import ask
from tests.statements import statements

MONDAY = NOW + timedelta(days=7)
WEEK = Period(NOW, MONDAY)


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def lin(any_session, people):
    """Return a colleague of West: no role in the lab."""
    person = factories.create_user(any_session, name="Lin", email="lin@test.example")
    factories.create_membership(any_session, person, people.west)
    return person


def leave(session, who, deputy, period=WEEK):
    person = actor(who)
    done = write(lambda s: set_absence(s, person, period, deputy, "Urlaub", NOW))
    session.rollback()
    session.expire_all()
    return done


def request(people):
    return ask(actor(people.ada), 40, 41, pool_id=people.confocal.id).reservation_id


def inbox(session, who, at):
    return [row.id for row in session.execute(waiting(actor(who, now=at), at))]


def recipients(session, kind):
    session.rollback()
    return list(session.scalars(select(Outbox.recipient_id).where(Outbox.kind == kind)))


def test_who_stands_in_is_asked_and_decides_until_the_day(any_session, people, lin):
    leave(any_session, people.mei, lin.email)
    key = request(people)

    assert recipients(any_session, "request_received") == [lin.id]
    assert inbox(any_session, lin, NOW) == [key]
    assert inbox(any_session, lin, MONDAY) == []
    deputy = actor(lin, now=NOW)
    write(lambda s: approve(s, deputy, key, NOW))
    any_session.rollback()
    row = any_session.get(Reservation, key, populate_existing=True)
    assert (row.status, row.decided_by_id) == ("approved", lin.id)


def test_before_and_after_nothing_is_theirs(any_session, people, lin):
    leave(any_session, people.mei, lin.email, Period(MONDAY, MONDAY + timedelta(days=1)))
    key = request(people)

    assert recipients(any_session, "request_received") == [people.mei.id]
    early = actor(lin, now=NOW)
    with pytest.raises(NotFound):
        write(lambda s: approve(s, early, key, NOW))


def test_standing_in_is_deciding_and_nothing_more(any_session, people, lin):
    leave(any_session, people.mei, lin.email)
    deputy = actor(lin, now=NOW)

    own = ask(deputy, 10, 11, pool_id=people.confocal.id)
    any_session.rollback()
    assert any_session.get(Reservation, own.reservation_id).status == "pending"
    with pytest.raises(Invalid, match="not_for_others"):
        ask(deputy, 12, 13, pool_id=people.confocal.id, on_behalf_of=people.ada.id)


@pytest.mark.parametrize("whom", ["cy", "dee", "mei", "ops"])
def test_nobody_from_outside_stands_in(any_session, people, whom):
    email = getattr(people, whom).email

    with pytest.raises(Invalid, match="no_stand_in"):
        leave(any_session, people.mei, email)
    with pytest.raises(Invalid, match="no_stand_in"):
        leave(any_session, people.mei, "nobody@test.example")


def test_who_has_left_the_institution_decides_no_more(any_session, people, lin):
    leave(any_session, people.mei, lin.email)
    key = request(people)
    membership = any_session.execute(
        factories.Membership.__table__.update()
        .where(factories.Membership.user_id == lin.id)
        .values(until_at=NOW)
    )
    assert membership.rowcount == 1
    any_session.commit()

    assert inbox(any_session, lin, NOW) == []
    deputy = actor(lin, now=NOW)
    object.__setattr__(deputy, "parties", ())
    with pytest.raises(NotFound):
        write(lambda s: approve(s, deputy, key, NOW))


def test_an_admin_away_is_replaced_by_a_colleague(any_session, people):
    set_rule(any_session, "company_decides", value=True, pool=people.confocal)
    colleague = factories.create_user(any_session, email="kai@test.example")
    factories.create_membership(any_session, colleague, people.company_a)
    leave(any_session, people.bo, colleague.email)

    key = request(people)

    assert recipients(any_session, "request_received") == [colleague.id]
    assert inbox(any_session, colleague, NOW) == [key]


def test_both_are_told_and_it_can_end_earlier(any_session, people, lin):
    leave(any_session, people.mei, lin.email)
    assert recipients(any_session, "standing_in") == [lin.id]

    person = actor(people.mei)
    assert write(lambda s: end_absence(s, person, NOW + timedelta(hours=1)))

    assert recipients(any_session, "standing_in_ended") == [lin.id]
    assert inbox(any_session, lin, NOW + timedelta(hours=2)) == []


def test_another_absence_takes_the_place_of_the_first(any_session, people, lin):
    first = leave(any_session, people.mei, lin.email)
    second = leave(any_session, people.mei, people.rep.email)

    assert first != second
    assert actor(lin, now=NOW).duties.lab_ids == frozenset()
    assert actor(people.rep, now=NOW).duties.lab_ids == {people.west_lab.id}


def test_who_decides_on_nothing_has_nothing_to_hand_over(any_session, people, lin):
    with pytest.raises(Forbidden):
        leave(any_session, people.ada, people.bo.email)


@pytest.fixture
def biosafety(any_session, people):
    """Return a group of the park with Rep of West in it; the confocal asks it and the lab."""
    group = factories.keep(any_session, DeciderGroup(name_zh="生物安全", name_en="Biosafety"))
    join_group(any_session, group, people.rep)
    set_rule(any_session, "group_decides", value=group.id, pool=people.confocal)
    return group


def join_group(session, group, person):
    factories.keep(session, DeciderGroupMember(group_id=group.id, user_id=person.id))
    person.has_duties = 1
    session.commit()


def test_a_groups_member_away_is_replaced_by_a_colleague_of_their_lab(
    any_session, people, lin, biosafety
):
    key = request(people)
    mei = actor(people.mei)
    leave(any_session, people.rep, lin.email)

    write(lambda s: approve(s, mei, key, NOW))
    assert recipients(any_session, "request_received")[-1:] == [lin.id]
    assert inbox(any_session, lin, NOW) == [key]
    assert inbox(any_session, lin, MONDAY) == []
    deputy, late = actor(lin, now=NOW), actor(lin, now=MONDAY)
    with pytest.raises(NotFound):
        write(lambda s: approve(s, late, key, NOW))
    write(lambda s: approve(s, deputy, key, NOW))
    any_session.rollback()
    assert any_session.get(Reservation, key, populate_existing=True).status == "approved"


def test_a_groups_stand_in_decides_for_the_group_alone(any_session, people, lin, biosafety):
    leave(any_session, people.rep, lin.email)
    duties = actor(lin, now=NOW).duties

    assert (duties.group_ids, duties.own_group_ids) == ({biosafety.id}, frozenset())
    assert (duties.lab_ids, duties.company_ids) == (frozenset(), frozenset())
    assert inbox(any_session, lin, NOW) == []  # it is the lab's turn
    # What they book themselves still asks the group; and nothing is handed on.
    own = ask(actor(lin, now=NOW), 10, 11, pool_id=people.confocal.id).reservation_id
    kinds = select(ApprovalStep.kind).where(ApprovalStep.reservation_id == own)
    assert "group" in any_session.scalars(kinds).all()
    with pytest.raises(Forbidden):
        leave(any_session, lin, people.mei.email)


@pytest.mark.parametrize("whom", ["cy", "ada", "dee"])
def test_nobody_of_elsewhere_stands_in_for_a_groups_member(any_session, people, biosafety, whom):
    with pytest.raises(Invalid, match="no_stand_in"):
        leave(any_session, people.rep, getattr(people, whom).email)


def test_the_parks_staff_and_fellow_members_stand_in_for_a_groups_member(
    any_session, people, biosafety
):
    leave(any_session, people.rep, people.ops.email)
    assert biosafety.id in actor(people.ops, now=NOW).duties.group_ids
    join_group(any_session, biosafety, people.dee)
    leave(any_session, people.rep, people.dee.email)


def test_staff_who_approve_name_a_stand_in_and_staff_who_do_not_cannot(any_session, people, lin):
    staff = factories.create_user(any_session, name="Sam", email="sam@test.example")
    factories.create_lab_member(any_session, people.west_lab, staff, "staff")
    with pytest.raises(Forbidden):
        leave(any_session, staff, lin.email)

    people.west_lab.staff_may_approve = 1
    any_session.commit()
    leave(any_session, staff, lin.email)
    key = request(people)
    assert lin.id in recipients(any_session, "request_received")
    assert inbox(any_session, lin, NOW) == [key]
    people.west_lab.staff_may_approve = 0
    any_session.commit()
    assert inbox(any_session, lin, NOW) == []


def test_who_has_duties_is_asked_for_in_one_query(any_session, people, lin, biosafety):
    leave(any_session, people.mei, lin.email)
    join_group(any_session, biosafety, lin)
    lin_id = lin.id
    with statements(db.engine) as sent:
        parties, labs, duties = standing_and_duties(any_session, lin_id, NOW)

    assert len(sent) == 1
    assert (parties, labs) == standing_of(any_session, lin.id, NOW)
    assert duties == Duties(
        frozenset({people.west_lab.id}), frozenset(), *[frozenset({biosafety.id})] * 2
    )


def test_the_page_sets_it_and_shows_both(any_app, any_session, people, lin):
    mei = browser(any_app, people.mei)
    typed = {"first": "2026-11-23", "last": "2026-11-29", "deputy": lin.email}

    wrong = mei.post("/away", data={**typed, "deputy": "cy@test.example"})
    assert wrong.status_code == 422
    assert 'value="cy@test.example"' in wrong.text
    assert mei.post("/away", data={**typed, "last": "2026-11-01"}).status_code == 422
    assert mei.post("/away", data=typed).status_code == 302

    page = said(mei.get("/away").text)
    assert "Lin decides for you" in page
    assert "in: 成像实验室." in page
    theirs = said(browser(any_app, lin).get("/away").text)
    assert "You decide for others 梅 From" in theirs
    assert mei.post("/away/end").status_code == 302
    assert mei.post("/away/end").status_code == 404
