"""A unit's now and next in words, and the buttons its lab needs there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from booking.accounts.rules.permissions import may
from booking.approvals.queries.today import Place
from booking.approvals.rules.today import AtHand, Block
from booking.core.actor import Actor
from booking.core.period import Period
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.named import Named
from booking.reservations.rules.using import is_running, may_check_in, missed_at
from booking.web.formats import clock_text, instant_text, length_text
from booking.web.locale import named
from booking.web.wording import party_text, unit_text

HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Deed:
    """A button: what it says and where it is sent, with the version seen; asked for first."""

    label: str
    url: str
    version: int
    icon: str
    whose: str = ""  # for who cannot see what it stands beside


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of the day in words."""

    unit_id: int
    pool: str
    url: str
    label: str
    state: str
    tone: str
    word: str
    now: str  # until when
    who: str
    now_url: str
    next: str
    next_who: str
    next_url: str
    free: str
    deeds: list[Deed]
    fault_url: str
    door_url: str


@dataclass(frozen=True, slots=True)
class Late:
    """One who has not come, or left without a word."""

    reservation_id: int
    who: str
    what: str
    url: str
    when: str
    deeds: list[Deed]
    missed: Deed | None


@dataclass(frozen=True, slots=True)
class Sign:
    """What a door says: free or not, until when, and what comes next."""

    tone: str
    word: str
    until: str
    who: str
    next: str


def unit_line(actor: Actor, place: Place, hand: AtHand, pool: PoolFacts, now: datetime) -> Line:
    """Return one unit's line; buttons are those the actor may press now."""
    zone, usable = place.zone, place.state in ("in_service", "limited")
    edits = may(actor, "pool.edit", place.subject)
    running, coming = hand.now, hand.next
    return Line(
        place.unit_id, named(*place.pool), url_for("catalogue.unit", unit_id=place.unit_id),
        label_of(place), place.state, *_tone(running, usable=usable),
        _("until %(time)s", time=_soon(running.period.end, now, zone)) if running else "",
        _whose(running) if running and running.reservation_id else "", _url(running),
        _times(coming.period, now, zone) if coming else "",
        _whose(coming) if coming else "", _url(coming),
        _free_text(hand, now, zone) if usable else "",
        _deeds(actor, running, coming, pool, now),
        url_for("reservations.out_of_service", unit_id=place.unit_id) if edits and usable else "",
        url_for("today.door", unit_id=place.unit_id),
    )  # fmt: skip


def late_line(actor: Actor, one: Named, pool: PoolFacts, now: datetime) -> Late:
    """Return who has not come, until when they may, and what can be done."""
    until = missed_at(one.period, pool.rules)
    when = _("due at %(time)s", time=_soon(one.period.start, now, one.zone))
    if until > now:
        when += _(" · no-show at %(time)s", time=clock_text(until, one.zone))
    row, deeds = one.row, []
    uses = may(actor, "reservation.use", one.subject)
    if uses and may_check_in(row.status, one.period, pool.rules, now):
        deeds.append(_deed(_("Check in"), "reservations.begin", row.id, row.version, one.person))
    missed = None
    if may(actor, "reservation.decide", one.subject):
        missed = _deed(_("No-show"), "today.missed", row.id, row.version, one.person)
    return Late(row.id, _who(one), named(*one.pool), _show(row.id), when, deeds, missed)


def left_line(one: Named, now: datetime) -> Late:
    """Return whose use ended without a check-out."""
    when = _("ended at %(time)s without check-out", time=_soon(one.period.end, now, one.zone))
    return Late(one.row.id, _who(one), named(*one.pool), _show(one.row.id), when, [], None)


def sign_of(place: Place, hand: AtHand, now: datetime, *, names: bool) -> Sign:
    """Return what the door of a unit says."""
    if place.state not in ("in_service", "limited"):
        return Sign("bad", _("Out of service"), "", "", "")
    running, coming = hand.now, hand.next
    following = block_line(coming, now, place.zone, names=names) if coming else None
    told = " · ".join(filter(None, following)) if following else ""
    if running is None:
        return Sign("good", _("Free"), _free_text(hand, now, place.zone), "", told)
    until = _("until %(time)s", time=_soon(running.period.end, now, place.zone))
    word = _tone(running, usable=True)[1]
    return Sign("warn", word, until, _whose(running) if names else "", told)


def block_line(block: Block, now: datetime, zone: ZoneInfo, *, names: bool) -> tuple[str, str]:
    """Return a block's times and what it is; whose only with `names`."""
    when = _times(block.period, now, zone)
    what = closure_text(block) if block.kind != "reservation" else _("Reserved")
    return when, (_whose(block) if names else what)


def label_of(place: Place) -> str:
    """Return what a unit is called beside its group."""
    return unit_text(place)


def closure_text(block: Block) -> str:
    """Return what a block that is no reservation is called."""
    other = _("Kept for somebody") if block.kind == "hold" else _("Closed")
    return {
        "maintenance": _("Maintenance"), "calibration": _("Calibration"), "fault": _("Fault"),
        "own_use": _("Own use"), "calibration_due": _("Calibration due"),
        "dependency": _("Something it needs is closed"), "training": _("Training"),
    }.get(block.reason, other)  # fmt: skip


def _tone(running: Block | None, *, usable: bool) -> tuple[str, str]:
    """Return the colour of the unit's pill and its word."""
    if not usable:
        return "bad", _("Out of service")
    if running is None:
        return "good", _("Free")
    if running.kind != "reservation":
        return "warn", closure_text(running)
    return {
        "in_use": ("info", _("In use")), "approved": ("info", _("Reserved")),
        "pending": ("warn", _("Pending")),
    }.get(running.status, ("", running.status))  # fmt: skip


def _whose(block: Block) -> str:
    if block.kind != "reservation":
        return closure_text(block)
    return " · ".join(filter(None, (block.person, party_text(block.party))))


def _who(one: Named) -> str:
    return " · ".join(filter(None, (one.person, party_text(one.party))))


def _free_text(hand: AtHand, now: datetime, zone: ZoneInfo) -> str:
    if hand.free is None:
        return ""
    if hand.next is None:
        start = "" if hand.now is None else _soon(hand.free.start, now, zone)
        return _("free from %(time)s on", time=start) if start else _("for a day at least")
    until = _soon(hand.free.end, now, zone)
    if hand.now is None:
        return _("until %(time)s", time=until)
    return _("%(length)s free between", length=length_text(hand.free.minutes))


def _soon(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return an instant; the time alone today, and where half a day leaves no doubt."""
    same = moment.astimezone(zone).date() == now.astimezone(zone).date()
    if same or abs(moment - now) < HALF_A_DAY:
        return clock_text(moment, zone)
    return instant_text(moment, zone)


def _times(period: Period, now: datetime, zone: ZoneInfo) -> str:
    return f"{_soon(period.start, now, zone)}–{_soon(period.end, now, zone)}"


def _deeds(
    actor: Actor, running: Block | None, coming: Block | None, pool: PoolFacts, now: datetime
) -> list[Deed]:
    found = []
    for block in (running, coming):
        if block is None or block.subject is None:
            continue
        if not may(actor, "reservation.use", block.subject):
            continue
        about = (block.reservation_id, block.version, block.person)
        if may_check_in(block.status, block.period, pool.rules, now):
            found.append(_deed(_("Check in"), "reservations.begin", *about))
        elif is_running(block.status, block.period, pool.rules, now):
            found.append(_deed(_("End now"), "reservations.finish", *about))
    return found


def _deed(label: str, endpoint: str, reservation_id: int, version: int, whose: str) -> Deed:
    icon = {"reservations.begin": "box-arrow-in-right", "reservations.finish": "box-arrow-right"}
    url = url_for(endpoint, reservation_id=reservation_id)
    return Deed(label, url, version, icon.get(endpoint, "x-circle"), whose)


def _url(block: Block | None) -> str:
    return _show(block.reservation_id) if block and block.reservation_id else ""


def _show(reservation_id: int) -> str:
    return url_for("reservations.show", reservation_id=reservation_id)
