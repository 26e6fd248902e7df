"""Who somebody is elsewhere: at a single sign-on provider, at WeCom; and codes sent by SMS."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class Identity(Base):
    """A person as `issuer` knows them; whoever it proves to be `subject` signs in as them.

    `label` is what the person recognises it by, such as the address there.
    """

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_identity_user", "user_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    label: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class SpentState(Base):
    """The state of a sign-in that came back: it may not come back again."""

    __tablename__ = "spent_state"

    state_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class Mobile(Base):
    """A person's mobile number, proven by a code; +8613912345678. One person, one number."""

    __tablename__ = "mobile"
    __table_args__ = (UniqueConstraint("user_id"), UniqueConstraint("number"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    number: Mapped[str] = mapped_column(Text)
    verified_at: Mapped[datetime] = mapped_column(Instant)


class SmsCode(Base):
    """A code of six digits sent by SMS, good for a few minutes and tries, once.

    purpose: sign_in, verify. `account` is what was typed: a number, or an address whose person has
    one. `user_id` is whose it is; None: nobody's, nothing was sent, and nothing can be right.
    """

    __tablename__ = "sms_code"
    __table_args__ = (
        # The newest of an account counts; a newer one ends it.
        Index("ix_sms_code_account", "account", "purpose"),
        Index("ix_sms_code_expires", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    code_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(BigInt, default=0)
