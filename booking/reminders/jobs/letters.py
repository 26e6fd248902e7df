"""What a message says, in the reader's language: one letter, of which text and HTML are made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from flask import current_app
from flask_babel import format_timedelta, get_locale, gettext

from booking.infra.mail import one_line
from booking.infra.signed import DECIDE, sign
from booking.reminders.queries.subjects import Booked, Named, Recipient
from booking.reminders.rules import HELD, SPEAKS_OF, TO_APPROVER, Told
from booking.reservations.rules.life import units_final
from booking.web.formats import instant_text, period_text
from booking.web.links import public_url
from booking.web.locale import named
from booking.web.rule_texts import N_
from booking.web.wording import purpose_text

# A remaining time is told in the unit that leaves at least this many of it: 24 hours, 60 minutes.
UNITS_AT_LEAST = 1.5

SUBJECTS = {
    "request_received": N_("To decide: %(person)s asks for %(pool)s, %(when)s"),
    "change_requested": N_("To decide: %(person)s wants to move %(pool)s to %(asked)s"),
    "request_waiting": N_("Still to decide: %(person)s, %(pool)s, %(when)s"),
    "request_escalated": N_("Nobody has decided yet: %(person)s, %(pool)s, %(when)s"),
    "approved": N_("Approved: %(pool)s, %(when)s"),
    "rejected": N_("Not approved: %(pool)s, %(when)s"),
    "cancelled": N_("Cancelled: %(pool)s, %(when)s"),
    "moved": N_("Changed: %(pool)s, now %(when)s"),
    "unit_changed": N_("Another unit: %(pool)s, %(when)s"),
    "unit_trouble": N_("Out of service: %(pool)s, %(when)s"),
    "change_rejected": N_("Change not approved: %(pool)s stays at %(when)s"),
    "expired": N_("Not decided in time: %(pool)s, %(when)s"),
    "change_expired": N_("Change not decided in time: %(pool)s stays at %(when)s"),
    "booked_for_you": N_("Booked for you: %(pool)s, %(when)s"),
    "restored": N_("Valid again: %(pool)s, %(when)s"),
    "handed_to_you": N_("Now yours: %(pool)s, %(when)s"),
    "handed_on": N_("No longer yours: %(pool)s, %(when)s"),
    "draw_won": N_("Yours: %(pool)s, %(when)s"),
    "joined": N_("Part of another one now: %(pool)s, %(when)s"),
    "missed": N_("Missed: %(pool)s, %(when)s"),
    "reminder": N_("Reminder: %(pool)s starts %(left)s"),
}
LEADS = {
    "request_received": N_("%(person)s asks for this reservation. Please approve or reject it."),
    "change_requested": N_(
        "%(person)s wants to change this reservation. Until you decide, it stays as it was."
    ),
    "request_waiting": N_("%(person)s still waits for your decision on this."),
    "request_escalated": N_(
        "Whoever should decide on this has not, and the time to do so is running out. As an "
        "operator you may decide it now."
    ),
    "approved": N_("Your reservation is approved. The attached entry goes into your calendar."),
    "rejected": N_("Your request was not approved. The time is free again for others."),
    "cancelled": N_("This reservation was cancelled. Its time is free again."),
    "moved": N_("Your reservation was changed."),
    "unit_trouble": N_(
        "The unit of your reservation is out of service. Your reservation stays for now, but may "
        "not be possible; you can choose another time."
    ),
    "unit_changed": N_("Your reservation keeps its time, on another unit of the same kind."),
    "change_rejected": N_(
        "The change you asked for was not approved. Your reservation stays as it was."
    ),
    "expired": N_("Nobody decided on your request in time, so it has expired. You may ask again."),
    "change_expired": N_(
        "Nobody decided in time on the change you asked for. Your reservation stays as it was."
    ),
    "booked_for_you": N_("This was booked for you."),
    "restored": N_("The cancellation was taken back. The reservation holds again."),
    "handed_to_you": N_("This reservation was handed to you. It keeps its time and its units."),
    "handed_on": N_("This reservation was handed to a colleague of yours."),
    "draw_won": N_(
        "The day opened fairly, and the time you asked for is yours, as far as the lab need not "
        "agree."
    ),
    "joined": N_(
        "This reservation became part of the one beside it. Its time stays yours; only this entry "
        "goes."
    ),
    "missed": N_("Nobody checked in, so the rest of the time was released for others."),
    "reminder": N_("Your reservation starts %(left)s."),
}
STATUS = {
    "pending": N_("Pending"),
    "approved": N_("Approved"),
    "in_use": N_("In use"),
    "completed": N_("Completed"),
    "rejected": N_("Rejected"),
    "cancelled": N_("Cancelled"),
    "expired": N_("Expired"),
    "no_show": N_("No-show"),
}
INBOX_PATH = "/inbox"
DECIDE_PATH = "/decide/{token}"
RESERVATION_PATH = "/reservations/{id}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in words: subject, one sentence, facts as (label, value), one link."""

    subject: str
    greeting: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    link_label: str
    link: str
    foot: str
    second_label: str = ""
    second_link: str = ""


def about_reservation(
    kind: str, about: Booked, told: Told, reader: Recipient, now: datetime
) -> Letter:
    """Return the letter of a reservation's message, times in the site's zone."""
    zone = ZoneInfo(about.time_zone)
    words = {
        "pool": _named(about.pool),
        "person": one_line(about.person),
        "when": period_text(about.period, zone),
        "asked": period_text(told.asked_period or about.period, zone),
        "left": _time_left(about.period.start, now),
    }
    to_approver = kind in TO_APPROVER
    path = INBOX_PATH if to_approver else RESERVATION_PATH.format(id=about.id)
    label = gettext("Open the inbox") if to_approver else gettext("Open the reservation")
    letter = letter_to(
        reader, gettext(SUBJECTS[kind]) % words, gettext(LEADS[kind]) % words,
        _facts(kind, about, told, zone, now), (label, path),
    )  # fmt: skip
    label, link = _decision(kind, about, reader, now)
    return replace(letter, second_label=label, second_link=link)


def letter_to(
    reader: Recipient,
    subject: str,
    lead: str,
    facts: Iterable[tuple[str, str]],
    link: tuple[str, str],
) -> Letter:
    """Return a letter with the first and last line of all; `link`: its words and path."""
    label, path = link
    hello = gettext("Hello %(name)s,") % {"name": one_line(reader.name)}
    foot = gettext("Sent by %(product)s. Nobody reads answers to this address.")
    return Letter(
        subject, hello, lead, tuple(facts), label, public_url(path), foot % {"product": product()}
    )


def _decision(kind: str, about: Booked, reader: Recipient, now: datetime) -> tuple[str, str]:
    """Return the words and link that decide by themselves, for who is to decide; else empty ones.

    It means this version of the reservation: any decision or change ends it.
    """
    config = current_app.config
    if kind not in TO_APPROVER or not config["DECIDE_BY_MAIL"]:
        return "", ""
    until = min(now + timedelta(hours=config["LINK_HOURS"]), about.period.end)
    if about.status == "pending" and about.decide_by is not None:
        until = min(until, about.decide_by)
    token = sign(DECIDE, (about.id, about.version, reader.user_id), until)
    return gettext("Decide without signing in"), public_url(DECIDE_PATH.format(token=token))


def product() -> str:
    """Return the product's name; pages take it from macros/icon.html."""
    return gettext("Instrument Booking")


def zone_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return a zone's name and offset at a moment: 中国标准时间，UTC+08:00."""
    local = moment.astimezone(zone)
    name = get_timezone_name(local, locale=get_locale())
    offset = local.strftime("%z")
    return gettext("%(zone)s, UTC%(offset)s") % {
        "zone": name,
        "offset": f"{offset[:3]}:{offset[3:5]}",
    }


def draw_facts(told: Told, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Yield the place in a draw, and what is free instead."""
    if told.rank is not None:
        rank, of = told.rank
        yield gettext("Your rank"), gettext("No. %(rank)s of %(of)s") % {"rank": rank, "of": of}
    if told.other:
        times = (period_text(period, zone) for period in told.other)
        yield gettext("Free instead"), gettext(", ").join(times)


def place_text(about: Booked) -> str:
    """Return where it is: site, and building and room where all units stand in one."""
    rooms = {" ".join(filter(None, (_named(p.building), p.room))) for p in about.places}
    room = rooms.pop() if len(rooms) == 1 else ""
    if not room:
        return _named(about.site)
    return gettext("%(site)s, %(room)s") % {"site": _named(about.site), "room": room}


def _facts(
    kind: str, about: Booked, told: Told, zone: ZoneInfo, now: datetime
) -> Iterator[tuple[str, str]]:
    quantity = f" × {about.quantity}" if about.quantity > 1 else ""
    yield gettext("Instrument"), _named(about.pool) + quantity
    yield from _times(kind, about, told, zone)
    yield gettext("Place"), place_text(about)
    units = _units(about, now)
    if units:
        yield gettext("Assigned units"), units
    yield gettext("Lab"), _named(about.lab)
    if kind in TO_APPROVER:
        yield from _for_approver(kind, about, zone)
    if told.into:
        yield gettext("Joined with"), told.into
    if told.reason:
        yield gettext("Reason"), told.reason
    yield from draw_facts(told, zone)
    if told.first:
        yield gettext("Another time"), gettext("You are the first to be offered what becomes free.")
    if told.by:
        yield gettext("Done by"), one_line(told.by)
    yield gettext("Reference"), about.reference
    if about.status not in SPEAKS_OF[kind]:
        yield gettext("Status now"), gettext(STATUS[about.status])


def _times(kind: str, about: Booked, told: Told, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    when = gettext("%(when)s (%(zone)s)") % {
        "when": period_text(about.period, zone),
        "zone": zone_text(about.period.start, zone),
    }
    if kind == "moved" and told.old_period not in (None, about.period):
        yield gettext("Old time"), period_text(told.old_period, zone)
        yield gettext("New time"), when
        return
    yield gettext("Time"), when
    if told.asked_period:
        yield gettext("Asked for"), period_text(told.asked_period, zone)
    if told.asked_quantity not in (None, about.quantity):
        yield gettext("Units asked for"), str(told.asked_quantity)


def _for_approver(kind: str, about: Booked, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield gettext("Booked for"), one_line(about.person)
    if _named(about.party):
        yield gettext("Company or institution"), _named(about.party)
    if about.purpose:
        yield gettext("Purpose"), purpose_text(about.purpose)
    if about.note:
        yield gettext("Note"), about.note
    if kind == "request_received" and about.decide_by:
        yield gettext("Decide by"), instant_text(about.decide_by, zone)


def _units(about: Booked, now: datetime) -> str:
    """Return the units' names once they are final: before, a reservation may change unit."""
    hours = current_app.config["UNIT_FIXED_HOURS"]
    final = units_final(about.period.start, now, hours, named=about.named_unit)
    if not final or about.status not in HELD:
        return ""
    return gettext(", ").join(filter(None, (place.unit for place in about.places)))


def _time_left(start: datetime, now: datetime) -> str:
    left = max(start - now, timedelta(0))
    return str(format_timedelta(left, threshold=UNITS_AT_LEAST, add_direction=True))


def _named(thing: Named) -> str:
    return one_line(named(thing.zh, thing.en))
