"""Forgetting in time: what settings say is kept no longer, some rows at a time."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, or_, select, update
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken, OneTimeLink, UserSession
from booking.audit.models import Audit, AuditPersonal
from booking.infra.outbox import DEAD, MISSED, SENT, VOID, Outbox
from booking.infra.rate import RateWindow

AT_ONCE = 500


def forget_sessions(session: Session, now: datetime, days: int) -> int:
    """Return how many sessions were removed that ended, or were last used, so many days ago."""
    before = now - timedelta(days=days)
    old = or_(UserSession.ended_at < before, UserSession.last_seen_at < before)
    return _delete(session, UserSession, old)


def forget_proofs(session: Session, now: datetime, days: int) -> int:
    """Return how many links and tokens were removed that stopped working so many days ago."""
    before = now - timedelta(days=days)
    ended = or_(ApiToken.revoked_at < before, ApiToken.expires_at < before)
    return _delete(session, ApiToken, ended) + _delete(
        session, OneTimeLink, OneTimeLink.expires_at < before
    )


def forget_letters(session: Session, now: datetime, days: int) -> int:
    """Return how many messages so many days old were emptied; that they went, stays."""
    before = now - timedelta(days=days)
    done = Outbox.state.in_((SENT, VOID, MISSED, DEAD))
    full = or_(Outbox.parameters != "{}", Outbox.error.is_not(None))
    old = select(Outbox.id).where(Outbox.created_at < before, done, full)
    ids = list(session.scalars(old.order_by(Outbox.id).limit(AT_ONCE)))
    session.execute(update(Outbox).where(Outbox.id.in_(ids)).values(parameters="{}", error=None))
    return len(ids)


def forget_reasons(session: Session, now: datetime, days: int) -> int:
    """Return how many personal texts of audit rows so many days old were removed."""
    old = (
        select(AuditPersonal.audit_id)
        .join(Audit, Audit.id == AuditPersonal.audit_id)
        .where(Audit.at < now - timedelta(days=days))
        .limit(AT_ONCE)
    )
    ids = session.scalars(old).all()
    session.execute(delete(AuditPersonal).where(AuditPersonal.audit_id.in_(ids)))
    return len(ids)


def forget_rates(session: Session, now: datetime) -> int:
    """Return how many windows of rate limits were removed that are over."""
    over = delete(RateWindow).where(RateWindow.expires_at <= now).returning(RateWindow.key)
    return len(session.scalars(over).all())


def _delete(session: Session, model: Any, old: Any) -> int:
    table = cast(Table, model.__table__)
    ids = session.scalars(select(table.c.id).where(old).order_by(table.c.id).limit(AT_ONCE)).all()
    session.execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)
