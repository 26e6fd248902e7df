"""A request for a day that opens fairly, and its draw, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from booking.core.local import exact_text
from booking.core.period import Period
from booking.reservations.models import Draw, DrawEntry
from booking.web.formats import day_text, instant_text, length_text, period_text
from booking.web.locale import named
from booking.web.rule_words import RULE_OF, overridden_text

TONES = {"waiting": "warn", "won": "good", "lost": "bad"}


@dataclass(frozen=True, slots=True)
class DrawLine:
    """One request; `place`, `use` and `lot` tell why it stands where it does, `why` why it lost."""

    id: int
    state: str
    status: str
    tone: str
    what: str
    url: str
    when: str
    person: str
    party: str
    drawn: str
    rank: int | None
    place: str
    turn: str
    use: tuple[str, str]
    lot: str
    why: str
    open: bool
    reservation_url: str | None
    wait_url: str


@dataclass(frozen=True, slots=True)
class DrawnDay:
    """One draw of a pool with its requests in order; the seed is shown once it is used."""

    day: str
    drawn: str
    seal: str
    seed: str
    lines: tuple[DrawLine, ...]


def draw_line(row: Any, now: datetime) -> DrawLine:
    """Return a row of `visible_draw_entries` in words, times in the site's zone."""
    entry, draw, zone = row.DrawEntry, row.Draw, ZoneInfo(row.time_zone)
    amount = f" × {entry.quantity}" if entry.quantity > 1 else ""
    unit = f" · {row.asset_no}" if row.asset_no else ""
    return DrawLine(
        id=entry.id,
        state=entry.state,
        status=_status(entry, draw, now),
        tone=TONES.get(entry.state, ""),
        what=named(row.name_zh, row.name_en) + unit + amount,
        url=url_for("catalogue.pool", pool_id=draw.pool_id),
        when=period_text(Period(entry.start_at, entry.end_at), zone),
        person=row.person,
        party=named(row.party_zh or "", row.party_en or ""),
        drawn=_drawn(draw, zone),
        rank=entry.rank,
        place=_("No. %(rank)s of %(of)s", rank=entry.rank, of=row.of) if entry.rank else "",
        turn=str(entry.turn or ""),
        use=(_hours(entry.person_minutes), _hours(entry.party_minutes)),
        lot=entry.lot or "",
        why=_why(entry),
        open=entry.state == "waiting" and draw.state == "open" and draw.draws_at > now,
        reservation_url=url_for(
            "reservations.show", reservation_id=entry.reservation_id
        ) if entry.reservation_id else None,
        wait_url=url_for(
            "reservations.wait", pool_id=draw.pool_id, unit_id=entry.unit_id,
            start=exact_text(entry.start_at, zone), end=exact_text(entry.end_at, zone),
        ),
    )  # fmt: skip


def drawn_days(rows: Iterable[Any], now: datetime) -> list[DrawnDay]:
    """Return the draws of `draws_of`, in their order."""
    days = []
    for _draw_id, group in groupby(rows, key=lambda row: row.Draw.id):
        found = list(group)
        draw, zone = found[0].Draw, ZoneInfo(found[0].time_zone)
        days.append(
            DrawnDay(
                day_text(draw.day_start.astimezone(zone).date().isoformat()), _drawn(draw, zone),
                draw.seal, "" if draw.state == "open" else draw.seed,
                tuple(draw_line(row, now) for row in found),
            )
        )  # fmt: skip
    return days


def _drawn(draw: Draw, zone: ZoneInfo) -> str:
    if draw.drawn_at is None:
        return _("To be decided %(when)s", when=instant_text(draw.draws_at, zone))
    return _("Decided %(when)s", when=instant_text(draw.drawn_at, zone))


def _status(entry: DrawEntry, draw: Draw, now: datetime) -> str:
    if entry.state == "waiting" and draw.draws_at <= now:
        return _("Being decided")
    return {
        "waiting": _("Collected"),
        "withdrawn": _("Taken back"),
        "won": _("Got it"),
        "lost": _("Did not get it"),
    }[entry.state]


def _hours(minutes: int | None) -> str:
    return "" if minutes is None else length_text(minutes)


def _why(entry: DrawEntry) -> str:
    if entry.state != "lost":
        return ""
    if entry.why == "conflict":
        return _("Taken by those before.")
    rules = " ".join(code for code in entry.why.split() if code in RULE_OF)
    if not rules:
        return _("It could no longer be booked.")
    return _("Not allowed any more: %(rules)s", rules=overridden_text(rules))
