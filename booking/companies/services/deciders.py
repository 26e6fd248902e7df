"""Decider groups: made by an operator for the park, by a lab's managers for their lab."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, require
from booking.audit.services import add, change, record
from booking.companies.models import DeciderGroup, DeciderGroupMember, Lab
from booking.companies.services.memberships import person_called
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.core.text import LINE, one_line

MOST_MEMBERS = 50


def create_decider_group(
    session: Session, actor: Actor, lab_id: int | None, name_zh: str, name_en: str, now: datetime
) -> int:
    """Return the id of a new group of the lab, of the park for None.

    Raises NotFound unless the actor looks after it, Invalid without a name.
    """
    _require(actor, lab_id)
    if lab_id is not None:
        live(session, Lab, lab_id)
    name = one_line(name_zh)[:LINE]
    if not name:
        raise Invalid("required", field="name_zh")
    row = DeciderGroup(lab_id=lab_id, name_zh=name, name_en=one_line(name_en)[:LINE])
    add(session, actor, row, now)
    return row.id


def join_decider_group(
    session: Session, actor: Actor, group_id: int, email: str, now: datetime
) -> int:
    """Return the group's id; the person with this address decides for it from now on.

    Raises NotFound, Invalid for an address nobody has, or when the group is full.
    """
    group = _group(session, actor, group_id)
    user = person_called(session, email)
    members = session.scalars(
        select(DeciderGroupMember.user_id).where(DeciderGroupMember.group_id == group.id)
    ).all()
    if user.id in members:
        return group_id
    if len(members) >= MOST_MEMBERS:
        raise Invalid("too_many_members", field="email", limit=MOST_MEMBERS)
    session.add(DeciderGroupMember(group_id=group.id, user_id=user.id))
    user.has_duties = 1  # it is looked up from now on in which groups they are
    session.flush()
    subject = ("decider_group", group.id)
    record(session, actor, "decider_group.join", subject, now, after={"user_id": user.id})
    return group_id


def leave_decider_group(
    session: Session, actor: Actor, group_id: int, user_id: int, now: datetime
) -> None:
    """Take a person out of a group. Raises NotFound."""
    group = _group(session, actor, group_id)
    row = session.scalars(
        select(DeciderGroupMember).where(
            DeciderGroupMember.group_id == group.id, DeciderGroupMember.user_id == user_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("member")
    session.delete(row)
    subject = ("decider_group", group.id)
    record(session, actor, "decider_group.leave", subject, now, before={"user_id": user_id})


def retire_decider_group(session: Session, actor: Actor, group_id: int, now: datetime) -> None:
    """End a group: it is offered no more; what waits for it goes to the operators in time."""
    group = _group(session, actor, group_id)
    change(session, actor, group, {"retired_at": now}, now, action="retire")


def _group(session: Session, actor: Actor, group_id: int) -> DeciderGroup:
    query = select(DeciderGroup).where(
        DeciderGroup.id == group_id, DeciderGroup.retired_at.is_(None)
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    group = session.scalars(locked).one_or_none()
    if group is None:
        raise NotFound("decider group")
    _require(actor, group.lab_id)
    return group


def _require(actor: Actor, lab_id: int | None) -> None:
    if lab_id is None:
        require(actor, "park.edit")
    else:
        require(actor, "pool.edit", Subject(lab_id=lab_id))
