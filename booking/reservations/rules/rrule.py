"""The text of a rule as RFC 5545 writes it. What is not read is refused, with its name."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from booking.core.errors import Invalid
from booking.reservations.rules.recurrence import FREQUENCIES, LAST, Recurrence

MOST_TEXT = 500
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)
_BYDAY = re.compile(r"([+-]?[0-9])?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_MONTH_DAY = re.compile(r"-1|[0-9]{1,2}", re.ASCII)
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_INSTANT = re.compile(r"[0-9]{8}T[0-9]{6}Z", re.ASCII)
_MOST_LISTED = 31


def parse_rule(text: str, exceptions: Iterable[date] = ()) -> Recurrence:
    """Return the rule of `FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10`, with or without `RRULE:` before it.

    Read are FREQ (daily, weekly, monthly), INTERVAL, BYDAY, BYMONTHDAY, COUNT, UNTIL (a day, or
    an instant in UTC) and WKST=MO. Raises Invalid naming the part that is something else.
    """
    if len(text) > MOST_TEXT:
        raise Invalid("too_long_text", field="rule", limit=MOST_TEXT)
    parts = _parts(text)
    frequency = parts.pop("FREQ", "").lower()
    if frequency not in FREQUENCIES:
        raise _unread("FREQ")
    if parts.pop("WKST", "MO") != "MO":
        raise _unread("WKST")
    plain, nth = _by_day(parts.pop("BYDAY", ""), frequency)
    rule = {
        "interval": _number(parts.pop("INTERVAL", "1"), "INTERVAL"),
        "count": _number(parts.pop("COUNT"), "COUNT") if "COUNT" in parts else None,
    }
    until, month_days = parts.pop("UNTIL", ""), parts.pop("BYMONTHDAY", "")
    if parts:
        raise _unread(next(iter(parts)))
    return Recurrence(
        frequency, rule["interval"] or 0, plain, _month_days(month_days), nth, rule["count"],
        _until(until) if until else None, frozenset(exceptions),
    )  # fmt: skip


def rule_text(rule: Recurrence) -> str:
    """Return the rule's text, which `parse_rule` reads as the same rule; exceptions apart."""
    parts = [f"FREQ={rule.frequency.upper()}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.weekdays:
        parts.append("BYDAY=" + ",".join(WEEKDAYS[day - 1] for day in rule.weekdays))
    if rule.nth:
        parts.append("BYDAY=" + ",".join(f"{week}{WEEKDAYS[day - 1]}" for week, day in rule.nth))
    if rule.month_days:
        parts.append("BYMONTHDAY=" + ",".join(str(day) for day in rule.month_days))
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    elif isinstance(rule.until, datetime):
        parts.append(f"UNTIL={rule.until.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    elif rule.until is not None:
        parts.append(f"UNTIL={rule.until:%Y%m%d}")
    return ";".join(parts)


def _parts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    line = text.strip().upper().removeprefix("RRULE:")
    for part in line.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in found:
            raise _unread(part[:40])
        found[name] = value
    return found


def _number(text: str, name: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _unread(name)
    return int(text)


def _by_day(text: str, frequency: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Return (plain weekdays, numbered ones); monthly wants numbers, weekly none."""
    plain: list[int] = []
    nth: list[tuple[int, int]] = []
    for item in _listed(text, "BYDAY"):
        found = _BYDAY.fullmatch(item)
        if found is None or bool(found[1]) != (frequency == "monthly") or frequency == "daily":
            raise _unread("BYDAY")
        weekday = WEEKDAYS.index(found[2]) + 1
        if found[1]:
            nth.append((_week(int(found[1])), weekday))
        else:
            plain.append(weekday)
    return tuple(sorted(set(plain))), tuple(sorted(set(nth)))


def _week(number: int) -> int:
    if not (1 <= number <= 5 or number == LAST):
        raise _unread("BYDAY")
    return number


def _month_days(text: str) -> tuple[int, ...]:
    found = set()
    for item in _listed(text, "BYMONTHDAY"):
        if not _MONTH_DAY.fullmatch(item) or not (1 <= int(item) <= 31 or int(item) == LAST):
            raise _unread("BYMONTHDAY")
        found.add(int(item))
    return tuple(sorted(found))


def _listed(text: str, name: str) -> list[str]:
    items = text.split(",") if text else []
    if len(items) > _MOST_LISTED:
        raise _unread(name)
    return items


def _until(text: str) -> date | datetime:
    """Return UNTIL: with a zone RFC 5545 wants an instant in UTC; people write a day."""
    try:
        if _INSTANT.fullmatch(text):
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        found = _DAY.fullmatch(text)
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise _unread("UNTIL")


def _unread(part: str) -> Invalid:
    return Invalid("rule_part", field="rule", part=part)
