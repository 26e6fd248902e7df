"""A rule that repeats, in plain words: 每周二、周四 09:00，共 10 次."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date, get_locale, gettext, ngettext

from booking.reservations.rules.recurrence import LAST, Recurrence
from booking.web.formats import DAY_NAMES

MOST_EXCEPTIONS = 4
# English ordinals; other languages write the number itself.
ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th"}


def rule_words(rule: Recurrence, first: datetime, zone: ZoneInfo) -> str:
    """Return when it repeats, at what local time, until when, and what is left out.

    `first` is the first local time, naive, in `zone`.
    """
    words = gettext("%(days)s at %(time)s") % {
        "days": _days(rule, first.date()), "time": f"{first:%H:%M}",
    }  # fmt: skip
    ends = _ends(rule, zone)
    left = _left_out(rule.exceptions)
    return gettext(", ").join(part for part in (words, ends, left) if part)


def _days(rule: Recurrence, first: date) -> str:
    if rule.frequency == "daily":
        if rule.interval == 1:
            return gettext("every day")
        return gettext("every %(count)s days") % {"count": rule.interval}
    if rule.frequency == "weekly":
        return _weekly(rule, first)
    return _monthly(rule, first)


def _weekly(rule: Recurrence, first: date) -> str:
    names = _weekday_names(rule.weekdays or (first.isoweekday(),))
    if rule.interval == 1:
        return gettext("every week on %(days)s") % {"days": names}
    return gettext("every %(count)s weeks on %(days)s") % {"count": rule.interval, "days": names}


def _monthly(rule: Recurrence, first: date) -> str:
    if rule.nth:
        days = _listed(_nth(week, weekday) for week, weekday in rule.nth)
    else:
        days = _listed(_month_day(day) for day in rule.month_days or (first.day,))
    if rule.interval == 1:
        words = gettext("every month on %(days)s") % {"days": days}
    else:
        words = gettext("every %(count)s months on %(days)s") % {
            "count": rule.interval, "days": days,
        }  # fmt: skip
    skips = any(day > 28 for day in rule.month_days or (first.day,)) and not rule.nth
    if skips or any(week == 5 for week, _weekday in rule.nth):
        words += gettext(" (months without it are skipped)")
    return words


def _nth(week: int, weekday: int) -> str:
    name = _weekday_names((weekday,))
    if week == LAST:
        return gettext("the last %(weekday)s") % {"weekday": name}
    number = ORDINALS[week] if _language() == "en" else str(week)
    return gettext("the %(number)s %(weekday)s") % {"number": number, "weekday": name}


def _month_day(day: int) -> str:
    return gettext("the last day") if day == LAST else gettext("day %(day)s") % {"day": day}


def _ends(rule: Recurrence, zone: ZoneInfo) -> str:
    if rule.count is not None:
        return ngettext("once", "%(num)s times", rule.count)
    until = rule.until
    if isinstance(until, datetime):
        until = until.astimezone(zone).date()
    return gettext("until %(day)s") % {"day": _day(until)} if until else ""


def _left_out(days: Iterable[date]) -> str:
    found = sorted(days)
    if not found:
        return ""
    shown = _listed(_day(day) for day in found[:MOST_EXCEPTIONS])
    more = "…" if len(found) > MOST_EXCEPTIONS else ""
    return gettext("except %(days)s") % {"days": shown + more}


def _day(day: date) -> str:
    return str(format_date(day, "y年M月d日" if _language() == "zh" else "d MMM y"))


def _weekday_names(weekdays: Iterable[int]) -> str:
    return _listed(DAY_NAMES[_language()][day - 1] for day in weekdays)


def _listed(words: Iterable[str]) -> str:
    # Chinese parts the items of a list with another comma than the parts of a sentence.
    return ("、" if _language() == "zh" else ", ").join(words)


def _language() -> str:
    locale = get_locale()
    return "zh" if locale is not None and locale.language == "zh" else "en"
