"""Which decisions a request needs, and what can be booked at no time: pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.actor import Actor, Duties, Party
from booking.core.period import Period
from booking.policies.rules.decide import unfit_at_any_time
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.values import DEFAULTS, Rule
from booking.reservations.rules.steps import COMPANY, LAB, Step, chain

NINE = datetime(2026, 11, 24, 1, tzinfo=UTC)  # 09:00 in Xi'an
FIRM, INSTITUTE = Party(7, None, frozenset({"booker"})), Party(None, 3, frozenset({"member"}))
BOOKER = Actor(1, parties=(FIRM,))
ADMIN = Actor(2, parties=(replace(FIRM, roles=frozenset({"admin"})),))
ADMIN_ELSEWHERE = Actor(3, parties=(FIRM, Party(8, None, frozenset({"admin"}))))
DECIDER = replace(BOOKER, duties=Duties(group_ids=frozenset({5}), own_group_ids=frozenset({5})))
GROUP = Step("group", 5)


@pytest.mark.parametrize(
    ("company", "group", "asks_lab", "party", "by", "steps"),
    [
        (False, 0, False, FIRM, BOOKER, ()),
        (False, 0, True, FIRM, BOOKER, (LAB,)),
        (True, 0, True, FIRM, BOOKER, (COMPANY, LAB)),
        (True, 0, False, FIRM, BOOKER, (COMPANY,)),
        (True, 5, True, FIRM, BOOKER, (COMPANY, LAB, GROUP)),
        (False, 5, False, FIRM, BOOKER, (GROUP,)),
        # Whoever could decide a step does not ask for it.
        (True, 5, True, FIRM, ADMIN, (LAB, GROUP)),
        (True, 5, True, FIRM, DECIDER, (COMPANY, LAB)),
        (True, 6, True, FIRM, DECIDER, (COMPANY, LAB, Step("group", 6))),
        (True, 0, False, FIRM, ADMIN_ELSEWHERE, (COMPANY,)),
        (True, 5, True, FIRM, None, (COMPANY, LAB, GROUP)),
        # No company, nobody of it to ask.
        (True, 5, True, INSTITUTE, BOOKER, (LAB, GROUP)),
        (True, 0, False, None, None, ()),
        (False, 0, False, FIRM, DECIDER, ()),
    ],
)
def test_the_company_the_lab_and_a_group_decide_in_this_order(
    company, group, asks_lab, party, by, steps
):
    rules = replace(DEFAULTS, company_decides=Rule(value=company), group_decides=Rule(group))
    assert chain(rules, party, by, asks_lab=asks_lab) == steps


@pytest.mark.parametrize(
    ("minutes", "quantity", "unfit"),
    [
        (60, 1, False), (15, 1, True), (150, 1, True), (45, 1, True), (60, 2, False), (60, 3, True),
        (30, 1, False), (120, 1, False),
    ],
)  # fmt: skip
def test_too_short_too_long_off_the_grid_or_too_many_is_unfit_at_any_time(minutes, quantity, unfit):
    rules = replace(
        DEFAULTS, min_minutes=Rule(30), max_minutes=Rule(120), granularity_minutes=Rule(30),
        max_units=Rule(2),
    )  # fmt: skip
    period = Period(NINE, NINE + timedelta(minutes=minutes))
    asked = Proposal(period, quantity, NINE, ZoneInfo("Asia/Shanghai"), 9)
    assert unfit_at_any_time(rules, asked) is unfit


def test_what_another_pool_has_enough_units_for_is_not_unfit():
    hour = Period(NINE, NINE + timedelta(hours=1))
    asked = Proposal(hour, 2, NINE, ZoneInfo("Asia/Shanghai"), 1)
    assert not unfit_at_any_time(DEFAULTS, asked)
    both = replace(asked, period=Period(NINE, NINE + timedelta(minutes=5)))
    assert unfit_at_any_time(DEFAULTS, both)
