"""Own reservations side by side become one, where the rule says so and nothing is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.core.errors import Conflict
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.policies.models import Questionnaire
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.reservations import unit_ids_of
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.groups import BundleWanted
from booking.reservations.rules.life import Move
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.bundles import make_bundle
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.moving import Change
from booking.reservations.services.waiting import join
from booking.web.drawing import make_draws
from booking.web.reserve import Entered, change, reserve, take_offer
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.reservations.grouped import members, repeat
from tests.reservations.ruled import new_edition, set_quota, set_rule
from tests.reservations.steps import at


@pytest.fixture
def people(any_session, clock):
    made = cast(any_session)
    set_rule(any_session, "merge_minutes", 30)
    return made


@pytest.fixture(autouse=True)
def healthy(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def book(people, start, end, who="ada", **more):
    more = more if "unit_id" in more else {"pool_id": people.automatic.id, **more}
    return reserve(actor(getattr(people, who)), BookingRequest(at(start), at(end), **more))


def shift(people, id_, start, end, **more):
    return change(actor(people.ada), id_, None, Change(at(start), at(end), **more))


def row(session, id_):
    session.rollback()
    return session.get(Reservation, id_, populate_existing=True)


def live(session):
    """Return the times of live reservations in order."""
    session.rollback()
    query = select(Reservation.start_at, Reservation.end_at).where(Reservation.status == "approved")
    return [tuple(r) for r in session.execute(query.order_by(Reservation.start_at, Reservation.id))]


def held(session, id_):
    query = select(Allocation.block_start, Allocation.block_end).where(
        Allocation.reservation_id == id_, Allocation.active == 1
    )
    return [tuple(r) for r in session.execute(query)]


# --- booking ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "whole"),
    [(12, 13, (10, 13)), (12.5, 13, (10, 13)), (9, 10, (9, 12)), (8.5, 9.5, (8.5, 12))],
)
def test_what_is_booked_beside_an_own_one_joins_it(people, any_session, start, end, whole):
    first = book(people, 10, 12)
    second = book(people, start, end, note="run 2")
    assert (second.joined, second.replayed) == (True, False)
    assert second.reservation_id == first.reservation_id
    mine = row(any_session, first.reservation_id)
    assert (mine.start_at, mine.end_at, mine.note) == (at(whole[0]), at(whole[1]), "run 2")
    assert held(any_session, mine.id) == [(at(whole[0]), at(whole[1]))]
    assert len(live(any_session)) == 1


def test_what_fills_the_gap_makes_one_of_three(people, any_session):
    first = book(people, 9, 10).reservation_id
    book(people, 11, 12)
    assert book(people, 10, 11).reservation_id == first
    assert live(any_session) == [(at(9), at(12))]


def test_no_buffer_of_ones_own_stands_between(people, any_session):
    people.automatic.cleanup_minutes = 30
    any_session.commit()
    unit = units_of(any_session, people.automatic)[0].id
    first = book(people, 10, 12, unit_id=unit)
    assert book(people, 12, 13, unit_id=unit).reservation_id == first.reservation_id
    assert held(any_session, first.reservation_id) == [(at(10), at(13.5))]


@pytest.mark.parametrize(
    "other",
    [
        {"start": 12.75},  # too far
        {"purpose": "teaching"},
        {"quantity": 2},
        {"note": "another sample"},
        {"who": "bo"},
    ],
    ids=str,
)
def test_they_stay_two_where_they_differ(people, any_session, other):
    book(people, 10, 12, note="sample 1")
    wanted = {"start": 12, "end": 14, "note": "sample 1", **other}
    assert not book(people, **wanted).joined
    assert len(live(any_session)) == 2


def test_they_stay_two_where_a_rule_refuses_the_whole(people, any_session):
    set_rule(any_session, "max_minutes", 150, pool=people.automatic)
    first = book(people, 10, 12)
    second = book(people, 12, 13)
    assert not second.joined
    assert live(any_session) == [(at(10), at(12)), (at(12), at(13))]
    assert row(any_session, first.reservation_id).version == 1


def test_the_gap_counts_for_quotas(people, any_session):
    set_quota(any_session, people.automatic, measure="minutes", period="day", amount=180)
    book(people, 10, 12)
    assert not book(people, 12.5, 13.5).joined  # 3 h booked; 3.5 h as one


def test_they_stay_two_where_somebody_is_in_the_gap(people, any_session):
    unit = units_of(any_session, people.automatic)[0].id
    book(people, 10, 12, unit_id=unit)
    book(people, 12, 12.5, who="cy", unit_id=unit)
    assert not book(people, 12.5, 13, unit_id=unit).joined
    other = units_of(any_session, people.automatic)[1].id
    assert not book(people, 12.5, 13.5, unit_id=other).joined  # another unit is asked for
    with pytest.raises(Conflict):
        book(people, 12, 12.5, unit_id=unit)


def test_they_stay_two_where_only_another_unit_is_free(people, any_session):
    first = book(people, 10, 12)
    mine = held(any_session, first.reservation_id)
    used = unit_ids_of(any_session, [first.reservation_id])[first.reservation_id]
    any_session.rollback()
    book(people, 12.5, 13, who="cy", unit_id=used[0])
    assert not book(people, 12, 13).joined
    assert held(any_session, first.reservation_id) == mine


def test_nothing_decided_or_answered_is_joined(people, any_session):
    pool = people.confocal.id
    book(people, 10, 12, pool_id=pool)
    assert not book(people, 12, 13, pool_id=pool).joined
    any_session.add(
        Questionnaire(
            pool_id=people.automatic.id, version=1, set_at=NOW,
            questions='[{"key":"s","kind":"text","label_zh":"样品","choices":[]}]',
        )
    )  # fmt: skip
    new_edition(any_session)
    book(people, 10, 12)
    assert not book(people, 12, 13).joined


def test_off_it_is_as_ever(people, any_session):
    set_rule(any_session, "merge_minutes", None, pool=people.automatic)
    book(people, 10, 12)
    assert not book(people, 12, 13).joined


def test_the_same_key_again_answers_with_the_joined_one(people, any_session):
    first = book(people, 10, 12)
    key = {"idempotency_key": "k1", "body_hash": "h"}
    assert book(people, 12, 13, **key).joined
    again = book(people, 12, 13, **key)
    assert (again.reservation_id, again.replayed) == (first.reservation_id, True)
    assert live(any_session) == [(at(10), at(13))]


def test_a_running_one_is_joined_at_its_end_only(people, any_session, clock):
    first = book(people, 10, 12)
    clock.move_to(at(11))
    assert book(people, 12, 13).reservation_id == first.reservation_id
    assert row(any_session, first.reservation_id).end_at == at(13)


# --- moving and making longer -----------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "whole"), [(8, 10, (8, 12)), (7.5, 9.5, (7.5, 12)), (12, 13, (10, 13))]
)
def test_the_changed_one_takes_in_its_neighbour(people, any_session, start, end, whole):
    other = book(people, 10, 12).reservation_id
    mine = book(people, 15, 16).reservation_id
    assert shift(people, mine, start, end) is Move.JOIN
    ended = row(any_session, other)
    assert (ended.status, ended.was_status) == ("cancelled", None)
    assert live(any_session) == [(at(whole[0]), at(whole[1]))]
    assert ended.reason == f"→ {row(any_session, mine).reference}"
    assert held(any_session, other) == []
    told = select(Outbox.subject_ref).where(Outbox.kind == "joined")
    assert any_session.scalars(told).all() == [f"reservation:{other}"]


def test_a_change_that_cannot_be_joined_is_made_alone(people, any_session):
    set_rule(any_session, "max_minutes", 120, pool=people.automatic)
    other = book(people, 10, 12).reservation_id
    mine = book(people, 15, 16).reservation_id
    assert shift(people, mine, 12, 13) is Move.APPLY
    assert live(any_session) == [(at(10), at(12)), (at(12), at(13))]
    assert row(any_session, other).version == 1
    assert any_session.scalars(select(Outbox.id).where(Outbox.kind == "joined")).all() == []


def test_what_has_begun_is_not_ended_for_it(people, any_session, clock):
    other = book(people, 10, 12).reservation_id
    mine = book(people, 15, 16).reservation_id
    clock.move_to(at(10) + timedelta(minutes=5))
    assert shift(people, mine, 12, 13) is Move.APPLY
    assert row(any_session, other).end_at == at(12)


# --- other ways to a reservation -----------------------------------------------------------


def test_an_offer_that_is_taken_takes_in_the_own_one_beside_it(people, any_session):
    unit = units_of(any_session, people.automatic)[0].id
    mine = book(people, 10, 12, unit_id=unit).reservation_id
    theirs = book(people, 8, 10, who="mei", unit_id=unit).reservation_id
    wish = Wish("offer", at(8), at(10), 120, unit_id=unit, purpose="research")
    entry = write(lambda s: join(s, actor(people.ada), wish, NOW))
    write(lambda s: cancel(s, actor(people.mei), theirs, "", NOW))
    taken = take_offer(actor(people.ada), entry, {})
    assert taken.joined
    assert live(any_session) == [(at(8), at(12))]
    ended = row(any_session, mine)
    reference = row(any_session, taken.reservation_id).reference
    assert (ended.status, ended.reason) == ("cancelled", f"→ {reference}")


def test_a_part_of_a_series_or_bundle_stays_what_it_is(people, any_session):
    """It is moved and ended with its group: joined, it would be left behind."""
    ada, pool = actor(people.ada), people.automatic
    series = repeat(ada, "FREQ=DAILY;COUNT=2", 10, 11, pool_id=pool.id).group_id
    beside = book(people, 11, 12)
    assert not beside.joined
    assert repeat(ada, "FREQ=DAILY;COUNT=2", 12, 13, pool_id=pool.id).outcomes
    parts = tuple(BookingRequest(at(9), at(10), pool_id=pool.id) for _part in range(2))
    write(lambda s: make_bundle(s, ada, BundleWanted(parts), NOW))
    assert shift(people, beside.reservation_id, 11, 12) is None
    assert [one.status for one in members(any_session, ada, series)] == ["approved"] * 2
    assert len(live(any_session)) == 7


def test_what_two_wishes_of_a_draw_give_stays_two(people, any_session, clock):
    """Each has its own rank and reason, which stay to be read."""
    people.automatic.horizon_days = 2
    set_rule(any_session, "opens_at_minute", 9 * 60, pool=people.automatic)
    set_rule(any_session, "fair_opening_minutes", 30, pool=people.automatic)
    for hour in (33, 34):
        assert isinstance(book(people, hour, hour + 1), Entered)
    clock.shift(minutes=30)
    make_draws(people.automatic.id)
    assert live(any_session) == [(at(33), at(34)), (at(34), at(35))]
