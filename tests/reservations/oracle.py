"""What dateutil, which shares no line with ours, says of rules that repeat."""

from datetime import UTC, datetime, time, timedelta

from dateutil import rrule, tz

# Its daylight saving is negative in the tables, which dateutil 2.9 takes an hour wrong.
DUBLIN = {"Eire", "Europe/Dublin"}
WEEKDAYS = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
FREQUENCIES = {"daily": rrule.DAILY, "weekly": rrule.WEEKLY, "monthly": rrule.MONTHLY}
FIRST_NOON = datetime.fromisoformat("2026-01-01T12:00")
WEEKS = 313  # to the end of 2031


def oracle(rule, first, zone):
    """Return the instants dateutil finds, gaps and folds resolved by dateutil too."""
    until = rule.until and datetime.combine(rule.until, time.max)
    nth = [WEEKDAYS[day - 1](week) for week, day in rule.nth]
    found = rrule.rrule(
        FREQUENCIES[rule.frequency], dtstart=first, interval=rule.interval, count=rule.count,
        until=until, byweekday=[WEEKDAYS[day - 1] for day in rule.weekdays] + nth or None,
        bymonthday=rule.month_days or None,
    )  # fmt: skip
    return [tz.resolve_imaginary(moment.replace(tzinfo=zone)).astimezone(UTC) for moment in found]


def changes(zone):
    """Return the local noon before each change of offset from 2026 to 2031."""

    def offset(moment):
        return moment.replace(tzinfo=zone).utcoffset()

    found = []
    for week in range(WEEKS):
        noon = FIRST_NOON + timedelta(weeks=week)
        if offset(noon) != offset(noon + timedelta(weeks=1)):
            while offset(noon) == offset(noon + timedelta(days=1)):
                noon += timedelta(days=1)
            found.append(noon)
    return found
