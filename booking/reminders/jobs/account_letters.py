"""What is said to a person about their own account: an invitation, a new token."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext

from booking.accounts.forms.tokens import SCOPE_LABELS
from booking.infra.mail import one_line
from booking.reminders.jobs.letters import Letter, letter_to, product
from booking.reminders.jobs.security_letters import about_security
from booking.reminders.queries.subjects import Recipient
from booking.reminders.rules import INVITATION, SECURITY, Told
from booking.web.formats import instant_text

TOKENS_PATH = "/account/tokens"


def about_account(kind: str, told: Told, reader: Recipient, zone: ZoneInfo | None) -> Letter:
    """Return the letter of a message about its reader's account."""
    if kind in SECURITY:
        return about_security(kind, told, reader, zone)
    return _invitation(told, reader) if kind == INVITATION else _token_made(told, reader, zone)


def _invitation(told: Told, reader: Recipient) -> Letter:
    """Return the letter with a person's one-use link, to a first password or another one."""
    words = {"product": product(), "hours": current_app.config["LINK_HOURS"]}
    subject = gettext("You are invited to %(product)s")
    lead = gettext(
        "An account was made for you. Set a password by the link below to find and book the "
        "park's instruments. The link works once, for %(hours)s hours."
    )
    if told.was == "active":
        subject = gettext("Set a new password for %(product)s")
        lead = gettext(
            "The park's service desk made this link for you to set a new password. It works once, "
            "for %(hours)s hours. Using it signs you out elsewhere and ends your API tokens."
        )
    facts = [(gettext("Sign in as"), reader.email)]
    link = (gettext("Set your password"), told.path)
    return letter_to(reader, subject % words, lead % words, facts, link)


def _token_made(told: Told, reader: Recipient, zone: ZoneInfo | None) -> Letter:
    subject = gettext("New API token: %(name)s") % {"name": _name(told)}
    lead = gettext(
        "A new API token was made for your account. Whoever has it acts in your name. If this "
        "was not you, end it at once and change your password."
    )
    link = (gettext("Look at my tokens"), TOKENS_PATH)
    return letter_to(reader, subject, lead, _facts(told, zone), link)


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
