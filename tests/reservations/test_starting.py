"""Starting before the booked time: who may, when, on which units, and what it costs."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PartsTaken,
    PartsViolated,
    RuleViolated,
    WrongState,
)
from booking.core.period import Period
from booking.infra.db import write
from booking.policies.rules.values import DEFAULTS, PoolRules, Rule
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.groups import BundleWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.using import require_early_start
from booking.reservations.services.bundles import make_bundle
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.starting import start_early
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser
from tests.reservations.grouped import members
from tests.reservations.ruled import set_quota, set_rule
from tests.reservations.steps import ask, at

MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(any_session, clock):
    made = cast(any_session)
    set_rule(any_session, "early_start_minutes", 30, pool=made.automatic)
    return made


@pytest.fixture(autouse=True)
def healthy(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def booked(people, start=10, end=12, who="ada", **more):
    who = actor(getattr(people, who))
    return ask(who, start, end, pool_id=people.automatic.id, **more).reservation_id


def start(who, id_, now):
    return write(lambda s: start_early(s, actor(who), id_, now))


def row(session, id_):
    session.rollback()
    return session.get(Reservation, id_, populate_existing=True)


def starts(session, id_):
    held = select(Allocation.block_start).where(
        Allocation.reservation_id == id_, Allocation.active == 1
    )
    return session.scalars(held).all()


@pytest.mark.parametrize(
    ("status", "minutes", "refused"),
    [
        ("approved", -31, "too_early_to_start"),
        ("approved", -30, None),
        ("in_use", -1, None),  # checked in already
        ("approved", 0, "already_started"),
        ("pending", -10, "not_approved"),
    ],
)
def test_it_opens_before_the_start_and_ends_with_it(status, minutes, refused):
    rules = PoolRules(early_start_minutes=Rule(30))
    period = Period(at(10), at(12))
    now = at(10) + minutes * MINUTE
    if refused is None:
        require_early_start(status, period, rules, now)
        return
    with pytest.raises(WrongState) as told:
        require_early_start(status, period, rules, now)
    assert told.value.code == refused
    with pytest.raises(WrongState) as told:
        require_early_start("approved", period, DEFAULTS, now)
    assert told.value.code == "no_early_start"


def test_it_holds_its_units_from_this_minute_on(people, any_session):
    mine = booked(people, quantity=2)
    start(people.ada, mine, at(9.75) + timedelta(seconds=40))
    begun = row(any_session, mine)
    assert (begun.start_at, begun.end_at, begun.status) == (at(9.75), at(12), "approved")
    assert starts(any_session, mine) == [at(9.75)] * 2
    with pytest.raises(Conflict):
        booked(people, 9, 10, who="cy")
    with pytest.raises(WrongState) as told:
        start(people.ada, mine, at(9.75) + MINUTE)
    assert told.value.code == "already_started"


def test_who_has_the_unit_before_keeps_it(people, any_session):
    before = [booked(people, 9, 10, who="cy") for _unit in range(2)]
    mine = booked(people)
    version = row(any_session, mine).version
    with pytest.raises(Conflict) as told:
        start(people.ada, mine, at(9.75))
    held = starts(any_session, mine)
    assert [taken.period.end for taken in told.value.conflicts] == [at(10)]
    assert (row(any_session, mine).start_at, held) == (at(10), [at(10)])
    assert row(any_session, mine).version == version
    assert all(row(any_session, id_).end_at == at(10) for id_ in before)


def test_the_warm_up_moves_with_it(people, any_session):
    people.automatic.warmup_minutes = 15
    any_session.commit()
    both = [booked(people, 9, 9.5, who="cy") for _unit in range(2)]
    mine = booked(people)
    with pytest.raises(Conflict):
        start(people.ada, mine, at(9.5) + 14 * MINUTE)
    start(people.ada, mine, at(9.75))
    assert starts(any_session, mine) == [at(9.5)]
    assert len(both) == 2


def test_where_people_check_in_it_is_their_check_in(people, any_session):
    set_rule(any_session, "check_in", value=True, pool=people.automatic)
    mine = booked(people)
    start(people.ada, mine, at(9.5))
    assert (row(any_session, mine).status, row(any_session, mine).checked_in_at) == (
        "in_use", at(9.5),
    )  # fmt: skip


def test_the_longer_time_obeys_the_rules_but_the_grid(people, any_session):
    set_rule(any_session, "max_minutes", 125, pool=people.automatic)
    mine = booked(people)
    with pytest.raises(RuleViolated) as told:
        start(people.ada, mine, at(10) - 6 * MINUTE)
    assert [v.code for v in told.value.violations] == ["too_long"]
    start(people.ada, mine, at(10) - 5 * MINUTE)
    assert row(any_session, mine).start_at == at(10) - 5 * MINUTE


def test_the_longer_time_counts_for_quotas(people, any_session):
    set_quota(any_session, people.automatic, measure="minutes", period="day", amount=130)
    mine = booked(people)
    with pytest.raises(RuleViolated):
        start(people.ada, mine, at(9.75))
    start(people.ada, mine, at(10) - 10 * MINUTE)


def test_only_who_uses_it_may(people, any_session):
    mine = booked(people)
    with pytest.raises(NotFound):
        start(people.cy, mine, at(9.75))
    with pytest.raises(Forbidden):
        start(people.bo, mine, at(9.75))
    start(people.mei, mine, at(9.75))
    assert row(any_session, mine).start_at == at(9.75)


@pytest.fixture
def bundle(people, any_session):
    """Return Ada's bundle of ten to twelve: the automatic pool, and one that asks for a decision.

    Approved, and each part may start half an hour early.
    """
    set_rule(any_session, "early_start_minutes", 30, pool=people.east_pool)
    people.east_pool.approval = "auto"
    any_session.commit()
    wanted = BundleWanted(
        tuple(BookingRequest(at(10), at(12), pool_id=p.id)
              for p in (people.automatic, people.east_pool))
    )  # fmt: skip
    group_id = write(lambda s: make_bundle(s, actor(people.ada), wanted, NOW)).group_id
    return [one.id for one in members(any_session, actor(people.ada), group_id)]


def test_the_parts_of_a_bundle_start_early_together(people, any_session, bundle):
    start(people.ada, bundle[1], at(9.75))
    assert [row(any_session, id_).start_at for id_ in bundle] == [at(9.75)] * 2
    assert [starts(any_session, id_) for id_ in bundle] == [[at(9.75)], [at(9.75)]]


def test_what_keeps_one_part_keeps_the_bundle(people, any_session, bundle):
    before = ask(actor(people.cy), 9, 10, pool_id=people.east_pool.id).reservation_id
    with pytest.raises(PartsTaken) as told:
        start(people.ada, bundle[0], at(9.75))
    [problem] = told.value.problems
    assert (problem.position, problem.conflicts[0].period.end) == (1, at(10))
    assert [row(any_session, id_).start_at for id_ in bundle] == [at(10)] * 2
    write(lambda s: cancel(s, actor(people.cy), before, "", NOW))
    set_rule(any_session, "max_minutes", 130, pool=people.automatic)
    with pytest.raises(PartsViolated) as refused:
        start(people.ada, bundle[1], at(9.75))
    assert [v.code for v in refused.value.violations] == ["too_long"]
    assert [starts(any_session, id_) for id_ in bundle] == [[at(10)], [at(10)]]


def test_a_part_that_is_gone_or_elsewhere_keeps_nobody(people, any_session, bundle):
    write(lambda s: cancel(s, actor(people.ada), bundle[1], "", NOW))
    start(people.ada, bundle[0], at(9.75))
    assert row(any_session, bundle[0]).start_at == at(9.75)
    assert row(any_session, bundle[1]).start_at == at(10)


def test_a_lab_starts_only_bundles_that_are_all_its_own(people, any_session, bundle):
    with pytest.raises(Forbidden) as told:
        start(people.mei, bundle[0], at(9.75))
    assert told.value.code == "parts_of_others"
    start(people.ops, bundle[0], at(9.75))
    assert [row(any_session, id_).start_at for id_ in bundle] == [at(9.75)] * 2


@pytest.mark.parametrize("any_app", ["sqlite"], indirect=True)
def test_the_page_says_which_part_cannot_start(any_app, people, any_session, bundle, clock):
    page = f"/reservations/{bundle[0]}"
    ask(actor(people.cy), 9, 9.75, pool_id=people.east_pool.id)
    clock.move_to(at(9.5))
    ada = browser(any_app, people.ada)
    told = ada.get(page).text
    assert "with its bundle or not at all, and “流式细胞仪” cannot" in told
    assert "start-early" not in told
    clock.move_to(at(9.75))
    assert "start-early" in ada.get(page).text
    ada.post(f"{page}/start-early")
    assert [row(any_session, id_).start_at for id_ in bundle] == [at(9.75)] * 2
