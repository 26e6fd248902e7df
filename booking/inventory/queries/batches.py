"""Reads of import batches; only who may import units asks for them."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, undefer

from booking.accounts.models import User
from booking.companies.models import Institution, Lab, Site
from booking.core.errors import NotFound
from booking.core.table import Sheet
from booking.inventory.models import ImportBatch
from booking.inventory.rules.batches import sheet_of

# A list to pick from while typing; longer ones are typed.
MOST_NAMES = 500
WAITING = ("uploaded", "parsing", "applying")


def batches() -> Select[ImportBatch, str | None]:
    """Return the query of all batches with who gave them, the last first."""
    return (
        select(ImportBatch, User.name)
        .outerjoin(User, User.id == ImportBatch.user_id)
        .order_by(ImportBatch.id.desc())
    )


def batch_at(session: Session, batch_id: int) -> ImportBatch:
    """Return a batch with its preview. Raises NotFound."""
    batch = session.get(ImportBatch, batch_id, options=[undefer(ImportBatch.preview)])
    if batch is None:
        raise NotFound("import")
    return batch


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition of batches with work left that nobody is at."""
    free = or_(ImportBatch.claimed_until.is_(None), ImportBatch.claimed_until <= now)
    return and_(ImportBatch.state.in_(WAITING), free, ImportBatch.expires_at > now)


def any_due(session: Session, now: datetime) -> bool:
    """Return whether a claim would find a batch; one plain read."""
    return session.scalars(select(ImportBatch.id).where(is_due(now)).limit(1)).first() is not None


def kept_sheet(session: Session, batch_id: int) -> Sheet | None:
    """Return the sheet a batch was read into, None if it could not be or is forgotten."""
    text = session.scalar(select(ImportBatch.rows).where(ImportBatch.id == batch_id))
    return sheet_of(text) if text else None


def party_names(session: Session) -> dict[str, list[str]]:
    """Return the names that can be typed: `institutions`, `sites` and `labs`, each once."""
    tables: dict[str, type[Institution] | type[Site] | type[Lab]]
    tables = {"institutions": Institution, "sites": Site, "labs": Lab}
    return {
        kind: list(
            session.scalars(
                select(table.name_zh)
                .where(table.retired_at.is_(None))
                .group_by(table.name_zh)
                .order_by(table.name_zh)
                .limit(MOST_NAMES)
            )
        )
        for kind, table in tables.items()
    }
