"""What is said to who waits for time, or lost in a draw: none of it is booked."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.infra.mail import one_line
from booking.reminders.jobs.letters import Letter, draw_facts, letter_to, zone_text
from booking.reminders.queries.subjects import Awaited, Recipient
from booking.reminders.rules import Told
from booking.web.formats import instant_text, period_text
from booking.web.locale import named
from booking.web.messages import N_

WAITLIST_PATH = "/waitlist"
POOL_PATH = "/pools/{id}"
NO_LONGER = N_(
    "You no longer book for the company in whose name you asked for it, so it goes to others."
)
SUBJECTS = {
    "waitlist_offer": N_("Yours until %(until)s: %(pool)s, %(when)s"),
    "waitlist_expired": N_("Offer ended: %(pool)s, %(when)s"),
    "waitlist_lapsed": N_("No time became free: %(pool)s, %(when)s"),
    "time_freed": N_("Time became free: %(pool)s, %(when)s"),
    "draw_lost": N_("Not yours this time: %(pool)s, %(when)s"),
    "waitlist_ended": N_("You no longer wait for: %(pool)s, %(when)s"),
    "draw_ended": N_("Your request has ended: %(pool)s, %(when)s"),
}
LEADS = {
    "waitlist_offer": N_(
        "The time you wait for is free and kept for you until %(until)s. Accept it or decline it; "
        "after that it goes to the next in line."
    ),
    "waitlist_expired": N_(
        "You did not answer in time, so the time went to the next in line. You may wait again."
    ),
    "waitlist_lapsed": N_(
        "The time you waited for has passed. Nothing that you could have had became free."
    ),
    "time_freed": N_(
        "You asked to be told when time becomes free. It is not kept for you: who books first has "
        "it."
    ),
    "draw_lost": N_(
        "The day opened fairly, and the time you asked for went to who used the instrument less, "
        "or the rules no longer allowed it. You may wait for it, or book another time."
    ),
    "waitlist_ended": NO_LONGER,
    "draw_ended": NO_LONGER,
}


def about_waiting(kind: str, about: Awaited, told: Told, reader: Recipient) -> Letter:
    """Return the letter of an entry of a waiting list or a draw, times in the site's zone."""
    zone = ZoneInfo(about.time_zone)
    period = told.period or about.window
    words = {
        "pool": one_line(named(about.pool.zh, about.pool.en)),
        "when": period_text(period, zone),
        "until": instant_text(told.until, zone) if told.until else "",
    }
    link = (gettext("Open my waiting list"), WAITLIST_PATH)
    if kind == "time_freed":
        link = (gettext("Open the instrument"), POOL_PATH.format(id=about.pool_id))
    subject, lead = gettext(SUBJECTS[kind]) % words, gettext(LEADS[kind]) % words
    return letter_to(reader, subject, lead, _facts(about, told, zone), link)


def _facts(about: Awaited, told: Told, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    quantity = f" × {about.quantity}" if about.quantity > 1 else ""
    yield gettext("Instrument"), one_line(named(about.pool.zh, about.pool.en)) + quantity
    period = told.period or about.window
    yield (
        gettext("Time"),
        gettext("%(when)s (%(zone)s)")
        % {
            "when": period_text(period, zone),
            "zone": zone_text(period.start, zone),
        },
    )
    yield gettext("Place"), one_line(named(about.site.zh, about.site.en))
    yield gettext("Lab"), one_line(named(about.lab.zh, about.lab.en))
    yield from draw_facts(told, zone)
