"""What a time is looked for by, in words, each part with the address that drops it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from booking.core.local import YEARS
from booking.web.formats import day_text, length_text

# Parts of the address that stand for one chip.
DAYS, HOURS = ("day", "until"), ("day_from", "day_until")


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of what is looked for, and the address without it."""

    label: str
    url: str


def chips(form: Any) -> list[Chip]:
    """Return a chip for each part of the form that was given, words first."""
    given = request.args
    parts = (
        (form.q, ("q",)),
        (_days(form.day, form.until), DAYS),
        (_hours(form.day_from, form.day_until), HOURS),
        (length_text(form.minutes) if given.get("minutes") else "", ("minutes",)),
    )
    return [Chip(label, _without(names)) for label, names in parts if label]


def _days(first: str, last: str) -> str:
    if first == last:
        return _day(first)
    if first and last:
        return f"{_day(first)} – {_day(last)}"
    if last:
        return _("until %(day)s", day=_day(last))
    return _("from %(day)s", day=_day(first)) if first else ""


def _hours(start: str, end: str) -> str:
    if start and end:
        return f"{start}–{'24:00' if end == '00:00' else end}"
    if end:
        return _("over by %(time)s", time=end)
    return _("not before %(time)s", time=start) if start else ""


def _day(text: str) -> str:
    try:
        known = date.fromisoformat(text).year in YEARS
    except ValueError:
        return text
    return day_text(text) if known else text


def _without(names: tuple[str, ...]) -> str:
    args = {k: v for k, v in request.args.to_dict(flat=False).items() if k not in names}
    return url_for("reservations.find_time", **args)  # type: ignore[arg-type]
