"""Reads of whom a second factor is asked."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import FactorPolicy, User
from booking.accounts.rules.factors import Required, roles_of
from booking.core.actor import Actor
from booking.infra.settings import second_factor_roles


def required_by_settings() -> Required:
    """Return what the settings ask, which hold until the operator has said otherwise."""
    config = current_app.config
    return Required(second_factor_roles(config), None, int(config["SECOND_FACTOR_GRACE_DAYS"]))


def required_by(roles: str, from_at: datetime, grace_days: int) -> Required:
    """Return what a row of FactorPolicy asks."""
    return Required(frozenset(roles.split()), from_at, grace_days)


def factor_policy(session: Session) -> FactorPolicy | None:
    """Return what the operator has said last, None for nothing. One query."""
    return session.scalars(select(FactorPolicy).order_by(FactorPolicy.id.desc()).limit(1)).first()


def required(session: Session) -> Required:
    """Return of whom a second factor is asked now. One query."""
    row = factor_policy(session)
    if row is None:
        return required_by_settings()
    return required_by(row.roles, row.from_at, row.grace_days)


def proves_twice(session: Session, actor: Actor) -> bool:
    """Return whether it takes two factors to be this person: they have a second, or need one."""
    since = select(User.factor_since).where(User.id == actor.user_id)
    if session.scalars(since).one() is not None:
        return True
    return bool(roles_of(actor) & required(session).roles)
