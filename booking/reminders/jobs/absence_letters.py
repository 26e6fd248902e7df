"""What is said to whoever decides while somebody is away."""

from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.infra.mail import one_line
from booking.reminders.jobs.letters import INBOX_PATH, Letter, letter_to
from booking.reminders.queries.subjects import Recipient, StoodIn
from booking.web.formats import instant_text

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
    link = (gettext("Open the inbox"), INBOX_PATH if kind == "standing_in" else AWAY_PATH)
    return letter_to(reader, subject % words, lead % words, facts, link)
