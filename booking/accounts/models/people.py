"""People and what proves who they are: sessions, tokens, one-use links."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class User(Base):
    """A person. `email` is stored in lower case; without a password no sign-in is possible."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text, default="")
    password_hash: Mapped[str | None] = mapped_column(Text)
    park_role: Mapped[str | None] = mapped_column(Text)  # operator, administrator, auditor
    locale: Mapped[str | None] = mapped_column(Text)
    # A second factor has been there since; None: none now. Kept by `services.factors`.
    factor_since: Mapped[datetime | None] = mapped_column(Instant)
    # Signed in first without the one the park asks for: days of grace count from here.
    factor_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    # 0 or 1: mail when somebody signs in from a device or place not seen before.
    sign_in_alerts: Mapped[int] = mapped_column(BigInt, default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    # 1: is in a decider group or has stood in for somebody; only then is that looked up
    has_duties: Mapped[int] = mapped_column(BigInt, default=0, server_default="0")


class UserSession(Base):
    """A signed-in browser; the cookie carries a random token, the row only its hash."""

    __tablename__ = "user_session"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_user_session_user", "user_id"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)  # last proof; None: at its start
    address: Mapped[str] = mapped_column(Text, default="")
    user_agent: Mapped[str] = mapped_column(Text, default="")
    # Of its KnownDevice, which may be forgotten since; empty: begun before devices were known.
    device_hash: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))


class KnownDevice(Base):
    """A browser a person has signed in from; its long-lived cookie has the token.

    Several persons may share a browser: each has a row. Forgotten: the row goes, and the next
    sign-in from there is one from a new device.
    """

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("user_id", "token_hash"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    token_hash: Mapped[str] = mapped_column(Text)
    user_agent: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime] = mapped_column(Instant)  # signed in from there


class ApiToken(Base):
    """A bearer token, shown once; scopes are space-separated: read, book, approve.

    `for_park`: made on the command line by whoever runs the park, for a program of the park's.
    """

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_api_token_user", "user_id"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(Text, default="")
    scopes: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    for_park: Mapped[int] = mapped_column(BigInt, default=0, server_default="0")


class OneTimeLink(Base):
    """A one-use link sent or printed; purpose: set_password, reset_password, change_email.

    `detail` is the new address of change_email.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    purpose: Mapped[str] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
