"""What is said to a person about their own account: an invitation, a new token."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.accounts.forms.tokens import SCOPE_LABELS
from booking.infra.mail import one_line
from booking.reminders.jobs.letters import Letter, foot, greeting, invitation
from booking.reminders.jobs.security_letters import about_security
from booking.reminders.queries import Recipient
from booking.reminders.rules import INVITATION, SECURITY, Told
from booking.web.formats import instant_text
from booking.web.links import public_url

TOKENS_PATH = "/account/tokens"


def about_account(kind: str, told: Told, reader: Recipient, zone: ZoneInfo | None) -> Letter:
    """Return the letter of a message about its reader's account."""
    if kind in SECURITY:
        return about_security(kind, told, reader, zone)
    return invitation(told, reader) if kind == INVITATION else _token_made(told, reader, zone)


def _token_made(told: Told, reader: Recipient, zone: ZoneInfo | None) -> Letter:
    return Letter(
        subject=gettext("New API token: %(name)s") % {"name": _name(told)},
        greeting=greeting(reader),
        lead=gettext(
            "A new API token was made for your account. Whoever has it acts in your name. If this "
            "was not you, end it at once and change your password."
        ),
        facts=tuple(_facts(told, zone)),
        link_label=gettext("Look at my tokens"),
        link=public_url(TOKENS_PATH),
        foot=foot(),
    )


def _facts(told: Told, zone: ZoneInfo | None) -> Iterator[tuple[str, str]]:
    yield gettext("Name"), _name(told)
    words = [str(SCOPE_LABELS[word]) for word in told.scopes if word in SCOPE_LABELS]
    yield gettext("It may"), "; ".join(words)
    yield (
        gettext("Works until"),
        instant_text(told.until, zone) if told.until else gettext("no end"),
    )


def _name(told: Told) -> str:
    return one_line(told.name) or gettext("made by command")
