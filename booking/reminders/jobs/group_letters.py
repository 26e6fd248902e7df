"""What a message about several reservations of a group says: one letter instead of a storm."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.infra.mail import one_line
from booking.reminders.jobs.letters import STATUS, Letter, letter_to, zone_text
from booking.reminders.queries.subjects import Booked, BookedGroup, Recipient
from booking.reminders.rules import GROUP, SPEAKS_OF, TO_APPROVER, Told
from booking.web.formats import period_text
from booking.web.locale import named
from booking.web.messages import N_
from booking.web.repeats import rule_words
from booking.web.wording import purpose_text

MOST_LISTED = 20
GROUP_PATH = "/reservation-groups/{id}"
SUBJECTS = {
    "request_received": N_("To decide: %(person)s asks for %(what)s, %(count)s times together"),
    "change_requested": N_("To decide: %(person)s wants to move %(count)s times of %(what)s"),
    "approved": N_("Approved: %(what)s, %(count)s times from %(when)s"),
    "rejected": N_("Not approved: %(what)s, %(count)s times from %(when)s"),
    "cancelled": N_("Cancelled: %(what)s, %(count)s times from %(when)s"),
    "moved": N_("Changed: %(what)s, %(count)s times, now from %(when)s"),
    "change_rejected": N_("Changes not approved: %(what)s stays, %(count)s times from %(when)s"),
    "expired": N_("Not decided in time: %(what)s, %(count)s times from %(when)s"),
    "booked_for_you": N_("Booked for you: %(what)s, %(count)s times from %(when)s"),
}
LEADS = {
    "request_received": N_("%(person)s asks for these times. Please approve or reject them."),
    "change_requested": N_(
        "%(person)s wants to change these times. Until you decide, they stay as they were."
    ),
    "approved": N_("These times are yours. The attached entries go into your calendar."),
    "rejected": N_("These requests were not approved. The times are free again for others."),
    "cancelled": N_("These times were cancelled and are free again."),
    "moved": N_("These times were changed."),
    "change_rejected": N_("The changes you asked for were not approved. All stays as it was."),
    "expired": N_("Nobody decided on these requests in time, so they have expired."),
    "booked_for_you": N_("This was booked for you."),
}


def about_group(kind: str, about: BookedGroup, told: Told, reader: Recipient) -> Letter:
    """Return the letter of a group's message, times in each site's zone."""
    kind = kind.removeprefix(GROUP)
    first = about.parts[0]
    words = {
        "what": one_line(about.title) or _pools(about),
        "person": one_line(first.person),
        "count": len(about.parts),
        "when": period_text(first.period, ZoneInfo(first.time_zone)),
    }
    subject, lead = gettext(SUBJECTS[kind]) % words, gettext(LEADS[kind]) % words
    link = (gettext("Open the group"), GROUP_PATH.format(id=about.id))
    return letter_to(reader, subject, lead, _facts(kind, about, told), link)


def _facts(kind: str, about: BookedGroup, told: Told) -> Iterator[tuple[str, str]]:
    first = about.parts[0]
    yield gettext("Instrument"), _pools(about)
    if about.series is not None:
        series = about.series
        yield gettext("Repeats"), rule_words(series.rule, series.first, series.zone)
    for number, part in enumerate(about.parts[:MOST_LISTED], 1):
        yield f"{number}.", _line(kind, about, part)
    if len(about.parts) > MOST_LISTED:
        yield "…", gettext("and %(count)s more") % {"count": len(about.parts) - MOST_LISTED}
    zone = ZoneInfo(first.time_zone)
    yield gettext("Times"), zone_text(first.period.start, zone)
    yield gettext("Lab"), _named(first.lab.zh, first.lab.en)
    if kind in TO_APPROVER:
        yield gettext("Booked for"), one_line(first.person)
        if first.purpose:
            yield gettext("Purpose"), purpose_text(first.purpose)
        if first.note:
            yield gettext("Note"), first.note
    if told.reason:
        yield gettext("Reason"), told.reason
    if told.by:
        yield gettext("Done by"), one_line(told.by)


def _line(kind: str, about: BookedGroup, part: Booked) -> str:
    """Return one time; its state only where it is not the one the message speaks of."""
    words = period_text(part.period, ZoneInfo(part.time_zone))
    if about.kind != "series":
        words = f"{_named(part.pool.zh, part.pool.en)} {words}"
    if part.status not in SPEAKS_OF[kind]:
        words += f" ({gettext(STATUS[part.status])})"
    return f"{words} · {part.reference}"


def _pools(about: BookedGroup) -> str:
    names = dict.fromkeys(_named(part.pool.zh, part.pool.en) for part in about.parts)
    return gettext(", ").join(names)


def _named(zh: str, en: str) -> str:
    return one_line(named(zh, en))
