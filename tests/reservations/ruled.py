"""Rules, quotas and qualifications set directly, each with a new edition of the book."""

import json

from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.inventory.models import Pool
from booking.policies.models import Qualification, QuotaRow, RuleEdition, RuleValue
from tests import factories
from tests.conftest import NOW


def new_edition(session: Session) -> None:
    """Give the book a new number, as each change of a rule does."""
    edition = session.get(RuleEdition, 1)
    if edition is None:
        session.add(RuleEdition(id=1, number=1))
    else:
        edition.number += 1
    session.commit()


def set_rule(
    session: Session, rule: str, value: object, group: str = "", pool: Pool | None = None
) -> None:
    """Set a rule on a pool, else for the whole park."""
    kind, _, key = group.partition(":")
    session.add(
        RuleValue(
            scope_kind="pool" if pool else "park", scope_key=str(pool.id) if pool else "",
            rule=rule, value=json.dumps(value), group_kind=kind, group_key=key, set_at=NOW,
        )
    )  # fmt: skip
    new_edition(session)


def set_quota(session: Session, pool: Pool | None = None, **more: object) -> QuotaRow:
    """Return a quota for each person's reservations of a pool, else of the whole park."""
    plain = {
        "scope_kind": "pool" if pool else "park", "scope_key": str(pool.id) if pool else "",
        "subject": "person", "measure": "count", "period": "future", "amount": 1, "set_at": NOW,
    }  # fmt: skip
    row = factories.keep(session, QuotaRow(**{**plain, **more}))
    new_edition(session)
    return row


def qualify(session: Session, person: User, pool: Pool, level: int, **more: object) -> None:
    """Write down that a person may operate a pool at a level."""
    row = {"user_id": person.id, "pool_id": pool.id, "level": level, "granted_at": NOW, **more}
    factories.keep(session, Qualification(**row))
