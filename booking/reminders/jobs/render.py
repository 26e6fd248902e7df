"""From an outbox row to a message ready to leave, in the recipient's language."""

from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from booking.companies.queries.zones import home_zone
from booking.infra import ics, mail
from booking.infra.claims import Claimed
from booking.reminders.jobs import (
    absence_letters,
    account_letters,
    care_letters,
    company_letters,
    group_letters,
    letters,
    training_letters,
    waiting_letters,
)
from booking.reminders.jobs.company_letters import AboutCompany
from booking.reminders.queries.subjects import (
    Awaited,
    Booked,
    BookedGroup,
    Recipient,
    StoodIn,
    asked_in_draw,
    awaited,
    booked,
    booked_group,
    recipient_of,
    stood_in,
)
from booking.reminders.rules import (
    ACCOUNT,
    DRAWN,
    SECURITY,
    WAITING,
    Told,
    calendar_method,
    in_group_calendar,
    is_moot,
    told,
)
from booking.reservations.queries.calibrations import CaredUnit, cared_unit
from booking.training.queries.told import Trained, is_over, trained
from booking.web import calendars, locale
from booking.web.links import public_url

# what a message is about
Subject = Booked | BookedGroup | Awaited | CaredUnit | Trained | AboutCompany | StoodIn


class Moot(Exception):
    """There is nothing to send any more; the text says why, for the log."""


def message_of(session: Session, claimed: Claimed, now: datetime) -> EmailMessage:
    """Return the message of a claimed row, from the rows as they are now. Three queries.

    Raises Moot when it has lost its point, LookupError or ValueError for a row that cannot be
    understood.
    """
    if claimed.channel != "mail":
        raise ValueError(f"unknown channel: {claimed.channel}")
    reader = recipient_of(session, claimed) or company_letters.stranger_of(session, claimed)
    if reader is None:
        raise Moot("the recipient has left, or it was voided meanwhile")
    facts = told(claimed.parameters)
    if claimed.kind in SECURITY and facts.to:
        reader = replace(reader, email=facts.to)
    about = None if claimed.kind in ACCOUNT else _subject(session, claimed.subject_ref, facts)
    if isinstance(about, Booked) and is_moot(claimed.kind, about.status, about.period.start, facts):
        raise Moot("moved or ended meanwhile")
    if isinstance(about, Awaited) and about.state != {**WAITING, **DRAWN}[claimed.kind]:
        raise Moot("answered or over meanwhile")
    if isinstance(about, AboutCompany) and company_letters.is_moot(claimed.kind, about, now):
        raise Moot("decided, used or withdrawn meanwhile")
    if isinstance(about, CaredUnit) and about.due_on != facts.day:
        raise Moot("calibrated, or due on another day meanwhile")
    if isinstance(about, Trained) and is_over(claimed.kind, about, now):
        raise Moot("renewed, suspended or given up meanwhile")
    if isinstance(about, StoodIn) and (claimed.kind == "standing_in") == about.ended:
        raise Moot("back, or away again meanwhile")
    with force_locale(language_of(reader)):
        zone = home_zone(session) if about is None or isinstance(about, StoodIn) else None
        return _composed(claimed, about, facts, reader, now, zone)


def language_of(reader: Recipient) -> str:
    """Return the person's choice among ours, else the park's default."""
    chosen = reader.locale
    return chosen if chosen in locale.LOCALES else str(current_app.config["DEFAULT_LOCALE"])


def _subject(session: Session, reference: str, facts: Told) -> Subject:
    what, _, number = reference.partition(":")
    about: Subject | None = None
    if what == "reservation":
        about = booked(session, int(number))
    elif what == "group":
        about = booked_group(session, int(number), list(facts.reservations))
    elif what == "waitlist":
        about = awaited(session, int(number))
    elif what == "draw_entry":
        about = asked_in_draw(session, int(number))
    elif what in ("record", "signup", "qualification"):
        about = trained(session, what, int(number))
    elif what == "absence":
        about = stood_in(session, int(number))
    elif what == "unit":
        about = cared_unit(session, int(number))
        if about is None:
            raise Moot("retired meanwhile")
    elif number:
        about = company_letters.about_company(session, what, int(number))
    if about is None:
        raise LookupError(f"nothing known about {reference}")
    return about


def _composed(
    claimed: Claimed,
    about: Subject | None,
    facts: Told,
    reader: Recipient,
    now: datetime,
    zone: ZoneInfo | None,
) -> EmailMessage:
    config = current_app.config
    if about is None:
        letter = account_letters.about_account(claimed.kind, facts, reader, zone)
    elif isinstance(about, Awaited):
        letter = waiting_letters.about_waiting(claimed.kind, about, facts, reader)
    elif isinstance(about, CaredUnit):
        letter = care_letters.about_unit(about, reader)
    elif isinstance(about, AboutCompany):
        letter = company_letters.letter_of(claimed.kind, about, facts, reader)
    elif isinstance(about, Trained):
        letter = training_letters.about_training(claimed.kind, about, reader)
    elif isinstance(about, StoodIn):
        letter = absence_letters.about_absence(claimed.kind, about, reader, zone)
    elif isinstance(about, BookedGroup):
        letter = group_letters.about_group(claimed.kind, about, facts, reader)
    else:
        letter = letters.about_reservation(claimed.kind, about, facts, reader, now)
    name, address = parseaddr(config["MAIL_FROM"])
    return mail.compose(
        mail.Mail(
            message_id=mail.message_id(claimed.id, claimed.dedupe_key, config["PUBLIC_BASE_URL"]),
            sender_name=name or letters.product(),
            sender_address=address,
            to_name=reader.name,
            to_address=reader.email,
            subject=letter.subject,
            text=rendered("mail/letter.txt", letter=letter),
            html=rendered("mail/letter.html", letter=letter, locale=locale.current()),
            calendar=_calendar(claimed.kind, about, facts, reader, now) if about else None,
        ),
        now,
    )


def rendered(template: str, **values: Any) -> str:
    """Return a template's text without the pages' shell, which needs a request."""
    return current_app.jinja_env.get_template(template).render(values)


def _calendar(
    kind: str, about: Subject, facts: Told, reader: Recipient, now: datetime
) -> mail.Calendar | None:
    if isinstance(about, BookedGroup):
        fates = [(part, in_group_calendar(kind, part.status, facts.was)) for part in about.parts]
        entries = [
            replace(_entry(part, reader), cancelled=fate == "cancelled")
            for part, fate in fates
            if fate
        ]
        return mail.Calendar(ics.PUBLISH, ics.publish(entries, now)) if entries else None
    if not isinstance(about, Booked):
        return None  # nothing of it is booked
    method = calendar_method(kind, about.status, facts.was)
    if method is None:
        return None
    return mail.Calendar(method, ics.message(_entry(about, reader), method, now))


def _entry(about: Booked, reader: Recipient) -> ics.Entry:
    link = public_url(letters.RESERVATION_PATH.format(id=about.id))
    return ics.Entry(
        uid=calendars.uid_of(f"reservation-{about.reference}"),
        sequence=about.version,
        start=about.period.start,
        end=about.period.end,
        summary=locale.named(about.pool.zh, about.pool.en),
        location=letters.place_text(about),
        description=f"{about.reference}\n{link}",
        url=link,
        organizer=calendars.organizer(),
        attendee=reader.email,
        attendee_name=mail.plain_name(reader.name),
        zone=ZoneInfo(about.time_zone),
    )
