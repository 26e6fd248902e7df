"""How times, spans and states are shown to people, in the reader's language and a site's zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from flask_babel import (
    format_date,
    format_datetime,
    format_time,
    format_timedelta,
    get_locale,
    gettext,
)

from booking.core.hours import WeeklyHours, Window
from booking.core.period import Period
from booking.infra import clock
from booking.inventory.rules.terms import last_day

DAY_NAMES = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def instant_text(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """Return date, weekday and time, such as 11月23日 周一 09:00; UTC without a zone.

    The year only where it is not the present one.
    """
    local = moment.astimezone(zone) if zone else moment
    pattern = "M月d日 EEE HH:mm" if _language() == "zh" else "EEE d MMM HH:mm"
    if local.year != clock.now().astimezone(local.tzinfo).year:
        pattern = "y年M月d日 EEE HH:mm" if _language() == "zh" else "EEE d MMM y HH:mm"
    return str(format_datetime(local, pattern, rebase=False))


def since_text(start: datetime, zone: ZoneInfo) -> str:
    """Return a beginning in words: its day where it begins with one, else the instant."""
    local = start.astimezone(zone)
    if local.time() != time():
        return instant_text(start, zone)
    return day_text(local.date().isoformat())


def until_text(until: datetime, zone: ZoneInfo) -> str:
    """Return an end in words: its last day where it ends with a day, else the instant."""
    local = until.astimezone(zone)
    if local.time() != time():
        return instant_text(until, zone)
    return day_text((local - timedelta(days=1)).date().isoformat())


def day_text(day: str) -> str:
    """Return an ISO date with its weekday, such as 10月1日 周四."""
    pattern = "M月d日 EEE" if _language() == "zh" else "EEE d MMM"
    return str(format_date(date.fromisoformat(day), pattern, rebase=False))


def clock_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return the time of day, such as 09:00."""
    return str(format_time(moment.astimezone(zone), "HH:mm", rebase=False))


def period_text(period: Period, zone: ZoneInfo) -> str:
    """Return a span; the second date only when it differs, open-ended from the year 9999 on."""
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    if end.year >= 9998:
        return gettext("from %(start)s, without end", start=instant_text(period.start, zone))
    if start.date() == end.date():
        return f"{instant_text(period.start, zone)}–{clock_text(period.end, zone)}"
    return f"{instant_text(period.start, zone)} – {instant_text(period.end, zone)}"


def length_text(minutes: int) -> str:
    """Return a length in days, hours and minutes, such as 2 h 30 min."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = (
        gettext("%(count)s d", count=days) if days else "",
        gettext("%(count)s h", count=hours) if hours else "",
        gettext("%(count)s min", count=left) if left or not minutes else "",
    )
    return " ".join(part for part in parts if part)


def distance_text(moment: datetime, now: datetime) -> str:
    """Return how far away an instant is: in 3 hours, 2 days ago."""
    if abs(moment - now) < timedelta(minutes=1):
        return gettext("now")
    return str(format_timedelta(moment - now, add_direction=True))


def zone_text(zone: ZoneInfo, at: datetime) -> str:
    """Return the name of a zone at an instant, such as China Standard Time."""
    return get_timezone_name(at.astimezone(zone), locale=get_locale())


def hours_text(hours: WeeklyHours | None) -> str:
    """Return weekly hours in words, days with equal windows joined: 周一–周五 08:00–18:00."""
    if hours is None:
        return gettext("always")
    if not hours.windows:
        return gettext("never")
    by_day = {day: _windows_of(hours.windows, day) for day in range(1, 8)}
    parts = []
    day = 1
    while day <= 7:
        last = day
        while last < 7 and by_day[last + 1] == by_day[day]:
            last += 1
        if by_day[day]:
            parts.append(f"{_days(day, last)} {by_day[day]}")
        day = last + 1
    return gettext("; ").join(parts)


def _windows_of(windows: tuple[Window, ...], day: int) -> str:
    return " ".join(
        f"{_clock(w.start_minute)}–{_clock(w.end_minute)}" for w in windows if w.weekday == day
    )


def _clock(minute: int) -> str:
    if minute == 24 * 60:
        return "24:00"
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _days(first: int, last: int) -> str:
    if (first, last) == (1, 7):
        return gettext("daily")
    names = DAY_NAMES[_language()]
    return names[first - 1] if first == last else f"{names[first - 1]}–{names[last - 1]}"


def _language() -> str:
    locale = get_locale()
    return "zh" if locale is not None and locale.language == "zh" else "en"


def pause_text(begins: datetime, ends: datetime | None, zone: ZoneInfo) -> str:
    """Return in words from which to which day the sharing of an instrument is paused."""
    first = begins.astimezone(zone).date().isoformat()
    if ends is None:
        return gettext("paused from %(first)s until further notice", first=first)
    return gettext(
        "paused from %(first)s to %(last)s", first=first, last=last_day(ends, zone).isoformat()
    )
