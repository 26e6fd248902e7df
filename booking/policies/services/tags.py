"""Tagging people: a lab's managers for their lab, operators also for the whole park."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject, require
from booking.audit.services import record
from booking.companies.models import Lab
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.core.text import one_line
from booking.policies.models import PersonTag
from booking.policies.rules.settings import LONGEST_TAG, is_tag


def give_tag(
    session: Session, actor: Actor, lab_id: int | None, email: str, tag: str, now: datetime
) -> int:
    """Return the id of a person's tag, given now or before; the lab's, or the park's for None.

    Raises NotFound unless the actor manages the lab, Invalid for an unfit tag or unknown address.
    """
    _require(actor, lab_id)
    if lab_id is not None:
        live(session, Lab, lab_id)
    tag = one_line(tag)
    if not is_tag(tag):
        raise Invalid("not_a_tag", field="tag", limit=LONGEST_TAG)
    address = email.strip().lower()
    # Locked: two managers who give one tag at once give it once.
    query = select(User.id).where(User.email == address, User.retired_at.is_(None))
    user_id = session.execute(query.with_for_update(key_share=True)).scalar()
    if user_id is None:
        raise Invalid("address_unknown", field="email", actual=address)
    place = {"user_id": user_id, "lab_key": lab_id or 0, "tag": tag}
    known = session.scalar(select(PersonTag.id).filter_by(**place))
    if known is not None:
        return known
    row = PersonTag(**place, lab_id=lab_id, given_at=now, given_by_id=actor.user_id)
    session.add(row)
    session.flush()
    record(session, actor, "tag.give", ("user_account", user_id), now,
           after={"tag": tag, "lab": lab_id})  # fmt: skip
    return row.id


def take_tag(session: Session, actor: Actor, tag_id: int, now: datetime) -> None:
    """Take a tag from a person. Raises NotFound unless the actor may give it."""
    row = session.get(PersonTag, tag_id)
    if row is None:
        raise NotFound("tag")
    _require(actor, row.lab_id)
    record(session, actor, "tag.take", ("user_account", row.user_id), now,
           before={"tag": row.tag, "lab": row.lab_id})  # fmt: skip
    session.delete(row)


def _require(actor: Actor, lab_id: int | None) -> None:
    if lab_id is None:
        require(actor, "park.edit")
    else:
        require(actor, "pool.edit", Subject(lab_id=lab_id))
