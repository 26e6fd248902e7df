"""What an institution's representative sees of its units, and how they limit them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Invalid, NotFound, RuleViolated, WrongState
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.infra.db import write
from booking.inventory.models import Contribution, Unit
from booking.inventory.queries.contributed import Use, use_of_pools, use_of_units
from booking.reservations.models import Closure, Reservation
from booking.reservations.queries.fleet import Among, free_for
from booking.reservations.rules.dealing import CANCEL, KEEP, Dealing
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.closing import Closing, close_times, reopen
from booking.reservations.services.limiting import (
    Pause,
    limit_hours,
    pause_sharing,
    resume_sharing,
)
from booking.reservations.services.regrouping import Split, split_pool
from booking.reservations.services.requesting import request_reservation
from booking.reservations.services.retiring import end_contribution
from tests import factories
from tests.cast import cast
from tests.pages import browser

DAY = timedelta(days=1)
MORNINGS = WeeklyHours.parse(";".join(f"{day} 08:00-12:00" for day in range(1, 8)))
CANCELLED = Dealing(rest=CANCEL, reason="Needed by ourselves")


@pytest.fixture
def park(any_session):
    """Return the cast."""
    return cast(any_session)


@pytest.fixture
def rep(park):
    """Return West's representative as an actor."""
    return factories.actor(park.rep)


def agreement(session, pool) -> Contribution:
    """Return the pool's live agreement, fresh."""
    query = select(Contribution).where(
        Contribution.pool_id == pool.id, Contribution.ended_at.is_(None)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one()


def booked(session, park, start, hours=2, units=None, **overrides):
    """Return Ada's reservation of the confocal."""
    row = {"user_id": park.ada.id, "company_id": park.company_a.id, **overrides}
    period = Period(start, start + timedelta(hours=hours))
    return factories.create_reservation(session, park.confocal, period, units, **row)


def undecided(work) -> WrongState:
    """Return the refusal of something that hits a reservation nobody has decided on."""
    with pytest.raises(WrongState) as refused:
        write(work)
    assert refused.value.code == "has_live_reservations"
    return refused.value


def test_outside_the_hours_only_the_owners_people_book(any_session, park, rep, now) -> None:
    key = agreement(any_session, park.confocal).id
    inside = booked(any_session, park, now + DAY)  # 09:00 there
    outside = booked(any_session, park, now + DAY + timedelta(hours=6))
    own = booked(
        any_session, park, now + DAY + timedelta(hours=6), units=park.confocal_units[1:2],
        company_id=None, institution_id=park.west.id, user_id=park.rep.id,
    )  # fmt: skip
    refusal = undecided(lambda s: limit_hours(s, rep, key, MORNINGS, now))
    assert [one.id for one in refusal.parameters["reservations"]] == [outside.id]
    assert agreement(any_session, park.confocal).shared_hours is None
    dealt = write(lambda s: limit_hours(s, rep, key, MORNINGS, now, CANCELLED))
    assert (dealt.cancelled, agreement(any_session, park.confocal).shared_hours) == (
        1, MORNINGS.text,
    )  # fmt: skip
    states = {r.id: r.status for r in any_session.scalars(select(Reservation))}
    assert states[outside.id] == "cancelled"
    assert "cancelled" not in (states[inside.id], states[own.id])


def test_what_was_kept_outside_the_hours_is_not_asked_again(any_session, park, rep, now) -> None:
    key = agreement(any_session, park.confocal).id
    booked(any_session, park, now + DAY + timedelta(hours=6))
    write(lambda s: limit_hours(s, rep, key, MORNINGS, now, Dealing(rest=KEEP)))
    narrower = WeeklyHours.parse(MORNINGS.text.replace("12:00", "11:00"))
    assert write(lambda s: limit_hours(s, rep, key, narrower, now)).kept == 0
    with pytest.raises(Invalid):
        write(lambda s: limit_hours(s, rep, key, WeeklyHours(()), now))


def test_in_a_pause_others_do_not_book_and_afterwards_they_do(any_session, park, rep, now) -> None:
    key, ada = agreement(any_session, park.confocal).id, factories.actor(park.ada)
    hit = booked(any_session, park, now + 3 * DAY)
    later = booked(any_session, park, now + 9 * DAY)
    day = (now + DAY).date()
    days = Pause(day, day + 5 * DAY)
    undecided(lambda s: pause_sharing(s, rep, key, days, now))
    write(lambda s: pause_sharing(s, rep, key, days, now, CANCELLED))
    assert any_session.get_one(Reservation, hit.id, populate_existing=True).status == "cancelled"
    assert any_session.get_one(Reservation, later.id, populate_existing=True).status == "approved"
    within = Period(now + 3 * DAY, now + 3 * DAY + timedelta(hours=2))
    assert _refused(ada, park, within, now) == ["sharing_paused"]
    for among in (Among(), Among(pool_id=park.confocal.id)):
        free = free_for(any_session, ada, among, within, now)
        assert not {u.id for u in park.confocal_units} & set(free)
        assert {u.id for u in park.confocal_units} <= set(
            free_for(any_session, rep, among, within, now)
        )
    write(lambda s: resume_sharing(s, rep, key, now))
    assert free_for(any_session, ada, Among(pool_id=park.confocal.id), within, now)
    actions = any_session.scalars(
        select(Audit.action).where(Audit.subject_type == "contribution").order_by(Audit.id)
    ).all()
    assert actions == ["contribution.pause", "contribution.resume"]


def _refused(actor, park, period, now) -> list[str]:
    asked = BookingRequest(period.start, period.end, pool_id=park.confocal.id)
    with pytest.raises(RuleViolated) as refused:
        write(lambda s: request_reservation(s, actor, asked, now))
    return [v.code for v in refused.value.violations]


def test_a_pause_without_end_lasts_until_it_is_ended(any_session, park, rep, now) -> None:
    key = agreement(any_session, park.confocal).id
    write(lambda s: pause_sharing(s, rep, key, Pause(now.date()), now))
    row = agreement(any_session, park.confocal)
    assert (row.paused_from, row.paused_until) == (now, None)
    far = Period(now + 300 * DAY, now + 300 * DAY + timedelta(hours=1))
    assert not free_for(any_session, factories.actor(park.ada), Among(park.confocal.id), far, now)


@pytest.mark.parametrize(
    ("days", "code"),
    [((-3, -1), "ends_in_the_past"), ((2, 1), "end_before_start")],
)
def test_unfit_days_of_a_pause_are_refused(any_session, park, rep, now, days, code) -> None:
    key = agreement(any_session, park.confocal).id
    first, last = (now.date() + day * DAY for day in days)
    with pytest.raises(Invalid) as refused:
        write(lambda s: pause_sharing(s, rep, key, Pause(first, last), now))
    assert refused.value.code == code


def test_a_unit_taken_back_for_a_time_is_given_back(any_session, park, rep, now) -> None:
    unit = park.confocal_units[0]
    hit = booked(any_session, park, now + DAY)
    week = Period(now + timedelta(hours=1), now + 7 * DAY)
    closing = Closing((week,), "own_use")
    undecided(lambda s: close_times(s, rep, unit.id, closing, Dealing(), now))
    closed = write(lambda s: close_times(s, rep, unit.id, closing, Dealing({hit.id: "move"}), now))
    assert closed.dealt.moved == 1
    ada = factories.actor(park.ada)
    within = Period(now + 3 * DAY, now + 3 * DAY + timedelta(hours=1))
    assert unit.id not in free_for(any_session, ada, Among(park.confocal.id), within, now)
    write(lambda s: reopen(s, rep, closed.closure_id, now))
    assert unit.id in free_for(any_session, ada, Among(park.confocal.id), within, now)


def test_a_representative_closes_for_own_use_only(any_session, park, rep, now) -> None:
    unit, week = park.confocal_units[0], Period(now, now + DAY)
    with pytest.raises(NotFound):
        write(lambda s: close_times(s, rep, unit.id, Closing((week,), "fault"), Dealing(), now))
    mei = factories.actor(park.mei)
    fault = write(lambda s: close_times(s, mei, unit.id, Closing((week,), "fault"), Dealing(), now))
    with pytest.raises(NotFound):
        write(lambda s: reopen(s, rep, fault.closure_id, now))
    assert any_session.get_one(Closure, fault.closure_id).cancelled_at is None


def test_a_unit_taken_out_is_no_longer_shared(any_session, park, rep, now) -> None:
    unit = park.confocal_units[0]
    kept = booked(any_session, park, now + DAY)
    wanted = Split((unit.id,), "自用共聚焦", shared=False)
    undecided(lambda s: split_pool(s, rep, park.confocal.id, wanted, now))
    write(lambda s: split_pool(s, rep, park.confocal.id, wanted, now, Dealing(rest=KEEP)))
    alone = any_session.get_one(Unit, unit.id, populate_existing=True).pool_id
    assert alone != park.confocal.id
    assert any_session.get_one(Reservation, kept.id, populate_existing=True).pool_id == alone
    assert not any_session.scalars(select(Contribution).where(Contribution.pool_id == alone)).all()
    assert agreement(any_session, park.confocal)
    with pytest.raises(NotFound):  # splitting as such is the lab's
        write(lambda s: split_pool(s, rep, park.confocal.id, replace(wanted, shared=True), now))


@pytest.mark.parametrize("who", ["ada", "bo", "cy", "dee", "mei"])
def test_nobody_else_limits_a_contribution(any_session, park, now, who) -> None:
    actor, key = factories.actor(getattr(park, who)), agreement(any_session, park.confocal).id
    works = (
        lambda s: limit_hours(s, actor, key, None, now),
        lambda s: pause_sharing(s, actor, key, Pause(now.date()), now),
        lambda s: resume_sharing(s, actor, key, now),
        lambda s: end_contribution(s, actor, key, None, now),
    )
    for work in works:
        with pytest.raises(NotFound):
            write(work)


def test_use_is_counted_in_hours_and_by_number(any_session, park, now) -> None:
    unit = park.confocal_units[0]
    booked(any_session, park, now - 10 * DAY, status="completed")
    booked(any_session, park, now - 60 * DAY, status="completed")
    booked(any_session, park, now - 30 * DAY - timedelta(hours=1), status="completed")
    booked(any_session, park, now - 5 * DAY, status="cancelled")
    booked(any_session, park, now - timedelta(hours=1), status="in_use")
    booked(any_session, park, now + DAY)
    whole = use_of_pools(any_session, [park.confocal.id, park.sequencer.id], now)
    assert whole == {park.confocal.id: Use((4.0, 7.0), 1)}
    assert use_of_units(any_session, park.confocal.id, now)[unit.id].coming == 1


def test_the_pages_tell_numbers_and_times_but_no_names(app, session, now, clock) -> None:
    park = cast(session)
    hit = booked(session, park, now + DAY)
    page = browser(app, park.rep)
    listed = page.get(f"/institutions/{park.west.id}").text
    assert park.confocal.name_en in listed
    assert "2.0" not in listed
    assert f"/institutions/{park.west.id}" in page.get("/pools").text  # the way there
    url = f"/institutions/pools/{park.confocal.id}"
    assert page.get(url).status_code == 200
    answer = page.post(f"{url}/end", data={})
    assert answer.status_code == 409
    assert hit.reference in answer.text
    assert "Occupied" in answer.text
    assert "Ada" not in answer.text
    assert "Alpha Bio" not in answer.text
    done = page.post(f"{url}/end", data={f"fate-{hit.id}": "cancel", "reason": "Own use"})
    assert done.status_code == 302
    assert "Not shared" in page.get(url).text
