"""Series, bundles and chains on a day that opens fairly: refused with what passes instead."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.core.errors import Conflict, PartsViolated
from booking.infra.db import write
from booking.policies.models import Agreement
from booking.reservations.models import DrawEntry
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.groups import BundleWanted, ChainWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.bundles import make_bundle, make_chain
from booking.web.reserve import Entered, reserve
from tests import factories
from tests.api.caller import Caller
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser, said
from tests.reservations.grouped import preview, repeat, times
from tests.reservations.ruled import set_rule
from tests.reservations.steps import at

HOUR = timedelta(hours=1)


@pytest.fixture
def people(any_session, clock):
    """Return the cast; the sequencer's Wednesday opens fairly until 09:30 of today."""
    made = cast(any_session)
    made.sequencer.horizon_days = 2
    set_rule(any_session, "opens_at_minute", 9 * 60, pool=made.sequencer)
    set_rule(any_session, "fair_opening_minutes", 30, pool=made.sequencer)
    return made


@pytest.fixture(autouse=True)
def healthy(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def asked(day, *pools):
    return tuple(
        BookingRequest(at(9, day), at(10, day), pool_id=pool.id, purpose="research")
        for pool in pools
    )


def chain(who, day, *pools, until=None):
    wanted = ChainWanted(asked(day, *pools), ((0, 60),) * (len(pools) - 1), until)
    return write(lambda s: make_chain(s, factories.actor(who), wanted, NOW))


def codes(refusal):
    return [(p.position, [v.code for v in p.violations]) for p in refusal.value.problems]


def test_a_series_leaves_the_day_out_and_it_is_asked_for_by_itself(people, any_session):
    ada, pool = factories.actor(people.ada), people.sequencer
    with pytest.raises(PartsViolated) as told:
        repeat(ada, "FREQ=DAILY;COUNT=2", pool_id=pool.id)
    assert codes(told) == [(1, ["fair_opening"])]
    seen = preview(ada, "FREQ=DAILY;COUNT=2", pool_id=pool.id)
    assert [o.how for o in seen.outcomes] == ["booked", "left_out"]

    made = repeat(ada, "FREQ=DAILY;COUNT=2", how="skip", pool_id=pool.id)
    alone = reserve(ada, asked(1, pool)[0])

    assert times(any_session, ada, made.group_id) == [(0, 9, "pending")]
    assert isinstance(alone, Entered)
    assert any_session.scalars(select(DrawEntry.start_at)).all() == [at(9, 1)]


def test_a_bundle_is_offered_the_last_time_before_and_may_be_asked_for_in_parts(people):
    ada, both = factories.actor(people.ada), (people.sequencer, people.automatic)
    with pytest.raises(PartsViolated) as told:
        write(lambda s: make_bundle(s, ada, BundleWanted(asked(1, *both)), NOW))
    assert codes(told) == [(0, ["fair_opening"])]
    near = told.value.problems[0].nearest
    assert at(22) < near.start < at(24)
    at_near = tuple(BookingRequest(near.start, near.start + HOUR, pool_id=pool.id) for pool in both)
    assert write(lambda s: make_bundle(s, ada, BundleWanted(at_near), NOW)).outcomes
    alone = [reserve(ada, one) for one in asked(1, *both)]
    assert [isinstance(one, Entered) for one in alone] == [True, False]


def test_a_chain_says_which_step_opens_fairly_and_fits_the_day_before(people):
    both = (people.automatic, people.sequencer)
    for until in (None, at(18, 1)):
        with pytest.raises(PartsViolated) as told:
            chain(people.ada, 1, *both, until=until)
        assert codes(told) == [(1, ["fair_opening"])]
    assert chain(people.ada, 0, *both).outcomes


def test_a_chain_says_what_no_other_time_would_mend(people, any_session):
    """It said that the time was taken; where it is, it still does."""
    any_session.add(
        Agreement(
            scope_kind="pool", scope_key=str(people.automatic.id), version=1, title="规程",
            text="一", set_at=NOW,
        )
    )  # fmt: skip
    any_session.commit()
    with pytest.raises(PartsViolated) as told:
        chain(people.ada, 0, people.confocal, people.automatic)
    assert codes(told) == [(1, ["agreement_needed"])]
    for _unit in range(3):
        reserve(factories.actor(people.mei), BookingRequest(at(0), at(24), people.confocal.id))
    with pytest.raises(Conflict):
        chain(people.cy, 0, people.confocal, people.east_pool, until=at(18))


@pytest.mark.parametrize("any_app", ["sqlite"], indirect=True)
def test_api_and_page_say_the_same(any_app, people, any_session):
    ada = Caller(any_app.test_client(), people.ada)
    parts = [{"pool_id": pool.id, "minutes": 60} for pool in (people.automatic, people.sequencer)]
    times = {"start": at(9, 1).isoformat(), "until": at(18, 1).isoformat()}
    body = {"kind": "chain", **times, "purpose": "research", "parts": parts}
    refused = ada.post("/reservation-groups", body)
    [part] = refused.json["parts"]
    assert (refused.status_code, part["position"]) == (422, 1)
    assert "by itself" in part["violations"][0]["message"]

    page = browser(any_app, people.ada)
    sent = {
        "pool_id": [people.sequencer.id, people.automatic.id], "quantity": ["1", "1"],
        "minutes": ["60", "60"], "mode": "bundle", "start": "2026-11-25T09:00",
        "end": "2026-11-25T10:00", "purpose": "research", "do": "look",
        "party": f"company:{people.company_a.id}",
    }  # fmt: skip
    told = said(page.post("/reserve/together", data=sent).text)
    assert "Until then ask for each instrument and time by itself" in told
