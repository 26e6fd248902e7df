"""Find a time over all pools: what is offered can be booked, and nothing comes sooner."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.errors import Refusal
from booking.core.period import Period
from booking.infra.db import db
from booking.reservations.queries import soonest
from booking.reservations.queries.candidates import Looked, Where
from booking.reservations.queries.soonest import soonest_slots
from booking.reservations.rules.finding import weekly
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import look_before
from tests import factories
from tests.conftest import NOW
from tests.reservations.ruled import qualify, set_quota, set_rule
from tests.reservations.steps import at

QUARTER = timedelta(minutes=15)
RULES = {
    "granularity_minutes": (None, 15, 30, 60),
    "min_minutes": (None, 60),
    "max_minutes": (None, 120, 240),
    "horizon_days": (1, 2),
    "warmup_minutes": (None, 15),
    "cleanup_minutes": (None, 30),
    "opening_hours": (None, "1 08:00-18:00;2 08:00-18:00", "2 22:00-30:00", "2 09:00-11:00"),
    "approval": ("manual", "auto"),
}
HOURS = ((None, None), (540, 720), (1200, 480))


def find(caller, **asked):
    answer = caller.get("/availability/next", **asked)
    assert answer.status_code == 200, answer.json
    return answer.json["slots"]


def park(session, people, chance):
    """Return some pools of two sites, with rules, hours, agreements and a group's rule."""
    pools = []
    for _ in range(7):
        rules = {name: chance.choice(values) for name, values in RULES.items()}
        pool = factories.create_pool(
            session, units=chance.randint(1, 3), site_id=people.site.id,
            lab_id=people.west_lab.id, category_code=people.category.code, **rules,
        )  # fmt: skip
        shared = chance.choice([None, "1 00:00-24:00;2 06:00-12:00"])
        factories.create_contribution(session, pool, shared_hours=shared)
        pools.append(pool)
    set_rule(session, "max_minutes", 60, f"company:{people.company_a.id}", pools[0])
    set_rule(session, "create_latest_minutes", 120, pool=pools[1])
    set_rule(session, "overnight", False, pool=pools[2])
    for pool in pools[3:5]:
        set_rule(session, "level", 1, pool=pool)
    qualify(session, people.ada, pools[3], 1, valid_until=at(12))
    set_quota(session, pools[5], measure="minutes", period="day", amount=120)
    return pools


def first_by_force(actor, pool, looked, hours, together=()):
    """Return the first start at which booking works, tried quarter by quarter."""
    zone, start = ZoneInfo("Asia/Shanghai"), looked.first
    while start < NOW + timedelta(days=3, hours=14):
        period = Period(start, start + looked.length)
        if hours is None or hours.contains(period, zone):
            try:
                asked = BookingRequest(
                    period.start, period.end, pool_id=pool.id, quantity=looked.quantity
                )
                look_before(db.session(), actor, asked, NOW)
                for other in together:
                    asked = BookingRequest(period.start, period.end, pool_id=other.id)
                    look_before(db.session(), actor, asked, NOW)
            except Refusal:
                pass
            else:
                return start
        start += QUARTER
    return None


@pytest.mark.parametrize("seed", range(6))
def test_the_earliest_of_all_pools_is_the_earliest_and_can_be_booked(
    api, people, any_session, seed, monkeypatch
):
    chance = random.Random(seed)
    monkeypatch.setattr(soonest, "FIRST_READ", chance.choice([1, 3, 64]))
    monkeypatch.setattr(soonest, "FIRST_LOOK", chance.choice([1, 2, 16]))
    # Every other time with the map of time, and every third on a ground that is nearly full.
    monkeypatch.setattr(soonest, "MAP_FROM", 0 if seed % 2 else 200)
    pools = park(any_session, people, chance)
    for _ in range(90 if seed % 3 == 1 else 30):
        start = chance.randrange(-14, 40)
        api.cy.book(start, start + chance.choice([1, 2, 3]), pool_id=chance.choice(pools).id)
    among = {pool.id: pool for pool in pools}
    length = timedelta(minutes=chance.choice([60, 120]))
    day_from, day_until = chance.choice(HOURS)
    other = chance.choice([(), (people.sequencer,)])
    asked = {
        "duration_minutes": length // timedelta(minutes=1), "category": people.category.code,
        "limit": 50, "quantity": chance.randint(1, 2), "from": at(-15).isoformat(),
        **({} if day_from is None else {"day_from": day_from, "day_until": day_until}),
        **({"together": str(other[0].id)} if other else {}),
    }  # fmt: skip
    if other:
        api.cy.book(9, 12, pool_id=people.sequencer.id)

    found = [slot for slot in find(api.ada, **asked) if slot["pool_id"] in among]

    assert found == sorted(found, key=lambda slot: (slot["start"], slot["pool_id"]))
    firsts = {}
    for slot in found:
        firsts.setdefault(slot["pool_id"], slot["start"])
    ada, hours = factories.actor(people.ada), weekly((), day_from, day_until)
    looked = Looked(length, asked["quantity"], NOW)
    last = found[-1]["start"] if len(found) >= 40 else "9"
    for pool in pools:
        by_force = first_by_force(ada, pool, looked, hours, other)
        if by_force is not None and by_force.isoformat() < last:
            assert firsts.get(pool.id) == by_force.isoformat(), (pool.id, asked)
        elif by_force is None:
            assert pool.id not in firsts
    for slot in found[:10]:
        body = {"pool_id": slot["pool_id"], "start": slot["start"], "end": slot["end"]}
        body |= {"purpose": "other", "quantity": asked["quantity"]}
        made = api.ada.post("/reservations", body)
        assert made.status_code == 201, (slot, made.json)
        api.mei.post(f"/reservations/{made.json['id']}/cancel", {"reason": "test"})


def test_without_a_place_all_pools_one_sees_are_looked_at(api, people):
    found = find(api.ada, duration_minutes=60, from_=at(10), limit=50, until=at(11))

    seen = {slot["pool_id"] for slot in found}
    assert {people.confocal.id, people.sequencer.id, people.automatic.id} <= seen
    assert people.unshared.id not in seen


def test_words_site_and_platform_narrow(api, people, any_session):
    asked = {"duration_minutes": 60, "from_": at(10), "until": at(11), "limit": 50}
    people.confocal.search_text = "laser scanning"
    any_session.commit()
    every = {slot["pool_id"] for slot in find(api.ada, **asked)}

    assert {slot["pool_id"] for slot in find(api.ada, q="Laser", **asked)} == {people.confocal.id}
    assert {slot["pool_id"] for slot in find(api.ada, site=people.site.id, **asked)} <= every
    assert find(api.ada, site=10**9, **asked) == find(api.ada, platform=10**9, **asked) == []


def test_weekdays_and_hours_of_the_day_bind_in_local_time(api, people):
    asked = {"pool": people.sequencer.id, "duration_minutes": 60, "from_": at(0), "limit": 3}

    found = find(api.ada, weekdays="3", day_from=600, day_until=720, **asked)

    # Wednesday 25 November, 10:00 and 11:00 in Shanghai, and a week later.
    assert [slot["start"] for slot in found] == [
        at(10, 1).isoformat(), at(11, 1).isoformat(), at(10, 8).isoformat(),
    ]  # fmt: skip


def test_together_offers_what_is_free_with_another_pool(api, people):
    api.cy.book(10, 12, pool_id=people.sequencer.id)
    asked = {"pool": people.automatic.id, "duration_minutes": 60, "from_": at(10), "limit": 1}

    [slot] = find(api.ada, together=str(people.sequencer.id), **asked)

    assert slot["start"] == at(12).isoformat()
    assert [one["pool_id"] for one in slot["together"]] == [people.sequencer.id]
    hidden = api.ada.get("/availability/next", together=str(people.unshared.id), **asked)
    assert hidden.status_code == 404


def test_the_best_say_why(api, people):
    asked = {"duration_minutes": 60, "from_": at(10), "limit": 5, "sort": "best"}
    api.cy.book(11, 12, pool_id=people.sequencer.id)
    api.cy.book(9, 10, pool_id=people.sequencer.id)

    found = find(api.ada, **asked)

    totals = [slot["score"]["total"] for slot in found]
    assert totals == sorted(totals, reverse=True)
    # Between two others nothing is left unusable.
    assert (found[0]["pool_id"], found[0]["score"]["fit"]) == (people.sequencer.id, 100)


def test_a_search_that_is_refused_too_often_tells_what_is_certain(people, any_session, monkeypatch):
    monkeypatch.setattr(soonest, "MOST_STEPS", 2)
    looked = Looked(timedelta(hours=1), 1, at(0))

    found = soonest_slots(any_session, factories.actor(people.ada), Where(), looked, 50, NOW)

    assert not found.complete
    assert list(found.found) == sorted(found.found, key=lambda offer: offer.key)


def two_pools(session, people):
    """Return two pools alike of one unit each, open to everybody."""
    made = []
    for _ in range(2):
        pool = factories.create_pool(
            session, units=1, site_id=people.site.id, lab_id=people.west_lab.id,
            category_code=people.category.code, approval="auto",
            opening_hours="1 00:00-24:00;2 00:00-24:00",  # alike, and like no other
        )  # fmt: skip
        factories.create_contribution(session, pool)
        made.append(pool)
    return made


def test_the_earliest_is_found_behind_pools_that_come_later(api, people, any_session, monkeypatch):
    monkeypatch.setattr(soonest, "FIRST_LOOK", 1)
    first, second = two_pools(any_session, people)
    # What seems free at ten is too short, so that the second is sooner in the end.
    api.cy.book(9, 10, pool_id=first.id)
    api.cy.book(10.5, 12, pool_id=first.id)
    api.cy.book(9, 11, pool_id=second.id)
    looked = Looked(timedelta(hours=1), 1, at(9))
    where = Where(pool_ids=[first.id, second.id])

    [offer] = soonest_slots(any_session, factories.actor(people.ada), where, looked, 1, NOW).found

    assert offer.key == (at(11), second.id)


def test_what_one_holds_of_a_pool_bars_no_pool_like_it(api, people, any_session):
    first, second = two_pools(any_session, people)
    assert api.ada.book(9, 11, pool_id=first.id).status_code == 201
    set_rule(any_session, "own_gap_minutes", 240)
    asked = {"category": people.category.code, "duration_minutes": 60, "from_": at(9)}

    found = find(api.ada, limit=50, until=at(16), **asked)

    firsts = {slot["pool_id"]: slot["start"] for slot in reversed(found)}
    assert (firsts[first.id], firsts[second.id]) == (at(15).isoformat(), at(9).isoformat())
