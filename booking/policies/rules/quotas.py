"""Quotas: how much of a scope a person or a company may use in a day, week, month or ahead.

Use is counted by local days, so that a reservation over a boundary is split.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from booking.core.errors import Violation
from booking.core.hours import WeeklyHours
from booking.core.local import midnight
from booking.core.period import Period
from booking.policies.rules.values import MANAGERS

DAY = timedelta(days=1)
COMPANY_SCOPE = "company"  # of a cap a company sets for one of its people
AHEAD = date.max  # the one bucket of a quota of coming reservations
Days = Mapping[date, int]
NOTHING: Days = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit on what one subject uses of a scope; every quota that applies binds.

    `subject`: person or company. `measure`: minutes (times units) or count (reservations).
    `period`: day, week, month, rolling (`rolling_days` local days) or future (not yet started).
    `hours`: only use inside them counts. `group`: whom it is for, empty for everyone; with
    `grants` it takes the place of the quotas for others of the same kind there.
    """

    quota_id: int
    scope: tuple[str, str]
    subject: str
    measure: str
    period: str
    amount: int
    rolling_days: int = 0
    hours: WeeklyHours | None = None
    week_start: int = 1  # ISO weekday
    group: str = ""
    grants: bool = False
    counts_no_show: bool = False

    @property
    def kind(self) -> tuple[object, ...]:
        """Return what a granting quota must share with those whose place it takes."""
        return (self.scope, self.subject, self.measure, self.period, self.rolling_days, self.hours)

    @property
    def full(self) -> int:
        """Return the amount as it is counted: seconds or reservations."""
        return self.amount * 60 if self.measure == "minutes" else self.amount


@dataclass(frozen=True, slots=True)
class Account:
    """A quota that applies, and what is used of it, by local day of `zone`.

    `days`: by others than the reservation that changes, of which `mine` is the use as it stands.
    `undecided`: uses as they are and as a change asks for; the larger counts. `frees`: of a quota
    of coming reservations, when the next one starts.
    """

    quota: Quota
    zone: ZoneInfo
    days: Days = field(default_factory=lambda: NOTHING)
    mine: Days = field(default_factory=lambda: NOTHING)
    undecided: tuple[tuple[Days, Days], ...] = ()
    frees: datetime | None = None

    def used(self, first: date, last: date) -> int:
        """Return what others use from the day `first` to the day `last`, both included."""
        both = (max(_sum(a, first, last), _sum(b, first, last)) for a, b in self.undecided)
        return _sum(self.days, first, last) + sum(both)

    def left(self, first: date, last: date) -> int:
        """Return what a proposal may use: the rest, or what the reservation has already."""
        rest = self.quota.full - self.used(first, last)
        return max(rest, _sum(self.mine, first, last), 0)


def member_cap(company_id: int, minutes: int) -> Quota:
    """Return what a company lets one person book for it in a month, as a quota."""
    # Ids of rows are positive: it is nobody else's.
    scope = (COMPANY_SCOPE, str(company_id))
    return Quota(-company_id, scope, "person", "minutes", "month", minutes)


def applying(quotas: tuple[Quota, ...], groups: frozenset[str] | set[str]) -> tuple[Quota, ...]:
    """Return those that bind a person of these groups: all, but for those a grant replaces."""
    bound = [quota for quota in quotas if not quota.group or quota.group in groups]
    granted = {quota.kind for quota in bound if quota.grants}
    return tuple(quota for quota in bound if quota.grants or quota.kind not in granted)


def spent(quota: Quota, zone: ZoneInfo, period: Period, quantity: int, now: datetime) -> Days:
    """Return what a reservation uses, by local day: seconds times units, or 1 on its first day.

    Of a quota of coming reservations only one that has not started uses anything.
    """
    if quota.period == "future" and period.start <= now:
        return NOTHING
    inside = counted_parts(quota, zone, period)
    if quota.measure == "count":
        first = AHEAD if quota.period == "future" else _day_of(period.start, zone)
        return {first: 1} if inside else NOTHING
    if quota.period == "future":
        return {AHEAD: quantity * sum(_seconds(part) for part in inside)}
    days: dict[date, int] = {}
    for part in inside:
        for day, seconds in _by_day(part, zone):
            days[day] = days.get(day, 0) + seconds * quantity
    return days


def quota_violations(
    accounts: tuple[Account, ...], period: Period, quantity: int, now: datetime
) -> Iterator[Violation]:
    """Yield each quota that a period would exceed: once, in the first window it exceeds."""
    for account in accounts:
        broken = next(exceeded(account, period, quantity, now), None)
        if broken is not None:
            yield _violation(account, *broken, quantity)


def window_of(account: Account, moment: datetime) -> tuple[date, date]:
    """Return the first and last day of the quota's window at a moment; rolling: that ends then."""
    day = _day_of(moment, account.zone)
    if account.quota.period == "rolling":
        return day - DAY * (account.quota.rolling_days - 1), day
    return fixed_window(account.quota, day)


def window_days(quota: Quota, reach: Period, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and last day of all windows that a time within `reach` falls into."""
    first, last = _day_of(reach.start, zone), _day_of(reach.end, zone)
    if quota.period == "rolling":
        around = DAY * (quota.rolling_days - 1)
        return first - around, last + around
    return fixed_window(quota, first)[0], fixed_window(quota, last)[1]


def exceeded(
    account: Account, period: Period, quantity: int, now: datetime
) -> Iterator[tuple[date, date, int, int]]:
    """Yield (first day, last day, use, left) of each window in which a period is too much."""
    cost = spent(account.quota, account.zone, period, quantity, now)
    for first, last in _windows(account.quota, cost):
        asked, left = _sum(cost, first, last), account.left(first, last)
        if asked > left:
            yield first, last, asked, left


def _violation(
    account: Account, first: date, last: date, asked: int, left: int, quantity: int
) -> Violation:
    quota, one = account.quota, 60 if account.quota.measure == "minutes" else 1
    units = quantity if quota.measure == "minutes" else 1
    frees = account.frees if quota.period == "future" else _frees(account, first, last)
    more = {
        "who": quota.subject, "used": -(-account.used(first, last) // one),
        "asked": -(-asked // one), "left": left // one // units, "frees": frees,
        "days": quota.rolling_days, "quota_id": quota.quota_id,
    }  # fmt: skip
    code = f"quota_{quota.measure}_{quota.period}"
    limit, origin = quota.amount, quota.scope[0] or "park"
    # What a company spends is not the lab's to say.
    whose = () if origin == COMPANY_SCOPE else MANAGERS
    return Violation(code, limit, more["used"], origin, whose, field="end", more=more)


def _frees(account: Account, first: date, last: date) -> datetime:
    """Return when the window's use begins to leave it."""
    if account.quota.period != "rolling":
        return midnight(last + DAY, account.zone)
    used = [day for day in account.days if first <= day <= last]
    return midnight(min(used, default=first) + DAY * account.quota.rolling_days, account.zone)


def _windows(quota: Quota, cost: Days) -> Iterator[tuple[date, date]]:
    """Yield each window that a use falls into, as first and last day, in order."""
    if quota.period == "rolling":
        # Every run of so many days that holds a day of the use.
        reach = quota.rolling_days - 1
        starts = {day - DAY * n for day in cost for n in range(reach + 1)}
        yield from ((start, start + DAY * reach) for start in sorted(starts))
    else:
        yield from sorted({fixed_window(quota, day) for day in cost})


def fixed_window(quota: Quota, day: date) -> tuple[date, date]:
    """Return the first and last day of the quota's window that a day is in; rolling: the day."""
    if quota.period == "week":
        first = day - DAY * ((day.isoweekday() - quota.week_start) % 7)
        return first, first + DAY * 6
    if quota.period == "month":
        after = (day.replace(day=28) + DAY * 4).replace(day=1)
        return day.replace(day=1), after - DAY
    return day, day  # a day; or the one bucket of what is to come


def counted_parts(quota: Quota, zone: ZoneInfo, period: Period) -> list[Period]:
    """Return the parts of a period that count."""
    if quota.hours is None:
        return [period]
    return [
        Period(max(s.start, period.start), min(s.end, period.end))
        for s in quota.hours.spans(period.start, period.end, zone)
    ]


def _by_day(period: Period, zone: ZoneInfo) -> Iterator[tuple[date, int]]:
    start = period.start
    while start < period.end:
        day = _day_of(start, zone)
        end = min(midnight(day + DAY, zone), period.end)
        yield day, int((end - start).total_seconds())
        start = end


def _day_of(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _seconds(period: Period) -> int:
    return int(period.length.total_seconds())


def _sum(days: Days, first: date, last: date) -> int:
    if first == last:
        return days.get(first, 0)
    return sum(used for day, used in days.items() if first <= day <= last)
