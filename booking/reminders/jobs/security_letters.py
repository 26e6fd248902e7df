"""What is said about the safety of an account: sign-ins, passwords, addresses, factors."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.infra.mail import one_line
from booking.reminders.jobs.letters import Letter, letter_to, product
from booking.reminders.queries.subjects import Recipient
from booking.reminders.rules import Told
from booking.web.formats import instant_text
from booking.web.rule_texts import N_

SECURITY_PATH = "/account/security"


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    lead: str
    link: str = N_("Sign-in and security")


NOT_YOU = N_("If it was not you, sign out all other devices there and change your password.")
WORDS = {
    "new_sign_in": _Words(
        N_("New sign-in to %(product)s"),
        N_("Somebody signed in to your account from a device not known yet."),
    ),
    "password_changed": _Words(
        N_("Your password for %(product)s was changed"),
        N_("Your password was changed, and your other devices were signed out."),
    ),
    "reset_password": _Words(
        N_("Set a new password for %(product)s"),
        N_(
            "Somebody asked for a link to a new password of your account. It works once, within "
            "an hour; using it signs you out elsewhere and ends your API tokens. If it was not "
            "you, do nothing: your password stays."
        ),
        N_("Set a new password"),
    ),
    "confirm_email": _Words(
        N_("Confirm this address for %(product)s"),
        N_(
            "You asked to sign in with this address from now on. Open the link within an hour, in "
            "the browser in which you are signed in. If it was not you, do nothing."
        ),
        N_("Confirm the address"),
    ),
    "email_changed": _Words(
        N_("You now sign in to %(product)s with another address"),
        N_(
            "The address of your account was changed to %(what)s; this one no longer works. If it "
            "was not you, write to the park's service desk at once."
        ),
    ),
    "ways_changed": _Words(N_("How you sign in to %(product)s was changed"), ""),
    "wrong_factors": _Words(
        N_("Wrong codes for your account of %(product)s"),
        N_(
            "Somebody tried to prove a second factor of your account and was wrong %(left)s times "
            "today. They may know your password."
        ),
    ),
    "factor_needed": _Words(
        N_("Please add a second factor to your account of %(product)s"),
        N_(
            "Your role needs a second factor by %(until)s: a passkey, or an app that shows codes. "
            "It takes two minutes. After that nothing else opens until you have one."
        ),
    ),
    "erasure_refused": _Words(
        N_("Your request to be erased at %(product)s was refused"),
        N_(
            "The park's operator did not carry your request out, for the reason below. You may ask "
            "again, complain to the park, or to the authority for personal information."
        ),
        N_("My data"),
    ),
    "factors_changed": _Words(N_("The second factor of your account for %(product)s"), ""),
}
CHANGES = {
    "authenticator_added": N_(
        "An authenticator app was added. Your other devices were signed out."
    ),
    "authenticator_removed": N_("The authenticator app was removed."),
    "passkey_added": N_("A passkey was added."),
    "passkey_removed": N_("A passkey was removed."),
    "all_removed": N_(
        "The park's service desk took your second factors off. You sign in with your password "
        "alone until you add one again."
    ),
    "identity_connected": N_("An account elsewhere was connected: it signs in as you now."),
    "identity_disconnected": N_("An account elsewhere was disconnected."),
    "mobile_proven": N_("A mobile number was proven: codes sent to it sign in as you now."),
    "mobile_dropped": N_("The mobile number was taken off."),
    "recovery_codes": N_("New recovery codes were made; those before have ended."),
    "recovery_used": N_("A recovery code was used; %(left)s are left."),
}
WITHOUT_WARNING = (
    "reset_password", "confirm_email", "email_changed", "factor_needed", "erasure_refused",
)  # fmt: skip


def about_security(kind: str, told: Told, reader: Recipient, zone: ZoneInfo | None) -> Letter:
    """Return the letter about an account, times in the park's zone."""
    words = WORDS[kind]
    names = {"product": product(), "what": one_line(told.what), "left": told.left}
    names["until"] = instant_text(told.until, zone) if told.until else ""
    lead = gettext(words.lead or CHANGES[told.what]) % names
    if kind not in WITHOUT_WARNING:
        lead = f"{lead} {gettext(NOT_YOU)}"
    link = (gettext(words.link), told.path or SECURITY_PATH)
    return letter_to(reader, gettext(words.subject) % names, lead, _facts(told, zone), link)


def _facts(told: Told, zone: ZoneInfo | None) -> Iterator[tuple[str, str]]:
    if told.at is not None:
        yield gettext("Time"), instant_text(told.at, zone)
    if told.device:
        yield gettext("Device"), one_line(told.device)
    if told.address:
        yield gettext("Network address"), one_line(told.address)
    if told.reason:
        yield gettext("Reason"), told.reason
