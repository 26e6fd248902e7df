"""What a booking reads: facts only where a rule asks for them, and the rules of one's groups."""

import pytest

from booking.core.errors import RuleViolated
from booking.policies.models import CalendarDay, RuleEdition, RuleValue
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.reservations.steps import ask
from tests.statements import statements


@pytest.fixture
def people(any_session) -> Cast:
    return cast(any_session)


def set_rule(session, rule, value, group="", scope="park", key="", grants=0):
    """Set a rule and give the book a new edition, as the settings page does."""
    kind, _, group_key = group.partition(":")
    session.add(
        RuleValue(
            scope_kind=scope, scope_key=key, rule=rule, value=value, group_kind=kind,
            group_key=group_key, grants=grants, set_at=NOW,
        )
    )  # fmt: skip
    edition = session.get(RuleEdition, 1)
    if edition is None:
        session.add(RuleEdition(id=1, number=1))
    else:
        edition.number += 1
    session.commit()


def reads(session, person, start, pool):
    """Return the statements of one booking, of the look before it as well."""
    with statements(session.get_bind()) as sent:
        ask(factories.actor(person), start, start + 1, pool_id=pool.id)
    return [s for s in sent if s.startswith("SELECT")]


def test_a_booking_reads_nothing_that_no_rule_asks_for(any_session, people):
    reads(any_session, people.ada, 8, people.automatic)  # the book is read
    plain = len(reads(any_session, people.ada, 9, people.automatic))
    set_rule(any_session, "own_gap_minutes", "30", scope="pool", key=str(people.confocal.id))
    set_rule(any_session, "max_minutes", "60", "tag:night", "pool", str(people.confocal.id))
    reads(any_session, people.ada, 10, people.automatic)
    assert len(reads(any_session, people.ada, 11, people.automatic)) == plain


@pytest.mark.parametrize("group", ["company:{a}", "tier:resident", "tag:none"])
def test_the_rules_of_the_partys_groups_bind(any_session, people, group):
    group = group.format(a=people.company_a.id)
    set_rule(any_session, "max_minutes", "30", group)
    if group == "tag:none":
        assert ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
        return
    with pytest.raises(RuleViolated) as refused:
        ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
    assert [v.code for v in refused.value.violations] == ["too_long"]


def test_a_sites_own_day_wins_over_the_parks(any_session, people):
    set_rule(any_session, "holidays", '"closed"')
    # Tuesday 24 November; the site works on the park's holiday
    any_session.add(CalendarDay(day="2026-11-24", kind="holiday"))
    any_session.commit()
    with pytest.raises(RuleViolated) as refused:
        ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
    assert [v.code for v in refused.value.violations] == ["holiday"]
    any_session.add(
        CalendarDay(
            site_id=people.site.id, site_key=people.site.id, day="2026-11-24", kind="normal"
        )
    )
    any_session.commit()
    assert ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
