"""Inviting people, changing what is known of them, and ending their access."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken, OneTimeLink, User, UserSession
from booking.accounts.rules.permissions import may, require
from booking.accounts.services.links import create_link
from booking.accounts.services.people import (
    ADMINISTRATOR,
    AUDITOR,
    OPERATOR,
    PARK_ROLES,
    create_user,
    keep_one,
    make_operator,
    restore_user,
    set_park_role,
    take_operator,
)
from booking.audit.services import record
from booking.companies.services.memberships import (
    LabPlace,
    PartyPlace,
    live_person,
    place_in_lab,
    place_in_party,
)
from booking.core.actor import Actor
from booking.core.errors import Forbidden, Invalid, NotFound, WrongState
from booking.core.text import one_line, tidy
from booking.infra.outbox import Message, enqueue, void
from booking.infra.secret import token_hash

INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A person to invite, and where they start."""

    email: str
    name: str = ""
    phone: str = ""
    party: PartyPlace | None = None
    lab: LabPlace | None = None


@dataclass(frozen=True, slots=True)
class PersonFields:
    """What may be changed of a person."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited, and the path of the one-use link they set their password with."""

    user_id: int
    path: str


# The page that takes the token; `services` know no routes, so the caller says how a path is made.
PathOf = Callable[[str], str]


def invite_person(
    session: Session, actor: Actor, invitation: Invitation, path_of: PathOf, now: datetime
) -> Invited:
    """Create a person with a one-use link, sent to them too, and give them their first places.

    Raises Invalid (address unfit or taken, unknown role), NotFound, WrongState for retired places.
    """
    require(actor, "park.edit")
    user = create_user(
        session, actor, invitation.email, one_line(invitation.name), now, invitation.phone
    )
    if invitation.party is not None:
        place_in_party(session, actor, user.id, invitation.party, now)
    if invitation.lab is not None:
        place_in_lab(session, actor, user.id, invitation.lab, now)
    return send_invitation(session, actor, user.id, path_of, now)


def send_invitation(
    session: Session, actor: Actor, user_id: int, path_of: PathOf, now: datetime
) -> Invited:
    """Make a new one-use link and send it, with or without a password before; earlier ones end."""
    require(actor, "park.edit")
    user = live_person(session, user_id)
    _require_over(actor, user)  # the link lets whoever made it in as that person
    hours = int(current_app.config["LINK_HOURS"])
    token = create_link(session, user.id, hours, now)
    path, about = path_of(token), f"user:{user.id}"
    void(session, about, (INVITATION,))
    told = {"path": path} | ({"was": "active"} if user.password_hash else {})
    message = Message(
        dedupe_key=f"{about}:{INVITATION}:{int(now.timestamp())}:{token_hash(token)[:16]}",
        kind=INVITATION, recipient_id=user.id, subject_ref=about, due_at=now,
        useful_until=now + timedelta(hours=hours), parameters=json.dumps(told),
    )  # fmt: skip
    enqueue(session, [message], now)
    record(session, actor, "user.invite", ("user", user.id), now)
    return Invited(user.id, path)


def edit_person(
    session: Session, actor: Actor, user_id: int, name: str, phone: str, now: datetime
) -> int:
    """Return `user_id` after writing name and phone. Raises NotFound, Invalid, WrongState."""
    require(actor, "park.edit")
    user = live_person(session, user_id)
    _require_over(actor, user)
    fields = tidy(PersonFields(name, phone), required=("name",))
    told = [
        f"{label}: {old} → {new}"
        for label, old, new in (
            ("name", user.name, fields.name), ("phone", user.phone, fields.phone),
        )
        if old != new
    ]  # fmt: skip
    user.name, user.phone = fields.name, fields.phone
    if told:
        # Personal text goes where erasing the person can find it, not into before and after.
        record(session, actor, "user.edit", ("user", user.id), now, reason="; ".join(told))
    return user_id


def lock_person(session: Session, user_id: int) -> None:
    """Lock a person against a change, and anybody who comes to refer to them, as bookings do."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update())


def end_access(session: Session, actor: Actor, user_id: int, now: datetime) -> None:
    """Retire a person: no sign-in, session, token or link of theirs works any more.

    Their places stay written down. What they still hold is looked at by
    `reservations.services.retiring.retire_person`, which calls this.
    Raises WrongState for oneself, and for the last operator who can sign in.
    """
    require(actor, "park.edit")
    if user_id == actor.user_id:
        raise WrongState("yourself")
    user = live_person(session, user_id)
    _require_over(actor, user)
    keep_one(session, actor, user)
    user.retired_at = now
    for table, ended in (
        (UserSession, {"ended_at": now}), (ApiToken, {"revoked_at": now}),
        (OneTimeLink, {"used_at": now}),
    ):  # fmt: skip
        column = getattr(table, next(iter(ended)))
        session.execute(
            update(table).where(table.user_id == user_id, column.is_(None)).values(ended)
        )
    void(session, f"user:{user_id}", (INVITATION,))
    record(session, actor, "user.retire", ("user", user_id), now)


def restore_person(session: Session, actor: Actor, user_id: int, now: datetime) -> None:
    """Let a retired person sign in again, with the password they had. Raises NotFound."""
    require(actor, "park.edit")
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("person")
    _require_over(actor, user)
    if user.retired_at is not None:
        restore_user(session, actor, user, now)


def grant_operator(session: Session, actor: Actor, user_id: int, now: datetime) -> None:
    """Make a person an operator of the park. Raises NotFound, WrongState when retired."""
    require(actor, "park.edit")
    user = live_person(session, user_id)
    _require_over(actor, user)
    if user.park_role != OPERATOR:
        make_operator(session, actor, user, now)


def end_operator(session: Session, actor: Actor, user_id: int, now: datetime) -> None:
    """Take the operator role from a person, oneself included.

    Raises NotFound, WrongState `last_operator` when nobody else who has it can sign in.
    """
    require(actor, "park.edit")
    user = live_person(session, user_id)
    if user.park_role == OPERATOR:
        take_operator(session, actor, user, now)


def give_park_role(session: Session, actor: Actor, user_id: int, role: str, now: datetime) -> int:
    """Return `user_id` after giving the person one of PARK_ROLES, or none for an empty `role`.

    It takes the place of what they were before. Raises NotFound unless administrator, Invalid for
    an unknown role, WrongState when retired or when nobody would be left in the role before.
    """
    require(actor, "park.roles")
    if role and role not in PARK_ROLES:
        raise Invalid("unknown_choice", field="role", actual=role)
    user = live_person(session, user_id)
    if (user.park_role or "") != role:
        keep_one(session, actor, user)
        set_park_role(session, actor, user, role or None, now)
    return user_id


def _require_over(actor: Actor, user: User) -> None:
    """Raise Forbidden for what only an administrator does to administrators and auditors."""
    above = user.park_role in (ADMINISTRATOR, AUDITOR) and user.id != actor.user_id
    if above and not may(actor, "park.roles"):
        raise Forbidden
