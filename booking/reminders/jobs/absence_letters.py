"""What is said to whoever decides while somebody is away."""

from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.infra.mail import one_line
from booking.reminders.jobs.letters import Letter, foot, greeting
from booking.reminders.queries import Recipient, StoodIn
from booking.web.formats import instant_text
from booking.web.links import public_url

AWAY_PATH = "/away"


def about_absence(kind: str, about: StoodIn, reader: Recipient, zone: ZoneInfo | None) -> Letter:
    """Return the letter: you decide from now on, or no longer."""
    name = one_line(about.name)
    if kind == "standing_in":
        subject = gettext("You decide for %(name)s until %(until)s")
        lead = gettext(
            "%(name)s is away and named you to decide meanwhile. What waits for %(name)s stands "
            "in your inbox then; it ends by itself."
        )
    else:
        subject = gettext("%(name)s decides again")
        lead = gettext("%(name)s is back earlier. You need not decide any more.")
    words = {"name": name, "until": instant_text(about.until, zone)}
    facts = [
        (gettext("From"), instant_text(about.since, zone)),
        (gettext("Until"), instant_text(about.until, zone)),
    ]
    if about.note:
        facts.append((gettext("Note"), one_line(about.note)))
    return Letter(
        subject=subject % words, greeting=greeting(reader), lead=lead % words,
        facts=tuple(facts), link_label=gettext("Open the inbox"),
        link=public_url("/inbox" if kind == "standing_in" else AWAY_PATH), foot=foot(),
    )  # fmt: skip
