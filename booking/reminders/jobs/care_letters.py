"""What is said to a lab about its units: a calibration that is coming due."""

from flask_babel import format_date, gettext

from booking.infra.mail import one_line
from booking.reminders.jobs.letters import Letter, letter_to
from booking.reminders.queries.subjects import Recipient
from booking.reservations.queries.calibrations import CaredUnit
from booking.web.locale import named

CARE_PATH = "/units/{id}/care"


def about_unit(about: CaredUnit, reader: Recipient) -> Letter:
    """Return the letter about a unit whose calibration is due."""
    pool = one_line(named(*about.pool))
    unit = one_line(about.name)
    day = format_date(about.due_on, "full", rebase=False)
    near = format_date(about.due_on, rebase=False)
    subject = gettext("Calibration due by %(day)s: %(pool)s, %(unit)s")
    lead = gettext(
        "This unit is due for calibration. After %(day)s nobody can book it, until its calibration "
        "is noted."
    )
    facts = (
        (gettext("Instrument"), pool),
        (gettext("Unit"), unit),
        (gettext("Last day of use without calibration"), day),
        (gettext("Place"), one_line(named(*about.site))),
        (gettext("Lab"), one_line(named(*about.lab))),
    )
    words = {"day": near, "pool": pool, "unit": unit}
    link = (gettext("Open the care of the unit"), CARE_PATH.format(id=about.unit_id))
    return letter_to(reader, subject % words, lead % {"day": day}, facts, link)
