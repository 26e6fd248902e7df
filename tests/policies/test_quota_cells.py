"""Entries of a ledger tell by local day just what the reservations themselves would."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period, from_epoch, to_epoch
from booking.policies.rules.quota_cells import Cells, Piece, cells_of, days_of
from booking.policies.rules.quotas import spent, window_days
from tests.policies.test_quotas import BERLIN, NOW, OFFICE, ZONE, at, quota

DAY = 86_400
KATHMANDU = ZoneInfo("Asia/Kathmandu")  # 5 hours 45 minutes
MONROVIA = ZoneInfo("Africa/Monrovia")  # until 1972 its clock was 44 minutes and 30 seconds late
NIGHTS = WeeklyHours.parse("1 22:00-30:00;2 08:00-10:00;2 12:15-14:00;7 20:00-24:00")
FIRST, LAST = date(2026, 11, 24), date(2026, 11, 26)


def entries(start: int, end: int, quantity: int):
    """Yield what a reservation of at most a day writes (infra.quota_use), but for whole days."""
    midnight = (start // DAY + 1) * DAY
    yield Piece(start // 900, 1, quantity * (end - start), quantity, quantity * start)
    yield Piece((end - 1) // 900, 0, 0, -quantity, -quantity * end)
    if midnight < end:
        yield Piece((midnight - 1) // 900, 0, 0, -quantity, -quantity * midnight)
        yield Piece(midnight // 900, 0, 0, quantity, quantity * midnight)


def ledger(cells: Cells, *uses: tuple[int, int, int]) -> list[Piece]:
    """Return the entries of these cells, added up where one sum is enough."""
    low, high = cells.remainders or (0, 0)
    found: dict[tuple[int, ...], Piece] = {}
    for use in uses:
        for piece in entries(*use):
            if not cells.first <= piece.cell < cells.last:
                continue
            second = piece.cell * 900
            fine = piece.cell if cells.remainders is None else 0
            key = (second // DAY, (second - low) // DAY, (second - high) // DAY, fine)
            old = found.get(key, Piece(piece.cell, 0, 0, 0, 0))
            sums = (a + b for a, b in zip(old[1:], piece[1:], strict=True))
            found[key] = Piece(min(old.cell, piece.cell), *sums)
    return list(found.values())


def counted(rule, zone, first, last, uses):
    """Return what the reservations use themselves of these days."""
    days: dict[date, int] = {}
    for start, end, quantity in uses:
        period = Period(from_epoch(start), from_epoch(end))
        for day, amount in spent(rule, zone, period, quantity, NOW).items():
            if first <= day <= last or rule.period == "future":
                days[day] = days.get(day, 0) + amount
    return days


@pytest.mark.parametrize("zone", [ZONE, BERLIN, KATHMANDU, ZoneInfo("UTC")], ids=str)
@pytest.mark.parametrize(
    ("measure", "hours"), [("minutes", None), ("count", None), ("minutes", NIGHTS)]
)
@pytest.mark.parametrize("month", [11, 10])  # the clock of Berlin changes in October
def test_a_ledger_tells_what_the_reservations_would(zone, measure, hours, month):
    chance = random.Random(f"{zone} {measure} {month}")
    rule = quota(measure=measure, hours=hours)
    first, last = date(2026, month, 23), date(2026, month, 27)
    cells = cells_of(rule, zone, first, last, NOW)
    begin = to_epoch(datetime(2026, month, 22, tzinfo=UTC))
    for _ in range(20):
        uses = []
        for _ in range(chance.randrange(12)):
            start = begin + chance.randrange(7 * DAY)
            start -= chance.choice([0, start % 900])
            length = chance.choice([1, 60, 900, 5400, 30_000, DAY])
            uses.append((start, start + length, chance.randrange(1, 4)))
        told = days_of(rule, cells, ledger(cells, *uses))
        assert told == counted(rule, zone, first, last, uses)


def test_what_is_to_come_is_told_from_the_next_quarter_on():
    now = to_epoch(NOW)
    uses = [(now + 900 * n + 60 * n, now + 900 * n + 3660, n + 1) for n in (0, 1, 2)]
    for measure in ("minutes", "count"):
        rule = quota(period="future", measure=measure)
        cells = cells_of(rule, ZONE, FIRST, LAST, NOW)
        assert cells.first == now // 900 + 1
        assert (cells.first_day, cells.last_day, cells.remainders) == (FIRST, LAST, (0, 0))
        expected = counted(rule, ZONE, FIRST, LAST, uses[1:])
        assert days_of(rule, cells, ledger(cells, *uses)) == expected
        assert set(expected) == {date.max}
        assert cells.last > to_epoch(datetime(9000, 1, 1, tzinfo=UTC)) // 900


@pytest.mark.parametrize(
    ("rule", "zone", "told"),
    [
        (quota(), ZONE, True),
        (quota(hours=OFFICE), ZONE, True),
        (quota(hours=OFFICE, measure="count"), ZONE, False),
        (quota(hours=OFFICE, period="future"), ZONE, False),
        (quota(measure="count"), ZONE, True),
        (quota(period="future", measure="count"), ZONE, True),
        (quota(hours=WeeklyHours.parse("2 08:00-10:05")), ZONE, False),
        (quota(hours=WeeklyHours.parse("2 08:10-10:00")), ZONE, False),
        (quota(hours=WeeklyHours.parse("1 08:10-10:00")), ZONE, True),  # on none of these days
        (quota(hours=WeeklyHours(())), ZONE, True),
    ],
)
def test_what_no_ledger_can_tell(rule, zone, told):
    assert (cells_of(rule, zone, FIRST, LAST, NOW) is not None) is told


def test_midnights_within_a_quarter_are_not_told():
    days = (date(1971, 3, 1), date(1971, 3, 2))
    assert cells_of(quota(), MONROVIA, *days, NOW) is None
    assert cells_of(quota(), ZONE, *days, NOW) is not None


@pytest.mark.parametrize(
    ("zone", "first", "last", "remainders"),
    [
        (ZONE, FIRST, LAST, (16 * 3600, 16 * 3600)),
        (ZoneInfo("UTC"), FIRST, LAST, (0, 0)),
        (BERLIN, date(2026, 10, 24), date(2026, 10, 26), (22 * 3600, 23 * 3600)),
        (KATHMANDU, FIRST, FIRST, (18 * 3600 + 900, 18 * 3600 + 900)),
    ],
)
def test_cells_reach_from_a_day_of_utc_to_the_last_midnight(zone, first, last, remainders):
    cells = cells_of(quota(), zone, first, last, NOW)
    midnights = [
        to_epoch(datetime(d.year, d.month, d.day, tzinfo=zone))
        for d in (first + timedelta(days=n) for n in range((last - first).days + 2))
    ]
    assert cells == Cells(
        midnights[0] // DAY * 96, midnights[-1] // 900, first, last, tuple(midnights), None,
        remainders,
    )  # fmt: skip
    assert cells.day(midnights[0]) == first
    assert cells.day(midnights[-1] - 1) == last


def test_hours_are_cut_at_each_of_their_edges():
    rule = quota(hours=WeeklyHours.parse("2 08:00-10:00;3 12:00-14:00;5 08:00-10:00"))
    cells = cells_of(rule, ZONE, FIRST, LAST, NOW)
    edges = [edge for p in (at(24, 8, 2), at(25, 12, 2)) for edge in (p.start, p.end)]
    assert cells.edges == tuple(to_epoch(edge) for edge in edges)
    assert cells.remainders is None


@pytest.mark.parametrize(
    ("more", "first", "last"),
    [
        ({"period": "day"}, (24, 11), (26, 11)),
        ({"period": "week"}, (23, 11), (29, 11)),
        ({"period": "week", "week_start": 4}, (19, 11), (2, 12)),
        ({"period": "month"}, (1, 11), (30, 11)),
        ({"period": "rolling", "rolling_days": 3}, (22, 11), (28, 11)),
        ({"period": "rolling", "rolling_days": 1}, (24, 11), (26, 11)),
    ],
)
def test_the_days_of_all_windows_that_a_time_falls_into(more, first, last):
    reach = Period(at(24, 9).start, at(26, 9).start)
    expected = tuple(date(2026, month, day) for day, month in (first, last))
    assert window_days(quota(**more), reach, ZONE) == expected
