"""Holidays and make-up workdays of a site, and the hours they leave open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from booking.core.hours import WeeklyHours
from booking.core.local import midnight
from booking.core.period import Period, intersect, merge, subtract

MONDAY = 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that are not what their weekday says: local date → `holiday` or `workday`."""

    days: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))

    def open_spans(
        self, hours: WeeklyHours | None, first: datetime, last: datetime, zone: ZoneInfo
    ) -> list[Period]:
        """Return the spans of [first, last) open by `hours` and by this calendar, in order.

        A holiday is closed, also for a window that began the evening before; a make-up workday
        has Monday's windows where its own weekday has none.
        """
        spans = [Period(first, last)] if hours is None else hours.spans(first, last, zone)
        for day, kind in sorted(self.days.items()):
            whole = local_day(day, zone)
            if not (whole.start < last and first < whole.end):
                continue
            if kind == "holiday":
                spans = [part for span in spans for part in subtract(span, [whole])]
            elif hours is not None and not _opens(hours, day.isoweekday()):
                spans += _as_monday(hours, day, zone, Period(first, last))
        return merge(spans)


def local_day(day: date, zone: ZoneInfo) -> Period:
    """Return the instants of a local day, midnight to midnight."""
    return Period(midnight(day, zone), midnight(day + timedelta(days=1), zone))


def _opens(hours: WeeklyHours, weekday: int) -> bool:
    return any(window.weekday == weekday for window in hours.windows)


def _as_monday(hours: WeeklyHours, day: date, zone: ZoneInfo, within: Period) -> list[Period]:
    monday = WeeklyHours(
        tuple(
            type(w)(day.isoweekday(), w.start_minute, w.end_minute)
            for w in hours.windows
            if w.weekday == MONDAY
        )
    )
    whole = local_day(day, zone)
    return intersect([within], monday.spans(whole.start, whole.end, zone))
