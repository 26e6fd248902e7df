"""Hours and lengths in a typed search: 下午2点到4点, 14-16, 2pm, morning, 一个半小时, 90 min."""

import re
from dataclasses import dataclass
from functools import partial

from booking.core.hours import MINUTES_A_DAY
from booking.inventory.rules.asked_text import NUMERAL, compiled, number_of, take

NOON = MINUTES_A_DAY // 2
MOST_MINUTES = 7 * MINUTES_A_DAY
# From–to in hours of the day, and whether its clock runs from noon.
_PARTS = {
    "凌晨": (0, 6, False), "清晨": (6, 12, False), "早上": (6, 12, False), "早晨": (6, 12, False),
    "上午": (6, 12, False), "中午": (11, 14, True), "下午": (12, 18, True),
    "傍晚": (17, 19, True), "晚上": (18, 24, True), "晚间": (18, 24, True),
    "夜里": (18, 24, True), "夜间": (18, 24, True),
    "morning": (6, 12, False), "noon": (11, 14, True), "midday": (11, 14, True),
    "afternoon": (12, 18, True), "evening": (18, 24, True), "night": (18, 24, True),
}  # fmt: skip
_PART_WORDS = "|".join(f"(?<![a-z]){word}(?![a-z])" if word.isascii() else word for word in _PARTS)
_PART = compiled(_PART_WORDS)


def _clock(n: int) -> str:
    return (
        rf"(?:(?P<part{n}>{_PART_WORDS})\s*)?(?P<hour{n}>\d{{1,2}}|{NUMERAL})"
        rf"(?::(?P<minute{n}>\d{{2}})(?!\d)|\s*(?P<mark{n}>[点时])"
        rf"(?:钟|整|(?P<half{n}>半)|(?P<quarter{n}>[一三])刻|(?P<after{n}>\d{{1,2}})分?)?)?"
        rf"(?:\s*(?P<noon{n}>[ap]m)(?![a-z]))?"
    )


# Not within codes such as TC14-16, 1.5 or 2026-11-28.
_OPEN, _CLOSE = r"(?<![0-9a-z.:/-])", r"(?![0-9a-z:/]|[.-][0-9])"
_SAID = r"(?P<said>(?<![a-z])(?:from|between|at)\s+|从\s*)?"
_RANGE = compiled(
    rf"{_OPEN}{_SAID}{_clock(1)}\s*(?:-|–|—|~|〜|到|至|to(?=\s)|until|till|and(?=\s))\s*{_clock(2)}{_CLOSE}"
)
_SINGLE = compiled(rf"{_OPEN}{_SAID}{_clock(1)}{_CLOSE}")
_FIGURE = rf"(?:\d{{1,3}}(?:\.\d{{1,2}})?|{NUMERAL})"
_ONCE = r"(?<![0-9a-z.])(?<!in )"  # in 2 hours says when, not how long
_LENGTHS = (
    (compiled(rf"{_ONCE}(?P<n>{_FIGURE})个半\s*(?:小时|钟头)(?!以?后)"), 60, 30),
    (compiled(r"(?:half an? hour|半个?(?:小时|钟头))(?!以?后|[a-z])(?P<n>)"), 0, 30),
    (compiled(rf"{_ONCE}an? hour and a half(?![a-z])(?P<n>)"), 0, 90),
    (compiled(rf"{_ONCE}an hour(?![a-z])(?P<n>)"), 0, 60),
    (
        compiled(
            rf"{_ONCE}(?P<n>{_FIGURE})\s*(?:个?(?:小时|钟头)|h(?:rs?|ours?)?(?![a-z]))"
            r"(?:\s*(?:and\s+)?(?:(?P<rest>\d{1,2})\s*(?:分钟?|m(?:in(?:ute)?s?)?(?![a-z])|(?![\w:]))"
            r"|(?P<half>半)))?(?!以?后)"
        ),
        60,
        0,
    ),
    (compiled(rf"{_ONCE}(?P<n>{_FIGURE})\s*(?:分钟(?!以?后)|min(?:ute)?s?(?![a-z]))"), 1, 0),
    (compiled(rf"{_ONCE}(?P<n>{_FIGURE})\s*(?:天(?!以?后)|days?(?![a-z]))"), MINUTES_A_DAY, 0),
)


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the local day, `end` None where only a start was said; after 24:00 the next day.

    `part`: a part of the day to look in, rather than times by the clock.
    """

    start: int
    end: int | None
    part: bool = False


def read_length(text: str) -> tuple[int | None, str]:
    """Return the minutes meant, at most 7 days, and the text without them."""
    for pattern, each, more in _LENGTHS:
        minutes, rest = take(pattern, text, partial(_minutes, each=each, more=more))
        if minutes is not None:
            return minutes, rest
    return None, text


def read_hours(text: str, *, of_a_day: bool) -> tuple[Hours | None, str]:
    """Return the hours meant and the text without them.

    Bare numbers such as 14-16 are hours only where a day was said too (`of_a_day`), or by from,
    between and at.
    """
    hours, rest = take(_RANGE, text, lambda m: _range(m, text, of_a_day=of_a_day))
    if hours is None:
        hours, rest = take(_SINGLE, text, lambda m: _single(m, text))
    if hours is None:
        return take(_PART, text, lambda m: _part(m[0]))
    # 14:00 in the afternoon: the part was heard already.
    part, without = take(_PART, rest, lambda m: _part(m[0]))
    if part is not None and part.end is not None and part.start <= hours.start <= part.end:
        return hours, without
    return hours, rest


def _minutes(match: re.Match[str], each: int, more: int) -> int | None:
    number = number_of(match["n"]) if match["n"] else 0
    if number is None:
        return None
    found = match.groupdict()
    rest = int(found.get("rest") or 0) + (30 if found.get("half") else 0)
    minutes = round(number * each) + more + rest
    return minutes if 0 < minutes <= MOST_MINUTES else None


def _part(word: str) -> Hours:
    first, last, _from_noon = _PARTS[word.lower()]
    return Hours(first * 60, last * 60, part=True)


def _single(match: re.Match[str], text: str) -> Hours | None:
    if not (_is_marked(match, 1) or match["said"]):
        return None
    minute = _minute(match, 1, _told(match, 1) or _elsewhere(match, text))
    return None if minute is None else Hours(minute, None)


def _range(match: re.Match[str], text: str, *, of_a_day: bool) -> Hours | None:
    marked = _is_marked(match, 1) or _is_marked(match, 2)
    if not (marked or of_a_day or match["said"]):
        return None
    elsewhere = _elsewhere(match, text)
    first, last = _told(match, 1), _told(match, 2)
    # 2-4pm: what is said of one end holds for both; 下午2点到4点 too.
    start = _minute(match, 1, first or ("pm" if last == "pm" else elsewhere))
    end = _minute(match, 2, last or first or elsewhere)
    if start is None or end is None:
        return None
    if not first and last == "pm" and start >= end:  # 11-1pm begins before noon
        start -= NOON
    if end <= start:
        end += NOON if start < NOON and start < end + NOON <= MINUTES_A_DAY else MINUTES_A_DAY
    return Hours(start, end)


def _is_marked(match: re.Match[str], n: int) -> bool:
    return any(match[f"{name}{n}"] for name in ("part", "minute", "mark", "noon"))


def _told(match: re.Match[str], n: int) -> str:
    """Return the part of the day said with an end: am, pm or a word; empty for none."""
    return str(match[f"noon{n}"] or match[f"part{n}"] or "").lower()


def _elsewhere(match: re.Match[str], text: str) -> str:
    """Return the part of the day said apart from the hours, such as 下午 … 2点."""
    parts = [m for m in _PART.finditer(text) if not match.start() <= m.start() < match.end()]
    return parts[0][0].lower() if parts else ""


def _minute(match: re.Match[str], n: int, told: str) -> int | None:
    hour = number_of(match[f"hour{n}"])
    quarter = {"一": 15, "三": 45}.get(match[f"quarter{n}"] or "", 0)
    past = match[f"minute{n}"] or match[f"after{n}"]
    minute = 30 if match[f"half{n}"] else int(past) if past else quarter
    if hour is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return _of_day(int(hour), told) * 60 + minute


def _of_day(hour: int, told: str) -> int:
    """Return the hour from midnight: 下午2点 is 14, 晚上12点 is 24, 12 am is 0."""
    if hour == 12 and told in ("am", "凌晨"):
        return 0
    if told == "pm":
        return hour + 12 if hour < 12 else hour
    first, last, from_noon = _PARTS.get(told, (0, 24, False))
    if from_noon and hour <= 12 and hour + 12 <= last and hour < first:
        return hour + 12
    return hour
