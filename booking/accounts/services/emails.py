"""Changing the address a person signs in with: proven at the new one, told to the old one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import usable_link, user_by_email
from booking.accounts.services import links
from booking.accounts.services.notices import CONFIRM_EMAIL, EMAIL_CHANGED, notify
from booking.accounts.services.people import fit_address
from booking.accounts.services.resets import PathOf, life
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.infra.outbox import void


def ask_email(session: Session, actor: Actor, email: str, path_of: PathOf, now: datetime) -> str:
    """Send a link to the new address, which changes nothing until it is opened; return the address.

    An address somebody else has gets none, and the actor is not told: whose addresses there are
    here is nobody's business. Raises Invalid on field email for what is no address.
    """
    address = fit_address(email)
    person = session.get_one(User, actor.user_id)
    if address == person.email:
        raise Invalid("same_address", field="email")
    void(session, f"user:{actor.user_id}", (CONFIRM_EMAIL,))
    token = links.new_link(session, actor.user_id, links.CHANGE_EMAIL, life(), now, address)
    if user_by_email(session, address) is None:
        notify(session, actor.user_id, CONFIRM_EMAIL, now, life(), path=path_of(token), to=address)
    # Addresses are personal text, kept where erasing the person finds it.
    reason = f"{person.email} → {address}"
    record(session, actor, "user.ask_email", ("user", actor.user_id), now, reason=reason)
    return address


def change_email(session: Session, actor: Actor, token: str, now: datetime) -> str:
    """Return the new address after a link proved it; the old address is told.

    Only the person who asked can: a link that went astray is worth nothing. Raises NotFound for a
    used, expired or foreign link, Invalid `address_taken` when somebody took it meanwhile.
    """
    link = usable_link(session, token, links.CHANGE_EMAIL, now)
    if link is None or link.user_id != actor.user_id or link.detail is None:
        raise NotFound("link")
    links.use_link(session, link, now)
    person = session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).one()
    address = link.detail
    before, person.email = person.email, address
    try:
        session.flush()
    except IntegrityError as error:
        raise Invalid("address_taken", field="email", actual=address) from error
    links.end_links(session, actor.user_id, now)
    record(
        session, actor, "user.change_email", ("user", actor.user_id), now,
        reason=f"{before} → {address}",
    )  # fmt: skip
    notify(session, actor.user_id, EMAIL_CHANGED, now, to=before, what=address)
    return address
