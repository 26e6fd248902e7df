"""What somebody means who types 离心机 明天下午 2小时: words, days, hours and a length.

What is not understood stays a word to search for, and so does what stands in quotes.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.core.hours import MINUTES_A_DAY
from booking.inventory.rules.asked_days import Days, read_days
from booking.inventory.rules.asked_hours import Hours, read_hours, read_length
from booking.inventory.rules.asked_text import compiled, left_words, take, tidy

POOLS, FIND = "pools", "find"
A_DAY = timedelta(days=1)
_NOW = compiled(r"现在|马上|立刻|立即|(?<![a-z])(?:right )?now(?![a-z])")
# Said as one word, meant as two.
_SHORT = (
    (re.compile("今[晚夜]上?"), "今天晚上"), (re.compile("明晚上?"), "明天晚上"),
    (re.compile("今早上?"), "今天早上"), (re.compile("明早上?"), "明天早上"),
    (compiled(r"(?<![a-z])tonight(?![a-z])"), "today evening"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What was understood: `words` is the rest.

    Hours are minutes of the local day, maybe of the next; `exact` when they are times by the
    clock of one day, to be booked as they stand; else hours to look in.
    """

    words: str
    first: date | None = None
    last: date | None = None
    start: int | None = None
    end: int | None = None
    minutes: int | None = None
    exact: bool = False

    @property
    def understood(self) -> bool:
        """Return whether there is more than words."""
        return any(value is not None for value in (self.first, self.start, self.minutes))


def read_asked(typed: str, now: datetime, zone: ZoneInfo, locale: str) -> Asked:
    """Return what is meant by up to 100 characters, days and hours in `zone` at `now`.

    Of two days, hours or lengths only the first is understood.
    """
    text, quoted = tidy(typed)
    for short, long in _SHORT:
        text = short.sub(long, text)
    local = now.astimezone(zone)
    minutes, text = read_length(text)
    days, text = read_days(text, local.date(), locale)
    at_once, text = take(_NOW, text, lambda m: m[0]) if days is None else (None, text)
    if at_once is not None:
        hours: Hours | None = Hours(local.hour * 60 + local.minute, None)
    else:
        hours, text = read_hours(text, of_a_day=days is not None)
    if hours is not None and not hours.part:
        days = days or Days(local.date(), local.date(), again=A_DAY)
    if days is not None and at_once is None:
        days = _still_to_come(days, hours, local)
    if minutes is None and days is not None and days.first != days.last:
        minutes = _whole(hours)
    asked = Asked(
        left_words(text, quoted), days.first if days else None, days.last if days else None,
        hours.start if hours else None, hours.end if hours else None, minutes,
    )  # fmt: skip
    return _exact(asked, hours)


def leads_to(asked: Asked) -> tuple[str, dict[str, str]]:
    """Return the page that answers and its arguments: the catalogue, or finding a time."""
    words = {"q": asked.words} if asked.words else {}
    if not asked.understood:
        return POOLS, words
    if asked.exact and asked.first is not None and asked.start is not None:
        times = {"free_from": _at(asked.first, asked.start)}
        end = asked.end
        if end is None and asked.minutes is not None:
            end = asked.start + asked.minutes
        if end is not None:
            times["free_to"] = _at(asked.first, end)
        return POOLS, words | times
    found = {
        "day": asked.first.isoformat() if asked.first else None,
        "until": asked.last.isoformat() if asked.last else None,
        "day_from": _clock(asked.start),
        "day_until": _clock(asked.end),
        "minutes": str(asked.minutes) if asked.minutes else None,
    }
    return FIND, words | {name: value for name, value in found.items() if value is not None}


def _exact(asked: Asked, hours: Hours | None) -> Asked:
    """Mark what can be booked as it stands: a clock's times of one day, no length beside them."""
    if hours is None or hours.part or asked.first != asked.last:
        return asked
    if hours.end is not None and asked.minutes not in (None, hours.end - hours.start):
        return asked
    return Asked(
        asked.words, asked.first, asked.last, asked.start, asked.end, asked.minutes, exact=True
    )


def _still_to_come(days: Days, hours: Hours | None, local: datetime) -> Days:
    """Return the days, or the next of that name where it was said of a time that is over."""
    if not days.again:
        return days
    hours = hours or Hours(0, MINUTES_A_DAY)
    over = hours.start if hours.end is None else hours.end
    if _moment(days.last, over) > local.replace(tzinfo=None):
        return days
    return Days(days.first + days.again, days.last + days.again)


def _whole(hours: Hours | None) -> int | None:
    """Return how long the clock's times are that were said of several days."""
    return None if hours is None or hours.part or hours.end is None else hours.end - hours.start


def _at(day: date, minute: int) -> str:
    return _moment(day, minute).strftime("%Y-%m-%dT%H:%M")


def _moment(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60 % 24:02d}:{minute % 60:02d}"
