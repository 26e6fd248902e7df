"""Rules about the person, and those of time, through the service on both engines."""

import pytest

from booking.core.errors import Invalid, RuleViolated
from booking.infra.db import write
from booking.policies.rules.values import NEVER
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.availability import next_slots
from booking.reservations.queries.facts import pool_facts, units_of
from booking.reservations.services.cancelling import cancel
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.pages import browser
from tests.reservations.ruled import qualify, set_rule
from tests.reservations.steps import ask, at, shift


@pytest.fixture
def people(any_session) -> Cast:
    return cast(any_session)


def codes(call, *args, **more):
    """Return the codes of what is refused."""
    with pytest.raises(RuleViolated) as refused:
        call(*args, **more)
    return [v.code for v in refused.value.violations]


def test_the_gap_between_ones_own_names_its_side(any_session, people):
    pool, ada = people.automatic, factories.actor(people.ada)
    set_rule(any_session, "own_gap_minutes", 120, pool=pool)
    booked = ask(ada, 12, 13, pool_id=pool.id)

    assert codes(ask, ada, 10.5, 11.5, pool_id=pool.id) == ["gap_after"]
    assert codes(ask, ada, 14.5, 15.5, pool_id=pool.id) == ["gap_before"]
    assert ask(factories.actor(people.cy), 14.5, 15.5, pool_id=pool.id)
    assert shift(any_session, ada, booked.reservation_id, 12.5, 13.5)  # not to itself
    later = ask(ada, 16, 17, pool_id=pool.id)
    assert codes(shift, any_session, ada, later.reservation_id, 15, 16) == ["gap_before"]


def test_the_earliest_slot_keeps_the_gap(any_session, people):
    pool = people.automatic
    set_rule(any_session, "own_gap_minutes", 120, pool=pool)
    ask(factories.actor(people.ada), 12, 13, pool_id=pool.id)
    facts = pool_facts(any_session, [pool.id])[pool.id]
    wanted = Intent(
        factories.Period(at(10.5), at(11.5)), 1, NOW, searches=True, by=factories.actor(people.ada)
    )
    booker = Booker(people.ada.id, factories.actor(people.ada).parties[0])
    asked = asking(any_session, facts, 2, booker, wanted)

    [slot] = next_slots(any_session, asked, 1, units=units_of(any_session, pool.id))

    assert slot.period.start == at(15)


def test_one_instrument_at_a_time(any_session, people):
    ada = factories.actor(people.ada)
    set_rule(any_session, "one_at_a_time", True)
    ask(ada, 10, 11, pool_id=people.automatic.id)

    assert codes(ask, ada, 10.5, 11.5, pool_id=people.confocal.id) == ["one_at_a_time"]
    assert ask(ada, 11, 12, pool_id=people.confocal.id)


def test_a_person_who_is_not_qualified_hears_everything_at_once(any_session, people):
    pool, ada = people.automatic, factories.actor(people.ada)
    set_rule(any_session, "level", 2, pool=pool)
    set_rule(any_session, "purposes", ["teaching"], pool=pool)
    set_rule(any_session, "note_needed", True, pool=pool)
    set_rule(any_session, "max_minutes", 30, pool=pool)

    assert codes(ask, ada, 10, 11, pool_id=pool.id) == [
        "too_long", "level_needed", "purpose_not_allowed", "note_needed",
    ]  # fmt: skip
    qualify(any_session, people.ada, pool, 2, valid_until=at(10.25))
    assert codes(ask, ada, 10, 10.5, pool_id=pool.id, purpose="teaching", note="a") == [
        "level_ends"
    ]
    qualify(any_session, people.ada, pool, 3)
    assert ask(ada, 10, 10.5, pool_id=pool.id, purpose="teaching", note="a")


def test_who_is_not_qualified_still_sees_the_calendar(any_app, any_session, people):
    pool = people.automatic
    set_rule(any_session, "level", 2, pool=pool)
    client = browser(any_app, people.ada)

    assert "all free" in client.get(f"/pools/{pool.id}").text
    lanes = client.get(f"/timeline/lanes?pool={pool.id}&from=2026-11-24").get_json()["lanes"]
    assert [lane["held"] for lane in lanes] == [[], []]
    assert all(lane["book"] for lane in lanes)


def test_a_revoked_or_foreign_qualification_is_none(any_session, people):
    pool, ada = people.automatic, factories.actor(people.ada)
    set_rule(any_session, "level", 1, pool=pool)
    qualify(any_session, people.ada, pool, 1, revoked_at=NOW)
    qualify(any_session, people.ada, pool, 1, valid_until=NOW)
    qualify(any_session, people.ada, people.confocal, 1)
    qualify(any_session, people.cy, pool, 1)
    assert codes(ask, ada, 10, 11, pool_id=pool.id) == ["level_needed"]
    qualify(any_session, people.ada, pool, 1, pool_id=None, category_code=people.category.code)
    assert ask(ada, 10, 11, pool_id=pool.id)


def test_duty_free_instruments_serve_others_for_research_only(any_session, people):
    people.confocal_units[0].customs_supervised = 1
    any_session.commit()
    ada, free = factories.actor(people.ada), people.confocal_units[1].id
    asked = {"purpose": "other", "pool_id": people.confocal.id}

    assert codes(ask, ada, 10, 11, **asked) == ["customs_purpose"]
    assert ask(ada, 10, 11, unit_id=free, purpose="other")
    assert ask(ada, 10, 11, pool_id=people.confocal.id)
    assert ask(factories.actor(people.rep), 10, 11, **asked)  # the owner's own


def test_the_last_note_stays_where_one_is_needed(any_session, people):
    pool, ada = people.automatic, factories.actor(people.ada)
    set_rule(any_session, "note_needed", True, pool=pool)
    booked = ask(ada, 10, 11, pool_id=pool.id, note="why")

    assert codes(shift, any_session, ada, booked.reservation_id, 10, 11, note=" ") == [
        "note_needed"
    ]
    assert shift(any_session, ada, booked.reservation_id, 10, 11, note="other") is None


@pytest.mark.parametrize(("latest", "code"), [(24 * 60, "too_late"), (NEVER, "never")])
def test_changing_and_cancelling_end_before_the_start(any_session, people, latest, code):
    pool, ada, mei = people.automatic, factories.actor(people.ada), factories.actor(people.mei)
    booked = ask(ada, 8, 10, pool_id=pool.id).reservation_id  # 23 hours ahead
    set_rule(any_session, "edit_latest_minutes", latest, pool=pool)
    set_rule(any_session, "cancel_latest_minutes", latest, pool=pool)
    to_change = "too_late_to_change" if code == "too_late" else "never_changed"
    to_cancel = "too_late_to_cancel" if code == "too_late" else "never_cancelled"

    # shortening counts as a change; a note does not
    assert codes(shift, any_session, ada, booked, 8, 9) == [to_change]
    assert codes(shift, any_session, ada, booked, 8, 9, override_reason="please") == [to_change]
    assert shift(any_session, ada, booked, 8, 10, note="more") is None
    assert shift(any_session, mei, booked, 8, 9, override_reason="broken") is not None
    assert codes(write, lambda s: cancel(s, ada, booked, "", NOW)) == [to_cancel]
    write(lambda s: cancel(s, mei, booked, "broken", NOW))
    assert any_session.get_one(Reservation, booked).status == "cancelled"


def test_what_nobody_has_decided_can_be_withdrawn(any_session, people):
    set_rule(any_session, "cancel_latest_minutes", NEVER)
    ada = factories.actor(people.ada)
    booked = ask(ada, 8, 10, pool_id=people.confocal.id)
    write(lambda s: cancel(s, ada, booked.reservation_id, "", NOW))


# --- the common rules of time, through the service -------------------------------------------


def test_a_buffer_keeps_the_next_away(any_session, people):
    people.sequencer.cleanup_minutes = 30
    any_session.commit()
    ada = factories.actor(people.ada)
    ask(ada, 10, 11, pool_id=people.sequencer.id)
    with pytest.raises(Exception, match="conflict"):
        ask(ada, 11.25, 12.25, pool_id=people.sequencer.id)
    assert ask(ada, 11.5, 12.5, pool_id=people.sequencer.id)


def test_both_broken_lengths_are_told(any_session, people):
    people.automatic.min_minutes, people.automatic.max_minutes = 90, 30
    any_session.commit()
    assert codes(ask, factories.actor(people.ada), 10, 11, pool_id=people.automatic.id) == [
        "too_short", "too_long",
    ]  # fmt: skip


def test_times_are_on_the_grid_and_ahead_within_the_horizon(any_session, people):
    pool, ada = people.automatic, factories.actor(people.ada)
    pool.granularity_minutes, pool.horizon_days = 30, 2
    any_session.commit()
    assert codes(ask, ada, 10, 10.75, pool_id=pool.id) == ["granularity_length"]
    assert codes(ask, ada, -16, -15, pool_id=pool.id) == ["past"]
    with pytest.raises(RuleViolated) as refused:
        ask(ada, 58, 59, pool_id=pool.id)  # Thursday
    [violation] = refused.value.violations
    assert (violation.code, violation.limit, violation.origin) == ("horizon", 2, "pool")


def test_the_end_comes_after_the_start(any_session, people):
    for end in (10, 9):
        with pytest.raises(Invalid, match="end_before_start"):
            ask(factories.actor(people.ada), 10, end, pool_id=people.automatic.id)
    assert any_session.query(Reservation).count() == 0


def test_closed_hours_bind_people_but_not_a_manager_with_a_reason(any_session, people):
    pool = people.automatic
    pool.opening_hours = "2 09:00-12:00"
    any_session.commit()
    assert codes(ask, factories.actor(people.ada), 13, 14, pool_id=pool.id) == ["closed_hours"]
    mei = factories.actor(people.mei)
    assert codes(ask, mei, 13, 14, pool_id=pool.id) == ["closed_hours"]
    assert ask(mei, 13, 14, pool_id=pool.id, override_reason="night run")


def test_midnight_is_that_of_the_site(any_session, people):
    set_rule(any_session, "overnight", False)
    pool, ada = people.automatic, factories.actor(people.ada)
    assert codes(ask, ada, 23, 24.5, pool_id=pool.id) == ["overnight"]
    assert ask(ada, 23, 24, pool_id=pool.id)
    assert ask(ada, 7.5, 8.5, pool_id=pool.id)  # midnight in UTC
