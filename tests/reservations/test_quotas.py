"""Quotas through the service, on both engines: scenarios 31, 32, 34 and 35, and whom they count."""

import pytest

from booking.approvals.services.deciding import approve, reject
from booking.core.errors import RuleViolated
from booking.infra.db import db, write
from booking.policies.rules.quotas import spent
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.availability import next_slots
from booking.reservations.queries.facts import pool_facts, units_of
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.handing import transfer
from booking.reservations.services.undoing import undo_cancel
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.reservations.ruled import set_quota
from tests.reservations.steps import ask, at, shift


@pytest.fixture
def people(any_session) -> Cast:
    return cast(any_session)


def refused(call, *args, **more):
    """Return the one violation of what is refused."""
    with pytest.raises(RuleViolated) as raised:
        call(*args, **more)
    [violation] = raised.value.violations
    return violation


def give_up(person, booked):
    write(lambda s: cancel(s, factories.actor(person), booked.reservation_id, "", NOW))


def test_one_coming_reservation_and_cancelling_it_frees_the_quota(any_session, people):
    pool, ada = people.automatic.id, factories.actor(people.ada)
    set_quota(any_session)
    first = ask(ada, 10, 11, pool_id=pool)
    violation = refused(ask, ada, 12, 13, pool_id=pool)
    assert (violation.code, violation.limit, violation.actual) == ("quota_count_future", 1, 1)
    assert violation.more["frees"] == at(10)
    assert ask(factories.actor(people.cy), 12, 13, pool_id=pool)

    give_up(people.ada, first)
    assert ask(ada, 12, 13, pool_id=pool)
    assert refused(
        write, lambda s: undo_cancel(s, ada, first.reservation_id, NOW)
    ).code == "quota_count_future"  # fmt: skip


def test_what_was_missed_may_count_all_the_same(any_session, people):
    pool, ada = people.automatic, factories.actor(people.ada)
    quota = set_quota(any_session, period="day")
    period = factories.Period(at(8), at(9))
    factories.create_reservation(
        any_session, pool, period, status="no_show", user_id=people.ada.id,
        company_id=people.company_a.id,
    )  # fmt: skip
    first = ask(ada, 10, 11, pool_id=pool.id)
    give_up(people.ada, first)
    quota.counts_no_show = 1
    from_now = set_quota(any_session, period="day", amount=9)  # a new edition
    assert refused(ask, ada, 10, 11, pool_id=pool.id).code == "quota_count_day"
    assert ask(ada, 34, 35, pool_id=pool.id)
    assert from_now.amount == 9


def test_ninety_coming_minutes(any_session, people):
    pool, ada = people.automatic.id, factories.actor(people.ada)
    set_quota(any_session, measure="minutes", amount=90)
    booked = ask(ada, 10, 11, pool_id=pool)
    violation = refused(ask, ada, 12, 13, pool_id=pool)
    assert (violation.limit, violation.actual, violation.more["left"]) == (90, 60, 30)

    ask(ada, 12, 12.5, pool_id=pool)
    assert shift(any_session, ada, booked.reservation_id, 14, 15)  # the difference is nothing
    assert refused(shift, any_session, ada, booked.reservation_id, 14, 15.25)
    assert shift(any_session, ada, booked.reservation_id, 14, 15, note="more") is None


@pytest.mark.parametrize(
    ("week_start", "passes"),
    [(1, False), (4, True), (2, False)],  # Monday, Thursday, Tuesday
)
def test_the_first_day_of_the_week(any_session, people, week_start, passes):
    pool, ada = people.automatic.id, factories.actor(people.ada)
    set_quota(any_session, measure="minutes", period="week", amount=90, week_start=week_start)
    ask(ada, 34, 35, pool_id=pool)  # Wednesday
    if passes:
        assert ask(ada, 58, 59, pool_id=pool)  # Thursday
    else:
        assert refused(ask, ada, 58, 59, pool_id=pool).code == "quota_minutes_week"


def test_a_companys_total_counts_all_its_people_and_only_them(any_session, people):
    pool, ada, bo = people.automatic.id, factories.actor(people.ada), factories.actor(people.bo)
    set_quota(any_session, measure="minutes", period="week", amount=90, subject="company")
    ask(ada, 10, 11, pool_id=pool)
    violation = refused(ask, bo, 12, 13, pool_id=pool)
    assert (violation.more["who"], violation.more["left"]) == ("company", 30)
    assert ask(factories.actor(people.cy), 12, 13, pool_id=pool)
    assert ask(factories.actor(people.rep), 12, 14, pool_id=pool)  # for an institution


def test_requests_count_while_undecided_and_not_when_rejected(any_session, people):
    pool, ada = people.confocal.id, factories.actor(people.ada)
    set_quota(any_session)
    booked = ask(ada, 10, 11, pool_id=pool)
    assert refused(ask, ada, 12, 13, pool_id=pool)
    write(lambda s: reject(s, factories.actor(people.mei), booked.reservation_id, "no", NOW))
    assert ask(ada, 12, 13, pool_id=pool)


def test_an_asked_change_is_counted_before_it_is_decided(any_session, people):
    pool, ada, mei = people.confocal.id, factories.actor(people.ada), factories.actor(people.mei)
    set_quota(any_session, measure="minutes", amount=180)
    booked = ask(ada, 10, 11, pool_id=pool)
    write(lambda s: approve(s, mei, booked.reservation_id, NOW))
    shift(any_session, ada, booked.reservation_id, 10, 12)  # waits for a decision
    violation = refused(ask, ada, 14, 16, pool_id=pool)
    assert (violation.actual, violation.more["left"]) == (120, 60)


@pytest.mark.parametrize("scope", ["pool", "lab", "category", "site", "park"])
def test_a_quota_counts_what_its_scope_holds(any_session, people, scope):
    key = {"pool": people.automatic.id, "lab": people.west_lab.id, "site": people.site.id,
           "category": people.category.code, "park": ""}[scope]  # fmt: skip
    set_quota(any_session, scope_kind=scope, scope_key=str(key))
    ada = factories.actor(people.ada)
    ask(ada, 10, 11, pool_id=people.automatic.id)
    elsewhere = {"pool": people.confocal, "lab": people.east_pool}.get(scope)
    if elsewhere is not None:
        assert ask(ada, 12, 13, pool_id=elsewhere.id)
    assert refused(ask, ada, 12, 13, pool_id=people.automatic.id).origin == scope


def test_the_earliest_slot_is_one_the_quota_lets_pass(any_session, people):
    pool, ada = people.automatic, factories.actor(people.ada)
    set_quota(any_session, measure="minutes", period="day", amount=60)
    ask(ada, 10, 11, pool_id=pool.id)
    wanted = Intent(factories.Period(at(12), at(13)), 1, NOW, searches=True, by=ada)
    facts = pool_facts(any_session, [pool.id])[pool.id]
    asked = asking(any_session, facts, 2, Booker(people.ada.id, ada.parties[0]), wanted)

    [slot] = next_slots(any_session, asked, 1, units=units_of(any_session, pool.id))

    assert slot.period.start == at(24)
    assert ask(ada, 24, 25, pool_id=pool.id)


def test_a_colleague_without_room_cannot_take_it_over(any_session, people):
    pool, ada, bo = people.automatic.id, factories.actor(people.ada), factories.actor(people.bo)
    set_quota(any_session)
    booked = ask(ada, 10, 11, pool_id=pool)
    ask(bo, 12, 13, pool_id=pool)
    handing = refused(write, lambda s: transfer(s, ada, booked.reservation_id, people.bo.id, NOW))
    assert handing.code == "quota_count_future"
    assert db.session.get(Reservation, booked.reservation_id).user_id == people.ada.id


def test_a_manager_overrides_a_quota_with_a_reason(any_session, people):
    set_quota(any_session, people.automatic)
    mei, more = factories.actor(people.mei), {"on_behalf_of": people.ada.id}
    ask(mei, 10, 11, pool_id=people.automatic.id, **more)
    assert refused(ask, mei, 12, 13, pool_id=people.automatic.id, **more)
    assert ask(mei, 12, 13, pool_id=people.automatic.id, override_reason="thesis", **more)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin"])
@pytest.mark.parametrize("measure", ["minutes", "count"])
@pytest.mark.parametrize("hours", [None, "2 08:00-18:00;3 20:00-30:00"])
def test_what_is_added_up_is_what_each_reservation_spends(
    any_session, people, zone, measure, hours
):
    people.site.time_zone = zone
    pool, ada = people.automatic, factories.actor(people.ada)
    set_quota(any_session, measure=measure, period="week", amount=1, hours=hours)
    shapes = [(8, 1), (10, 2.5), (23.5, 1), (31, 6), (-20, 50), (70, 0.5), (-200, 300), (100, 23)]
    unit = factories.units_of(any_session, pool)[:1]
    periods = []
    for n, (start, length) in enumerate(shapes):
        period = factories.Period(at(start), at(start + length))
        periods.append(period)
        factories.create_reservation(
            any_session, pool, period, unit if n == 0 else [], quantity=2, status="completed",
            user_id=people.ada.id, company_id=people.company_a.id,
        )  # fmt: skip
    facts = pool_facts(any_session, [pool.id])[pool.id]
    wanted = Intent(factories.Period(at(12), at(13)), 1, NOW, by=ada)
    asked = asking(any_session, facts, 2, Booker(people.ada.id, ada.parties[0]), wanted)
    [account] = asked.proposal.accounts
    expected: dict = {}
    for period in periods:
        for day, amount in spent(account.quota, account.zone, period, 2, NOW).items():
            expected[day] = expected.get(day, 0) + amount
    first, last = at(-24 * 8).date(), at(24 * 20).date()

    assert account.zone.key == zone
    within = {day: amount for day, amount in expected.items() if first <= day <= last}
    assert {d: a for d, a in account.days.items() if first <= d <= last} == within
