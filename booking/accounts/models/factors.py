"""What proves a person beside the password, and what was begun and must be finished soon."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class Authenticator(Base):
    """A person's authenticator app. `secret` is sealed; `last_step` is the last time step used."""

    __tablename__ = "authenticator"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)  # None: proves nothing yet
    last_step: Mapped[int] = mapped_column(BigInt, default=0)


class FactorPolicy(Base):
    """Of which roles the park asks a second factor, from when on; the highest id is in force.

    Without any row the settings say so. `roles` are words of `rules.factors.ROLES`.
    """

    __tablename__ = "factor_policy"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    roles: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime] = mapped_column(Instant)
    grace_days: Mapped[int] = mapped_column(BigInt)  # from the first sign-in without one
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))


class RecoveryCode(Base):
    """One of a person's codes for when the other factors are lost; only its hash, works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("code_hash"), Index("ix_recovery_code_user", "user_id"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    code_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Passkey(Base):
    """A passkey, by the name its owner gave it; key and ids as base64url text."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id"), Index("ix_passkey_user", "user_id"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInt, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class BegunStep(Base):
    """Something begun in one browser that ends soon and once; the cookie has the token.

    purpose: second_factor (the password was right), or what a passkey is asked for:
    passkey_add, passkey_sign_in, passkey_second, passkey_again. `challenge` is what it signs.
    """

    __tablename__ = "begun_step"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_begun_step_expires", "expires_at"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    challenge: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class ResetRequest(Base):
    """Somebody typed this address as one whose password is forgotten; a job looks whose it is.

    So the page does the same work for addresses known and unknown.
    """

    __tablename__ = "reset_request"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)


class WrongPassword(Base):
    """Wrong passwords typed for one address of mail, known or not, until a job puts them on record.

    One row an address, so that whoever goes on trying fills no disk, and no audit.
    """

    __tablename__ = "wrong_password"

    email: Mapped[str] = mapped_column(Text, primary_key=True)  # empty for what is no address
    tries: Mapped[int] = mapped_column(BigInt)
    address: Mapped[str] = mapped_column(Text, default="")  # of the last one
    first_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)
