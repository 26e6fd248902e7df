"""What reservations are called in calendars, wherever one is written: in mail, files, feeds."""

from email.utils import parseaddr

from flask import current_app

from booking.infra.mail import domain_of


def uid_of(what: str) -> str:
    """Return the UID for life of a thing, `reservation-REFERENCE` for a reservation."""
    return f"{what}@{domain_of(current_app.config['PUBLIC_BASE_URL'])}"


def organizer() -> str:
    """Return the address that every entry is from."""
    return parseaddr(current_app.config["MAIL_FROM"])[1]
