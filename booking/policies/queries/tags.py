"""The tags of people: groups that a lab's manager, or an operator, puts them in."""

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.queries.lists import found_in
from booking.infra.db import run
from booking.policies.models import PersonTag

_TAGS = select(PersonTag.tag).where(
    PersonTag.user_id == bindparam("user_id"),
    PersonTag.lab_key.in_((0, bindparam("lab_id"))),
)


def tags_of(session: Session, user_id: int, lab_id: int) -> frozenset[str]:
    """Return a person's tags at the pools of a lab: the lab's own and the park's. One query."""
    rows = run(session, _TAGS, {"user_id": user_id, "lab_id": lab_id})
    return frozenset(row.tag for row in rows)


def tagged(lab_id: int | None, q: str) -> Select[PersonTag, User]:
    """Return a query for (PersonTag, User) of a lab, or of the park, by tag and name."""
    return (
        select(PersonTag, User)
        .join(User, User.id == PersonTag.user_id)
        .where(
            PersonTag.lab_key == (lab_id or 0), found_in(q, User.name, User.email, PersonTag.tag)
        )
        .order_by(PersonTag.tag, User.name, PersonTag.id)
    )
