"""Which value of a rule holds: nearest place, strictest group, grants."""

import pytest

from booking.core.errors import Invalid
from booking.core.hours import WeeklyHours
from booking.policies.rules.questions import Asking, ToAccept
from booking.policies.rules.quotas import Quota
from booking.policies.rules.registry import BY_NAME, KINDS
from booking.policies.rules.tree import Place, RuleBook, SetValue
from booking.policies.rules.values import DEFAULTS, NEVER, PoolRules, Rule

PARENTS = {"030101": "030100", "030100": "030000", "030000": None, "990000": "990000"}


def book(*values: SetValue) -> RuleBook:
    return RuleBook(values, DEFAULTS, PARENTS)


def everyone(kind, key, rule, value) -> SetValue:
    return SetValue((kind, key), rule, value)


def group(name, value, *, at=("lab", "5"), rule="max_minutes", grants=False) -> SetValue:
    return SetValue(at, rule, value, name, grants)


def place(rules: RuleBook) -> Place:
    return rules.place(1, 5, 2, "030101")


def test_the_nearest_place_wins_and_says_where():
    layers = [
        everyone("park", "", "min_minutes", 10),
        everyone("site", "2", "min_minutes", 20),
        everyone("category", "030000", "min_minutes", 30),
        everyone("category", "030100", "min_minutes", 40),
        everyone("lab", "5", "min_minutes", 50),
        everyone("pool", "1", "min_minutes", 60),
    ]
    found = []
    while layers:
        rules = book(*layers)
        found.append(rules.rules(place(rules), {}).min_minutes)
        layers.pop()
    assert found == [
        Rule(60, "pool"), Rule(50, "lab"), Rule(40, "category"), Rule(30, "category"),
        Rule(20, "site"), Rule(10, "park"),
    ]  # fmt: skip
    assert book().rules(Place(1, 5, 2), {}) is DEFAULTS


def test_a_value_of_another_lab_or_site_is_not_read():
    rules = book(everyone("lab", "6", "min_minutes", 50), everyone("site", "3", "min_minutes", 20))
    assert rules.rules(place(rules), {}) == DEFAULTS


def test_the_pools_own_column_wins_over_its_lab():
    rules = book(everyone("lab", "5", "min_minutes", 50))
    assert rules.rules(place(rules), {"min_minutes": 25}).min_minutes == Rule(25, "pool")


def test_a_class_that_names_itself_as_parent_ends_the_way_up():
    assert book().place(1, 5, 2, "990000").categories == ("990000",)
    assert book().place(1, 5, 2, "unknown").categories == ("unknown",)


def test_among_groups_the_strictest_wins_and_never_loosens_what_holds_for_all():
    rules = book(group("tag:night", 600), group("tier:resident", 120))
    base = rules.rules(place(rules), {"max_minutes": 240})
    found = rules.for_groups(base, place(rules), {"tag:night", "tier:resident"})
    assert found.max_minutes == Rule(120, "lab", "tier:resident")
    alone = rules.for_groups(base, place(rules), {"tag:night"})
    assert alone.max_minutes == Rule(240, "pool")
    assert rules.for_groups(base, place(rules), {"tag:other"}) is base


def test_a_grant_loosens_and_wins_over_stricter_groups():
    rules = book(group("tag:night", 600, grants=True), group("tier:resident", 120))
    base = rules.rules(place(rules), {"max_minutes": 240})
    found = rules.for_groups(base, place(rules), {"tag:night", "tier:resident"})
    assert found.max_minutes == Rule(600, "lab", "tag:night")


def test_a_group_is_read_at_the_nearest_place_that_names_it():
    rules = book(group("tag:night", 100, at=("park", "")), group("tag:night", 200))
    base = rules.rules(place(rules), {})
    assert rules.for_groups(base, place(rules), {"tag:night"}).max_minutes.value == 200


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("cancel_latest_minutes", (None, 0, 60, NEVER)),
        ("horizon_days", (90, 7)),
        ("one_at_a_time", (False, True)),
        ("overnight", (True, False)),
        ("level", (0, 2)),
    ],
)
def test_which_of_two_values_is_the_stricter(name, values):
    rules = [Rule(value) for value in values]
    assert BY_NAME[name].strictest(rules[::-1]) == rules[-1]
    assert BY_NAME[name].loosest(rules) == rules[0]


def test_every_rule_is_known_and_its_default_is_within_its_bounds():
    assert {kind.name for kind in KINDS} == set(PoolRules.__slots__)
    for kind in KINDS:
        value = getattr(DEFAULTS, kind.name).value
        assert kind.parse(kind.plain(value)) == value, kind.name


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("min_minutes", 0), ("min_minutes", "15"), ("min_minutes", True), ("level", 10),
        ("holidays", "sometimes"), ("opening_hours", "9 am"), ("purposes", []),
        ("purposes", ["fun"]), ("check_in", 1), ("cancel_latest_minutes", -2),
    ],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_by_name(name, stored):
    with pytest.raises(Invalid) as refused:
        BY_NAME[name].parse(stored)
    assert refused.value.field == name


def test_values_come_back_as_they_were_stored():
    hours = WeeklyHours.every_day(480, 1080)
    for name, value in [("opening_hours", hours), ("purposes", frozenset({"teaching"}))]:
        assert BY_NAME[name].parse(BY_NAME[name].plain(value)) == value


def test_a_book_tells_what_is_set_where():
    quota = Quota(1, ("lab", "5"), "person", "count", "day", 1, group="company:7")
    terms = ToAccept(4, ("lab", "5"), "Terms")
    asks = Asking(9, ())
    rules = RuleBook(
        [everyone("site", "2", "min_minutes", 20), everyone("lab", "5", "min_minutes", 50),
         group("tag:night", 600, at=("category", "030000"))],
        DEFAULTS, PARENTS, [quota], [ToAccept(3, ("park", ""), "All"), terms], {1: asks},
    )  # fmt: skip
    here, there = place(rules), Place(8, 8, 8)

    assert here.categories == ("030101", "030100", "030000")
    assert rules.origins(here, "min_minutes") == [(("lab", "5"), 50), (("site", "2"), 20)]
    assert rules.origins(there, "min_minutes") == []
    assert rules.setting(here) == (("lab", "5"), ("category", "030000"), ("site", "2"))
    assert rules.setting(there) == ()
    assert rules.group_kinds(here) == {"tag", "company"}
    assert rules.group_kinds(there) == frozenset()
    assert rules.quotas(here) == (quota,)
    assert rules.quotas(there) == ()
    assert rules.any_quota
    assert [one.agreement_id for one in rules.agreements(here)] == [4, 3]
    assert [one.agreement_id for one in rules.agreements(there)] == [3]
    assert (rules.asks(1), rules.asks(2)) == (asks, None)


def test_an_empty_book_sets_nothing():
    empty, here = book(), Place(1, 5, 2)
    assert not empty.any_quota
    assert (empty.quotas(here), empty.agreements(here), empty.setting(here)) == ((), (), ())


def test_below_a_class_are_those_under_it():
    assert book().below("030000") == {"030000", "030100", "030101"}
    assert book().below("030101") == {"030101"}
    assert book().below("unknown") == {"unknown"}
