"""Retiring what is booked is refused with the list; sharing, and its end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, Membership
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.infra.db import write
from booking.inventory.models import Contribution, Pool, Unit
from booking.inventory.queries.sharing import unshared_pool_ids
from booking.inventory.rules.terms import Terms
from booking.inventory.services.sharing import change_terms, open_contributions
from booking.reservations.models import Allocation, Hold
from booking.reservations.services import retiring
from tests import factories
from tests.cast import Cast, cast


@pytest.fixture
def park(any_session: Session) -> Cast:
    """Return the cast."""
    return cast(any_session)


@pytest.fixture
def ops(park: Cast):
    """Return the operator as an actor."""
    return factories.actor(park.ops)


def booked(session, park, now, days: float = 1, pool=None, **overrides):
    """Return Ada's reservation of two hours, `days` from now."""
    start = now + timedelta(days=days)
    row = {"user_id": park.ada.id, "company_id": park.company_a.id, **overrides}
    return factories.create_reservation(
        session, pool or park.confocal, Period(start, start + timedelta(hours=2)), **row
    )


def refused(work) -> WrongState:
    """Return the refusal of a use case."""
    with pytest.raises(WrongState) as found:
        write(work)
    return found.value


def test_a_booked_unit_stays_and_its_reservations_are_named(any_session, park, ops, now) -> None:
    reservation = booked(any_session, park, now)
    first, second, _third = park.confocal_units
    refusal = refused(lambda s: retiring.retire_unit(s, ops, first.id, now))
    assert refusal.code == "has_live_reservations"
    assert refusal.parameters["count"] == 1
    assert refusal.parameters["references"] == reservation.reference
    assert [r.id for r in refusal.parameters["reservations"]] == [reservation.id]
    write(lambda s: retiring.retire_unit(s, ops, second.id, now))
    unit = any_session.get_one(Unit, second.id, populate_existing=True)
    assert (unit.state, unit.retired_at) == ("retired", now)


@pytest.mark.parametrize("status", ["pending", "approved", "in_use"])
def test_every_live_status_is_in_the_way(any_session, park, ops, now, status) -> None:
    booked(any_session, park, now, status=status)
    assert refused(lambda s: retiring.retire_pool(s, ops, park.confocal.id, now))


@pytest.mark.parametrize("status", ["completed", "rejected", "cancelled", "expired", "no_show"])
def test_what_has_ended_is_not_in_the_way(any_session, park, ops, now, status) -> None:
    booked(any_session, park, now, status=status)
    booked(any_session, park, now, days=-2)  # over, not yet completed by the job
    write(lambda s: retiring.retire_pool(s, ops, park.confocal.id, now))


def test_a_change_asked_for_holds_the_unit_too(any_session, park, ops, now) -> None:
    reservation = booked(any_session, park, now)
    unit = park.confocal_units[1]
    start = now + timedelta(days=3)
    hold = factories.keep(
        any_session,
        Hold(
            kind="pending_move", pool_id=park.confocal.id, reservation_id=reservation.id,
            start_at=start, end_at=start + timedelta(hours=1), quantity=1, created_at=now,
            expires_at=start,
        ),
    )  # fmt: skip
    factories.keep(
        any_session,
        Allocation(
            hold_id=hold.id, unit_id=unit.id, kind="hold", block_start=start,
            block_end=start + timedelta(hours=1),
        ),
    )  # fmt: skip
    refusal = refused(lambda s: retiring.retire_unit(s, ops, unit.id, now))
    assert refusal.parameters["references"] == reservation.reference


def test_a_retired_pool_takes_its_units_and_agreement_with_it(any_session, park, ops, now) -> None:
    mei = factories.actor(park.mei)
    write(lambda s: retiring.retire_pool(s, mei, park.confocal.id, now))
    assert any_session.get_one(Pool, park.confocal.id, populate_existing=True).retired_at == now
    states = any_session.scalars(select(Unit.state).where(Unit.pool_id == park.confocal.id))
    assert set(states) == {"retired"}
    ended = select(Contribution.ended_at).where(Contribution.pool_id == park.confocal.id)
    assert any_session.scalars(ended).one() == now
    refusal = refused(lambda s: retiring.retire_pool(s, mei, park.confocal.id, now))
    assert refusal.code == "retired"


@pytest.mark.parametrize("who", ["ada", "bo", "dee", "rep"])
def test_nobody_else_retires_a_labs_things(any_session, park, now, who) -> None:
    actor = factories.actor(getattr(park, who))
    for work in (
        lambda s: retiring.retire_unit(s, actor, park.confocal_units[0].id, now),
        lambda s: retiring.restore_unit(s, actor, park.confocal_units[0].id, now),
        lambda s: retiring.retire_pool(s, actor, park.confocal.id, now),
        lambda s: retiring.retire_company(s, actor, park.company_a.id, now),
        lambda s: retiring.retire_institution(s, actor, park.west.id, now),
        lambda s: retiring.retire_person(s, actor, park.cy.id, now),
        lambda s: open_contributions(s, actor, [park.unshared.id], Terms(date(2026, 1, 1)), now),
    ):
        with pytest.raises(NotFound):
            write(work)


def test_a_unit_can_be_brought_back(any_session, park, ops, now) -> None:
    unit = park.confocal_units[0].id
    write(lambda s: retiring.retire_unit(s, ops, unit, now))
    write(lambda s: retiring.restore_unit(s, ops, unit, now))
    row = any_session.get_one(Unit, unit, populate_existing=True)
    assert (row.state, row.retired_at) == ("in_service", None)


def test_a_company_with_bookings_stays_one_without_leaves(any_session, park, ops, now) -> None:
    booked(any_session, park, now)
    assert refused(lambda s: retiring.retire_company(s, ops, park.company_a.id, now))
    write(lambda s: retiring.retire_company(s, ops, park.company_b.id, now))
    assert any_session.get_one(Company, park.company_b.id).retired_at == now
    until = select(Membership.until_at).where(Membership.company_id == park.company_b.id)
    assert any_session.scalars(until).all() == [now]


def test_an_institution_leaves_when_its_labs_and_bookings_have(any_session, park, ops, now) -> None:
    refusal = refused(lambda s: retiring.retire_institution(s, ops, park.west.id, now))
    assert (refusal.code, refusal.parameters["names"]) == ("has_labs", "成像实验室")
    guest = factories.create_institution(any_session)
    booked(any_session, park, now, company_id=None, institution_id=guest.id)
    refusal = refused(lambda s: retiring.retire_institution(s, ops, guest.id, now))
    assert refusal.code == "has_live_reservations"


def test_a_person_with_bookings_stays(any_session, park, ops, now) -> None:
    booked(any_session, park, now)
    assert refused(lambda s: retiring.retire_person(s, ops, park.ada.id, now))
    write(lambda s: retiring.retire_person(s, ops, park.cy.id, now))
    assert any_session.get_one(User, park.cy.id).retired_at == now


# --- contributions -----------------------------------------------------------------------


def agreement(session, pool: Pool) -> Contribution:
    """Return the pool's live agreement."""
    live = select(Contribution).where(Contribution.pool_id == pool.id)
    return session.scalars(live.where(Contribution.ended_at.is_(None))).one()


def test_days_of_an_agreement_are_the_sites(any_session, park, ops, now) -> None:
    terms = Terms(date(2026, 12, 1), date(2026, 12, 31), WeeklyHours.every_day(480, 1080), 30, 4)
    opened = write(lambda s: open_contributions(s, ops, [park.unshared.id], terms, now))
    assert (opened.opened, opened.already) == (1, 0)
    row = agreement(any_session, park.unshared)
    assert row.from_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert row.until_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert (row.revenue_share_percent, row.owner_priority_hours) == (30, 4)


def test_an_institution_is_shared_at_once_and_running_agreements_are_kept(
    any_session, park, ops, now
) -> None:
    assert unshared_pool_ids(any_session, "", park.west.id) == [park.unshared.id]
    before = agreement(any_session, park.confocal).id
    every = [park.confocal.id, park.unshared.id]
    opened = write(lambda s: open_contributions(s, ops, every, Terms(date(2026, 11, 1)), now))
    assert (opened.opened, opened.already) == (1, 1)
    assert agreement(any_session, park.confocal).id == before


def test_an_agreement_that_ran_out_makes_room(any_session, park, ops, now) -> None:
    old = agreement(any_session, park.confocal)
    old.until_at = now - timedelta(days=1)
    any_session.commit()
    terms = Terms(date(2026, 11, 23))
    opened = write(lambda s: open_contributions(s, ops, [park.confocal.id], terms, now))
    assert opened.opened == 1
    assert agreement(any_session, park.confocal).id != old.id


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(date(2026, 12, 2), date(2026, 12, 1)), "until_day"),
        (Terms(date(2026, 1, 1), date(2026, 1, 31)), "until_day"),  # over before it begins
        (Terms(date(2026, 12, 1), hours=WeeklyHours(())), "hours"),
        (Terms(date(2026, 12, 1), revenue_share_percent=101), "revenue_share_percent"),
        (Terms(date(2026, 12, 1), owner_priority_hours=-1), "owner_priority_hours"),
    ],
)
def test_unfit_terms_are_refused(any_session, park, ops, now, terms, field) -> None:
    with pytest.raises(Invalid) as found:
        write(lambda s: open_contributions(s, ops, [park.unshared.id], terms, now))
    assert found.value.field == field


def test_terms_change_but_not_their_days(any_session, park, ops, now) -> None:
    row = agreement(any_session, park.confocal)
    terms = Terms(date(2030, 1, 1), None, WeeklyHours.every_day(480, 1080), 10, 2)
    write(lambda s: change_terms(s, ops, row.id, terms, now))
    row = agreement(any_session, park.confocal)
    assert (row.from_at, row.revenue_share_percent) == (factories.CREATED, 10)


def test_an_agreement_does_not_end_under_the_bookings_of_others(
    any_session, park, ops, now
) -> None:
    coming = booked(any_session, park, now, days=2)
    row = agreement(any_session, park.confocal)
    refusal = refused(lambda s: retiring.end_contribution(s, ops, row.id, None, now))
    assert refusal.parameters["references"] == coming.reference
    # The booking is on the 25th: it may end with that day, not the day before.
    assert refused(lambda s: retiring.end_contribution(s, ops, row.id, date(2026, 11, 24), now))
    write(lambda s: retiring.end_contribution(s, ops, row.id, date(2026, 11, 25), now))
    row = agreement(any_session, park.confocal)
    assert row.until_at == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_the_owners_own_bookings_do_not_keep_it(any_session, park, ops, now) -> None:
    booked(any_session, park, now, company_id=None, institution_id=park.west.id)
    row = agreement(any_session, park.confocal)
    write(lambda s: retiring.end_contribution(s, ops, row.id, None, now))
    ended = any_session.get_one(Contribution, row.id, populate_existing=True).ended_at
    assert ended == now


def test_a_pool_comes_back_with_the_units_it_went_with(any_session, park, ops, now) -> None:
    first, *rest = park.confocal_units
    pool_id, first_id, rest_ids = park.confocal.id, first.id, [unit.id for unit in rest]
    write(lambda s: retiring.retire_unit(s, ops, first_id, now - timedelta(days=1)))
    write(lambda s: retiring.retire_pool(s, ops, pool_id, now))

    write(lambda s: retiring.restore_pool(s, ops, pool_id, now))

    any_session.expire_all()
    assert park.confocal.retired_at is None
    states = {unit.id: unit.state for unit in factories.units_of(any_session, park.confocal)}
    assert states == {first_id: "retired", **dict.fromkeys(rest_ids, "in_service")}
    agreement = select(Contribution.ended_at).where(Contribution.pool_id == pool_id)
    assert any_session.scalars(agreement).all() == [now]
    assert "激光共聚焦" in park.confocal.search_text


def test_a_pool_of_a_retired_lab_stays_retired(any_session, park, ops, now) -> None:
    pool_id = park.confocal.id
    write(lambda s: retiring.retire_pool(s, ops, pool_id, now))
    park.west_lab.retired_at = now
    any_session.commit()

    assert refused(lambda s: retiring.restore_pool(s, ops, pool_id, now)).code == "retired"


def test_places_that_would_end_later_end_with_the_company(any_session, park, ops, now) -> None:
    company_id = park.company_b.id
    place = select(Membership).where(Membership.company_id == company_id)
    any_session.scalars(place).one().until_at = now + timedelta(days=30)
    any_session.commit()

    write(lambda s: retiring.retire_company(s, ops, company_id, now))

    any_session.expire_all()
    assert any_session.scalars(place).one().until_at == now
