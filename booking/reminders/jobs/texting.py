"""From an outbox row of channel `sms` to a text message, in the recipient's language."""

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from booking.accounts.services.sms_codes import MINUTES
from booking.infra.claims import Claimed
from booking.infra.sms import Sms
from booking.reminders.jobs.letters import product
from booking.reminders.jobs.render import Moot, language_of
from booking.reminders.queries.subjects import recipient_of
from booking.reminders.rules import told

CHANNEL = "sms"


def sms_of(session: Session, claimed: Claimed) -> Sms:
    """Return the message of a claimed row. One query. Raises Moot when nobody is there to read it.

    ValueError for a row that cannot be understood.
    """
    reader = recipient_of(session, claimed)
    if reader is None:
        raise Moot("the recipient has left, or it was voided meanwhile")
    facts = told(claimed.parameters)
    if not facts.code or not facts.to:
        raise ValueError("neither code nor number")
    with force_locale(language_of(reader)):
        text = gettext("%(code)s is your code for %(product)s. It works for %(minutes)s minutes.")
        words = {"code": facts.code, "product": product(), "minutes": MINUTES}
        return Sms(facts.to, text % words, facts.code)
