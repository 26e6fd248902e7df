"""Who messages to people without an account go to: the address stands in what they are about."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import CompanyApplication, CompanyInvitation


def strangers(session: Session, references: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return reference → (name, address) of applications and invitations. At most two queries."""
    found: dict[str, tuple[str, str]] = {}
    wanted = set(references)
    for word, table, name in (
        ("application", CompanyApplication, CompanyApplication.contact),
        ("invitation", CompanyInvitation, CompanyInvitation.name),
    ):
        ids = [number for ref in wanted if (number := _number(ref, word)) is not None]
        if ids:
            rows = session.execute(select(table.id, name, table.email).where(table.id.in_(ids)))
            found |= {f"{word}:{key}": (called or email, email) for key, called, email in rows}
    return found


def _number(reference: str, word: str) -> int | None:
    what, _colon, number = reference.partition(":")
    return int(number) if what == word and number.isdecimal() else None
