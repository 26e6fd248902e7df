"""Weekly hours as people type them, one text a weekday, and back."""

import re
import unicodedata
from collections.abc import Sequence

from booking.core.hours import MINUTES_A_DAY, WeeklyHours, Window

ALL_DAY = ("00:00-24:00", "24h", "all day", "全天", "24小时")
CLOSED = ("", "closed", "-", "关闭", "休息", "不开放")
_WINDOW = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)")
_DASHES = str.maketrans(dict.fromkeys("–—−~到至", "-") | {"、": ",", ";": ","})


class NotHours(ValueError):
    """A text that is not a day's hours; `weekday` is ISO, `part` what could not be read."""

    def __init__(self, weekday: int, part: str) -> None:
        super().__init__(part)
        self.weekday = weekday
        self.part = part


def weekly_hours(texts: Sequence[str]) -> WeeklyHours:
    """Return the hours of seven texts, Monday first; an empty one is a closed day.

    Windows are `08:00-18:00`, several with commas; one that ends before it starts runs past
    midnight. Full-width signs are understood. Raises NotHours on the first that is not.
    """
    windows: list[Window] = []
    for weekday, text in enumerate(texts, start=1):
        windows += _day(weekday, text)
    return WeeklyHours(tuple(sorted(set(windows))))


def day_texts(hours: WeeklyHours) -> list[str]:
    """Return seven texts that `weekly_hours` reads back, Monday first."""
    return [
        ", ".join(
            f"{_clock(w.start_minute)}-{_clock(w.end_minute)}"
            for w in hours.windows
            if w.weekday == weekday
        )
        for weekday in range(1, 8)
    ]


def _day(weekday: int, text: str) -> list[Window]:
    # NFKC turns full-width digits, colons and commas into plain ones.
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().lower()
    if plain in CLOSED:
        return []
    if plain in ALL_DAY:
        return [Window(weekday, 0, MINUTES_A_DAY)]
    return [_window(weekday, part.strip()) for part in plain.split(",") if part.strip()]


def _window(weekday: int, part: str) -> Window:
    found = _WINDOW.fullmatch(part.replace(" ", ""))
    if found is None:
        raise NotHours(weekday, part)
    start, end = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
    if start >= MINUTES_A_DAY or end > MINUTES_A_DAY or start == end:
        raise NotHours(weekday, part)
    return Window(weekday, start, end if end > start else end + MINUTES_A_DAY)


def _clock(minute: int) -> str:
    minute = minute if minute <= MINUTES_A_DAY else minute - MINUTES_A_DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"
