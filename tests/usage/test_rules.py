"""Formulas, and days added up as by a clock that looks at every minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.usage.rules import drawing, formulas
from booking.usage.rules.days import Block, PoolDay, add_up, opening_of
from booking.usage.rules.filters import Filters
from booking.usage.rules.formulas import Figures
from booking.usage.rules.ranges import Days, asked_days, cover, weeks
from booking.usage.rules.vectors import edges_of, hour_of, hours_in, packed, unpacked

CHINA, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
UNITS = (1, 2)


@st.composite
def spans(draw, most=3):
    """Return up to `most` spans of whole quarters about a day, in order, none overlapping."""
    edges = sorted(draw(st.lists(st.integers(-8, 108), max_size=2 * most, unique=True)))
    return list(zip(edges[::2], edges[1::2], strict=False))


@settings(deadline=None)
@given(
    opened=spans(), busy=st.tuples(spans(), spans()), day=st.sampled_from(
        [(CHINA, date(2026, 11, 21)), (BERLIN, date(2026, 3, 29)), (BERLIN, date(2026, 10, 25))]
    ),
)  # fmt: skip
def test_a_day_is_what_every_quarter_of_it_adds_up_to(opened, busy, day):
    zone, when = day
    edges = edges_of(when, zone)
    start = edges[0]
    quarters = (edges[-1] - start) // 900
    inside = [(max(a, 0), min(b, quarters)) for a, b in opened if max(a, 0) < min(b, quarters)]
    # The first of a unit's spans is a closure, so that closures and use never meet.
    blocks = {unit: found[1:] for unit, found in zip(UNITS, busy, strict=True)}
    closed = {unit: found[:1] for unit, found in zip(UNITS, busy, strict=True)}

    def seconds(span):
        return (start + span[0] * 900, start + span[1] * 900)

    sums = add_up(
        PoolDay(7, frozenset(UNITS), opening_of([seconds(s) for s in inside], edges)),
        [Block(u, seconds(s), u, u == 2) for u in UNITS for s in blocks[u]],
        [(u, seconds(s)) for u in UNITS for s in closed[u]], {1: (3, 1)},
    )  # fmt: skip

    # Local hours of each quarter, also where the clock jumps.
    locals_ = [
        datetime.fromtimestamp(start + 900 * n, UTC).astimezone(zone).hour for n in range(quarters)
    ]
    by_hour = {"open": [0] * 24, "used": [0] * 24}
    used = 0
    for n, hour in enumerate(locals_):
        is_open = any(a <= n < b for a, b in inside)
        for unit in UNITS:
            taken = any(a <= n < b for a, b in blocks[unit])
            used += taken
            by_hour["used"][hour] += 900 * (is_open and taken)
            shut = any(a <= n < b for a, b in closed[unit])
            by_hour["open"][hour] += 900 * (is_open and not shut)
    assert unpacked(sums.whole.used_hours) == by_hour["used"]
    assert unpacked(sums.whole.open_hours) == by_hour["open"]
    assert sums.whole.used == used * 900 == sum(sums.units.values())
    assert (sums.whole.open, sums.whole.used_open) == (
        sum(by_hour["open"]), sum(by_hour["used"])
    )  # fmt: skip
    assert sums.whole.external == sums.companies.get(2, sums.whole).used * (2 in sums.companies)
    assert (sums.whole.reservations, sums.whole.no_shows, sums.whole.unit_days) == (3, 1, 2)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 10**9), min_size=24, max_size=24), max_size=5))
def test_packed_hours_add_up_one_by_one(rows):
    parts = [packed(sum(n << 40 * h for h, n in enumerate(row))) for row in rows]

    whole = sum(map(hours_in, parts))

    assert unpacked(whole) == [sum(row[hour] for row in rows) for hour in range(24)]
    assert hour_of(whole, 7) == sum(row[7] for row in rows)


@settings(deadline=None)
@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(0, 800))
def test_months_and_days_cover_each_day_once(first, length):
    days = Days(first, first + timedelta(days=length))
    covered = cover(days)
    found = [day for part in covered.days for day in part]
    if covered.months is not None:
        months = {(d.year, d.month) for d in covered.months if d.day == 1}
        found += [d for d in days if (d.year, d.month) in months]

    assert sorted(found) == list(days)
    assert len([d for part in covered.days for d in part]) <= 60
    assert [day for week in weeks(days) for day in week] == list(days)
    assert {week.count for week in weeks(days)[1:]} <= {7}
    assert weeks(days)[0].count < 14


SUMS = Figures(unit_days=730, open=400 * 3600, used_open=100 * 3600, used=320 * 3600,
               external=80 * 3600, reservations=40, no_shows=2)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (formulas.occupancy(SUMS), 0.25),
        (formulas.utilisation(SUMS, 1600), 0.1),  # two units for a year: 320 of 3200 hours
        (formulas.hours_a_year(SUMS), 160),
        (formulas.sharing_rate(SUMS), 0.25),
        (formulas.no_show_rate(SUMS), 0.05),
        (formulas.occupancy(Figures(used=5)), None),
        (formulas.utilisation(Figures(used=5), 1600), None),
        (formulas.sharing_rate(Figures(open=5)), None),
        (formulas.no_show_rate(Figures()), None),
        (formulas.hours_a_year(Figures()), None),
    ],
)
def test_each_formula(formula, value):
    assert formula == value


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, (date(2026, 10, 23), date(2026, 11, 21))),
        (date(2026, 11, 1), None, (date(2026, 11, 1), date(2026, 11, 21))),
        (date(2026, 11, 5), date(2026, 11, 1), (date(2026, 11, 1), date(2026, 11, 5))),
        (date(2026, 11, 5), date(2999, 1, 1), (date(2026, 11, 5), date(2026, 11, 21))),
        (date(2000, 1, 1), date(2026, 11, 21), (date(2023, 11, 18), date(2026, 11, 21))),
        (date(2999, 1, 1), None, (date(2026, 11, 21), date(2026, 11, 21))),
    ],
)
def test_days_asked_for_are_bounded(first, last, expected):
    days = asked_days(first, last, 30, date(2026, 11, 21))

    assert (days.first, days.last) == expected


def test_sums_are_kept_of_one_thing_but_not_of_several_together():
    assert Filters().single == ("park", "")
    assert Filters(site="1").single == ("site", "1")
    assert Filters(site="1", lab="2").single is None


@pytest.mark.parametrize(
    ("value", "expected"), [(None, 0), (0, 0), (0.0001, 1), (0.1, 4), (0.2, 7), (5, 7)]
)
def test_what_is_there_at_all_has_a_shade(value, expected):
    assert drawing.shade(value, 0.2) == expected


def test_a_curve_has_a_gap_where_nothing_is_known():
    line, area = drawing.paths(drawing.curve([0.1, None, 0.2], 0.2))

    assert line == "M0.0 90.0 M720.0 0.0"
    assert area.count("Z") == 2
    assert drawing.paths(drawing.curve([], 0.2)) == ("", "")
