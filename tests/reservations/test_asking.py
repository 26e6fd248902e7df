"""What a booking reads: facts only where a rule asks for them, and the rules of one's groups."""

import pytest

from booking.core.errors import RuleViolated
from booking.policies.models import CalendarDay
from tests import factories
from tests.cast import Cast, cast
from tests.reservations.ruled import new_edition, set_rule
from tests.reservations.steps import ask
from tests.statements import statements


@pytest.fixture
def people(any_session) -> Cast:
    return cast(any_session)


def reads(session, person, start, pool):
    """Return the statements of one booking, of the look before it as well."""
    with statements(session.get_bind()) as sent:
        ask(factories.actor(person), start, start + 1, pool_id=pool.id)
    return [s for s in sent if s.startswith("SELECT")]


def test_a_booking_reads_nothing_that_no_rule_asks_for(any_session, people):
    reads(any_session, people.ada, 8, people.automatic)  # the book is read
    plain = len(reads(any_session, people.ada, 9, people.automatic))
    set_rule(any_session, "own_gap_minutes", 30, pool=people.confocal)
    set_rule(any_session, "max_minutes", 60, "tag:night", people.confocal)
    reads(any_session, people.ada, 10, people.automatic)
    assert len(reads(any_session, people.ada, 11, people.automatic)) == plain


@pytest.mark.parametrize("group", ["company:{a}", "tier:resident", "tag:none"])
def test_the_rules_of_the_partys_groups_bind(any_session, people, group):
    group = group.format(a=people.company_a.id)
    set_rule(any_session, "max_minutes", 30, group)
    if group == "tag:none":
        assert ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
        return
    with pytest.raises(RuleViolated) as refused:
        ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
    assert [v.code for v in refused.value.violations] == ["too_long"]


def test_a_sites_own_day_wins_over_the_parks(any_session, people):
    set_rule(any_session, "holidays", "closed")
    # Tuesday 24 November; the site works on the park's holiday
    any_session.add(CalendarDay(day="2026-11-24", kind="holiday"))
    new_edition(any_session)
    with pytest.raises(RuleViolated) as refused:
        ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
    assert [v.code for v in refused.value.violations] == ["holiday"]
    any_session.add(
        CalendarDay(
            site_id=people.site.id, site_key=people.site.id, day="2026-11-24", kind="normal"
        )
    )
    new_edition(any_session)
    assert ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
