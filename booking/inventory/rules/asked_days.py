"""The day or days in a typed search: 明天, 下周一, 11月28日, tomorrow, next friday, 28 Nov."""

from dataclasses import dataclass
from datetime import date, timedelta

from booking.core.local import YEARS
from booking.inventory.rules.asked_text import compiled, take

WEEK = timedelta(days=7)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NAMED_DAY = compiled(
    r"大后天|后天|[明今][天日]|(?<![a-z])(?:day after tomorrow|tomorrow|tmrw?|today)(?![a-z])"
)
_AHEAD = {
    "大后天": 3, "后天": 2, "day after tomorrow": 2,
    "明天": 1, "明日": 1, "tomorrow": 1, "tmr": 1, "tmrw": 1, "今天": 0, "今日": 0, "today": 0,
}  # fmt: skip
_ISO = compiled(r"(?<![0-9])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![0-9])")
_ZH_DAY = r"月(\d{1,2})(?:[日号]|(?![0-9日号]))"
_ZH_DATE = compiled(rf"(?:(?<![0-9])(\d{{4}})年)?(?<![0-9])(\d{{1,2}}){_ZH_DAY}")
_ZH_OF_MONTH = compiled(rf"(本|这个?|下个?){_ZH_DAY}")
_DAY_MONTH = compiled(
    rf"(?<![0-9a-z])(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?(?:\s+(\d{{4}}))?(?![0-9a-z])"
)
_MONTH_DAY = compiled(
    rf"(?<![a-z]){_MONTH}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?(?![0-9a-z:])"
)
_SLASHED = compiled(r"(?<![0-9/.a-z])(\d{1,2})/(\d{1,2})(?![0-9/a-z])")
_ZH_WEEKDAY = compiled(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天]|[1-7](?![0-9]))")
_EN_WEEKDAY = compiled(
    r"(?<![a-z])(?:(this|next)\s+)?"
    r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)(?![a-z])"
)
_WEEKEND = compiled(r"(下|这|本)?个?周末|(?<![a-z])(?:(this|next)\s+)?weekend(?![a-z])")
_WEEK = compiled(
    r"(下|这|本)个?(?:周|星期|礼拜)(?![一二三四五六日天1-7末])|(?<![a-z])(this|next)\s+week(?![a-z])"
)
_NEXT, _SECOND, _THIS = ("下", "next"), ("下下",), ("这", "本", "this")


@dataclass(frozen=True, slots=True)
class Days:
    """The days meant; `again`: after how many the same was said as well, 0 for these only."""

    first: date
    last: date
    again: timedelta = timedelta()


def read_days(text: str, today: date, locale: str) -> tuple[Days | None, str]:
    """Return the days meant and the text without them; None where no day is understood.

    A date without its year is the next to come. 3/12 is month and day for readers of Chinese,
    and understood in English only where it can be read in one way.
    """
    readings = (
        (_ISO, lambda m: _single(_date(m[1], m[2], m[3]))),
        (_ZH_DATE, lambda m: _single(_coming(m[1], m[2], m[3], today))),
        (_ZH_OF_MONTH, lambda m: _single(_of_month(m[1], m[2], today))),
        (_DAY_MONTH, lambda m: _single(_coming(m[3], _month(m[2]), m[1], today))),
        (_MONTH_DAY, lambda m: _single(_coming(m[3], _month(m[1]), m[2], today))),
        (_SLASHED, lambda m: _single(_slashed(m[1], m[2], today, locale))),
        (_NAMED_DAY, lambda m: _single(today + timedelta(days=_AHEAD[m[0].lower()]))),
        (_WEEKEND, lambda m: _weekend((m[1] or m[2] or "").lower(), today)),
        (_ZH_WEEKDAY, lambda m: _weekday(m[1] or "", _zh_number(m[2]), today)),
        (_EN_WEEKDAY, lambda m: _weekday((m[1] or "").lower(), _en_number(m[2]), today)),
        (_WEEK, lambda m: _week((m[1] or m[2]).lower(), today)),
    )
    for pattern, meaning in readings:
        days, rest = take(pattern, text, meaning)
        if days is not None:
            return days, rest
    return None, text


def _single(day: date | None) -> Days | None:
    return Days(day, day) if day is not None else None


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _coming(year: str | None, month: str | int, day: str, today: date) -> date | None:
    if year:
        return _date(year, month, day)
    this_year = _date(today.year, month, day)
    if this_year is not None and this_year >= today:
        return this_year
    return _date(today.year + 1, month, day)


def _of_month(which: str, day: str, today: date) -> date | None:
    month = today.month + (which[0] == "下")
    return _date(today.year + (month > 12), (month - 1) % 12 + 1, day)


def _slashed(first: str, second: str, today: date, locale: str) -> date | None:
    if locale != "en" or int(second) > 12:
        return _coming(None, first, second, today)
    return _coming(None, second, first, today) if int(first) > 12 else None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _zh_number(text: str) -> int:
    return int(text) if text.isdecimal() else "一二三四五六日".index(text.replace("天", "日")) + 1


def _en_number(name: str) -> int:
    return _WEEKDAYS.index(name[:3].lower()) + 1


def _weekday(which: str, number: int, today: date) -> Days | None:
    """Return that day of this or a following week; of no week in particular: the next to come."""
    monday = today - timedelta(days=today.isoweekday() - 1)
    day = monday + timedelta(days=number - 1)
    if which in _SECOND:
        return _single(day + 2 * WEEK)
    if which in _NEXT:
        return _single(day + WEEK)
    if which in _THIS:
        return _single(day) if day >= today else None
    coming = day if day >= today else day + WEEK
    return Days(coming, coming, again=WEEK)


def _weekend(which: str, today: date) -> Days:
    saturday = today + timedelta(days=6 - today.isoweekday())
    if which in _NEXT:
        return Days(saturday + WEEK, saturday + WEEK + timedelta(days=1))
    return Days(max(saturday, today), saturday + timedelta(days=1))


def _week(which: str, today: date) -> Days:
    monday = today - timedelta(days=today.isoweekday() - 1)
    if which in _NEXT:
        return Days(monday + WEEK, monday + WEEK + timedelta(days=6))
    return Days(today, monday + timedelta(days=6))
