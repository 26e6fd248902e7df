"""Proving and changing a password."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import user_by_email
from booking.accounts.rules.passwords import MAX_PASSWORD, MIN_PASSWORD, refused
from booking.accounts.services.links import end_links
from booking.accounts.services.notices import PASSWORD_CHANGED, notify
from booking.accounts.services.sessions import end_sessions
from booking.accounts.services.steps import end_steps
from booking.accounts.services.tokens import end_all_tokens
from booking.audit.services import record
from booking.companies.models import Company, Institution, Membership, Site
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.infra.common_passwords import common_passwords
from booking.infra.passwords import Hashed, hash_password, verify_password

# What this system is about: the first guesses of who knows where a password belongs.
SITE_WORDS = (
    "booking", "instrument", "instruments", "reservation", "yiqi", "yuyue", "yiqiyuyue",
    "gongxiang", "仪器", "预约", "仪器预约",
)  # fmt: skip


def check_password(session: Session, email: str, password: str) -> int | None:
    """Return the id of the active person with this address and password, else None.

    Does the same work for an unknown address, so that its time tells nothing. Only reads.
    """
    user = user_by_email(session, email)
    stored = user.password_hash if user is not None and user.retired_at is None else None
    matches = verify_password(stored, password)
    return user.id if matches and user is not None else None


def proven_hash(session: Session, user_id: int, password: str) -> Hashed:
    """Return the person's stored hash, which `password` matches.

    Only reads, and takes some 20 ms: to be called before the transaction that relies on it.
    Raises Invalid on field current_password.
    """
    stored = session.get_one(User, user_id).password_hash
    if stored is None or not verify_password(stored, password):
        raise Invalid("wrong_password", field="current_password")
    return Hashed(stored)


def fit_hash(session: Session, user_id: int, password: str) -> Hashed:
    """Return the hash of a new password, fit for this person.

    Only reads, and takes some 20 ms: to be called before the transaction that stores it.
    Raises Invalid on field new_password.
    """
    code = refused(password, _own_words(session, user_id), common_passwords())
    if code is not None:
        raise Invalid(code, field="new_password", limit=MIN_PASSWORD, most=MAX_PASSWORD)
    return hash_password(password)


def change_password(
    session: Session, actor: Actor, proven: Hashed, new: Hashed, now: datetime, *, end_tokens: bool
) -> None:
    """Set a new password and end every session and link of the person; the view starts a new one.

    `proven` is of `proven_hash`, `new` of `fit_hash`; `end_tokens` ends their API tokens too.
    Raises Invalid on field current_password when it was changed since it was proven.
    """
    changed = session.execute(
        update(User)
        .where(User.id == actor.user_id, User.password_hash == proven)
        .values(password_hash=new)
        .returning(User.id)
    ).scalar_one_or_none()
    if changed is None:
        raise Invalid("wrong_password", field="current_password")
    end_sessions(session, actor.user_id, now)
    # A link to a new password or address, asked for by whoever knew the old one, is worth no more.
    end_links(session, actor.user_id, now)
    ended = end_all_tokens(session, actor.user_id, now) if end_tokens else 0
    subject = ("user", actor.user_id)
    record(session, actor, "password.change", subject, now, after={"tokens_ended": ended})
    end_steps(session, actor.user_id)
    notify(session, actor.user_id, PASSWORD_CHANGED, now)


def _own_words(session: Session, user_id: int) -> list[str]:
    """Return what is known of the person: name, address, companies, park. Three queries."""
    person = session.get_one(User, user_id)
    words = [*SITE_WORDS, person.name, person.phone, *person.email.split("@")]
    words.append(urlsplit(str(current_app.config["PUBLIC_BASE_URL"])).hostname or "")
    for names in (
        select(Company.name_zh, Company.name_en).join(
            Membership, Membership.company_id == Company.id
        ),
        select(Institution.name_zh, Institution.name_en).join(
            Membership, Membership.institution_id == Institution.id
        ),
    ):
        own = session.execute(names.where(Membership.user_id == user_id))
        words += [name for row in own for name in row]
    sites = session.execute(select(Site.name_zh, Site.name_en).limit(20))
    return [*words, *(name for row in sites for name in row)]
