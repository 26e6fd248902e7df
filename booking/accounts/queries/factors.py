"""Reads of second factors and of where a person is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from booking.accounts.models import (
    Authenticator,
    KnownDevice,
    Passkey,
    RecoveryCode,
    UserSession,
)


@dataclass(frozen=True, slots=True)
class Ways:
    """What a person can prove themselves with beside the password."""

    authenticator: bool
    passkeys: int
    codes: int  # recovery codes left

    @property
    def any_code(self) -> bool:
        """Return whether there is a code to type."""
        return self.authenticator or self.codes > 0

    @property
    def any(self) -> bool:
        """Return whether there is a second factor."""
        return self.authenticator or self.passkeys > 0


def ways_of(session: Session, user_id: int) -> Ways:
    """Return what second factors a person has. One query."""
    app, keys, codes = session.execute(
        select(
            exists().where(
                Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None)
            ),
            select(func.count(Passkey.id)).where(Passkey.user_id == user_id).scalar_subquery(),
            select(func.count(RecoveryCode.id))
            .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
            .scalar_subquery(),
        )
    ).one()
    return Ways(bool(app), keys, codes)


def other_devices(session: Session, user_id: int, but: Sequence[str]) -> list[KnownDevice]:
    """Return the devices a person is known by, last used first, without those of these hashes."""
    return list(
        session.scalars(
            select(KnownDevice)
            .where(KnownDevice.user_id == user_id, KnownDevice.token_hash.not_in(but))
            .order_by(KnownDevice.last_used_at.desc(), KnownDevice.id.desc())
            .limit(200)
        )
    )


def live_sessions(
    session: Session, user_id: int, now: datetime, idle_days: int, max_days: int
) -> list[UserSession]:
    """Return where a person is signed in now, last used first."""
    return list(
        session.scalars(
            select(UserSession)
            .where(
                UserSession.user_id == user_id,
                UserSession.ended_at.is_(None),
                UserSession.created_at > now - timedelta(days=max_days),
                UserSession.last_seen_at > now - timedelta(days=idle_days),
            )
            .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
            .limit(200)
        )
    )
