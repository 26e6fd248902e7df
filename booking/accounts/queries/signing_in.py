"""Reads of people, sessions, tokens and of what a person is where."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken, FactorPolicy, OneTimeLink, User, UserSession
from booking.accounts.queries.requiring import required_by
from booking.accounts.queries.tokens import works
from booking.accounts.rules.factors import Required
from booking.infra.db import Instant, run
from booking.infra.secret import token_hash
from booking.privacy.models import Consent, Policy


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person proven by a session or a token. `session_id` None: by a token."""

    user_id: int
    name: str
    email: str
    locale: str | None
    park_role: str | None
    session_id: int | None
    last_seen_at: datetime | None
    scopes: frozenset[str] | None
    token_id: int | None = None
    must_agree: bool = False  # to the privacy policy in force, before anything else
    proven_at: datetime | None = None
    factor_since: datetime | None = None  # a second factor is there since
    asked_at: datetime | None = None  # one is asked for since, where the person's roles need it
    has_duties: bool = False
    required: Required | None = None  # what the operator asks of second factors; None: the settings


def anybody(session: Session) -> bool:
    """Return whether there is any person, retired ones included."""
    return session.scalars(select(User.id).limit(1)).first() is not None


# Built once: one of them is asked in every request.
_PERSON = (User.id, User.name, User.email, User.locale, User.park_role, User.has_duties)
# Within the same statement, as it is asked for each page.
_AGREED = select(func.max(Consent.version)).where(Consent.user_id == User.id).scalar_subquery()
_IN_FORCE = select(func.max(Policy.version)).scalar_subquery()
_MUST_AGREE = func.coalesce(_IN_FORCE, 0) > func.coalesce(_AGREED, 0)
_LAST_POLICY = select(func.max(FactorPolicy.id)).correlate(None).scalar_subquery()
_BY_SESSION = (
    select(
        *_PERSON,
        UserSession.id,
        UserSession.last_seen_at,
        func.coalesce(UserSession.proven_at, UserSession.created_at, type_=Instant),
        User.factor_since,
        func.coalesce(User.factor_asked_at, UserSession.created_at, type_=Instant),
        _MUST_AGREE,
        FactorPolicy.roles,
        FactorPolicy.from_at,
        FactorPolicy.grace_days,
    )
    .join(User, User.id == UserSession.user_id)
    .outerjoin(FactorPolicy, FactorPolicy.id == _LAST_POLICY)
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.ended_at.is_(None),
        UserSession.created_at > bindparam("oldest"),
        UserSession.last_seen_at > bindparam("idle"),
        User.retired_at.is_(None),
    )
)
_BY_TOKEN = (
    select(
        *_PERSON,
        ApiToken.last_used_at,
        ApiToken.scopes,
        ApiToken.id,
        # Who runs the park is the one whose policy it is.
        and_(_MUST_AGREE, ApiToken.for_park == 0),
    )
    .join(User, User.id == ApiToken.user_id)
    .where(
        ApiToken.token_hash == bindparam("token_hash"),
        works(bindparam("now")),
        User.retired_at.is_(None),
    )
)


def user_by_email(session: Session, email: str) -> User | None:
    """Return the person with this address, whatever its case; None if there is none."""
    return session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()


def signed_in_by_session(
    session: Session, token: str, now: datetime, idle_days: int, max_days: int
) -> SignedIn | None:
    """Return the person of a live session of an active account, else None. One query."""
    wanted = {
        "token_hash": token_hash(token),
        "oldest": now - timedelta(days=max_days),
        "idle": now - timedelta(days=idle_days),
    }
    row = run(session, _BY_SESSION, wanted).one_or_none()
    if row is None:
        return None
    user_id, name, email, locale, park_role, duties, session_id, *times = row[:-4]
    must_agree, roles, from_at, grace_days = row[-4:]
    seen_at, proven_at, factor_since, asked_at = times
    return SignedIn(
        user_id, name, email, locale, park_role, session_id, seen_at, None,
        proven_at=proven_at, factor_since=factor_since, asked_at=asked_at,
        must_agree=bool(must_agree), has_duties=bool(duties),
        required=None if roles is None else required_by(roles, from_at, grace_days),
    )  # fmt: skip


def signed_in_by_token(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Return the person of a live API token with its scopes, else None. One query."""
    wanted = {"token_hash": token_hash(token), "now": now}
    row = run(session, _BY_TOKEN, wanted).one_or_none()
    if row is None:
        return None
    user_id, name, email, locale, park_role, duties, used_at, words, token_id, must_agree = row
    person = (user_id, name, email, locale, park_role)
    scopes = frozenset(words.split())
    return SignedIn(
        *person, None, used_at, scopes, token_id, bool(must_agree), has_duties=bool(duties)
    )


def usable_link(session: Session, token: str, purpose: str, now: datetime) -> OneTimeLink | None:
    """Return the unused, unexpired link of an active person with this token, else None."""
    return session.scalars(
        select(OneTimeLink)
        .join(User, User.id == OneTimeLink.user_id)
        .where(
            User.retired_at.is_(None),
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
    ).one_or_none()
