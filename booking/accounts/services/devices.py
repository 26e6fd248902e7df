"""Devices a person has signed in from: met, forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.accounts.models import KnownDevice, UserSession
from booking.accounts.rules.devices import Device, device_of
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.text import one_line
from booking.infra.addresses import network_of
from booking.infra.secret import token_hash

# A device not signed in from for so long is a new one again.
REMEMBERED = timedelta(days=180)
_INSERT = {
    engine.dialect.name: engine.insert(KnownDevice.__table__)
    .on_conflict_do_nothing(index_elements=["user_id", "token_hash"])
    .returning(KnownDevice.id)
    for engine in (postgresql, sqlite)
}


def meet_device(session: Session, user_id: int, device: Device, now: datetime) -> bool:
    """Return whether a person who signed in before does so from a device not known; it is now.

    Of two sign-ins from one new device at the same time, one gets True.
    """
    before = _seen_before(session, user_id)
    key = token_hash(device.token)
    values = {
        "user_id": user_id, "token_hash": key, "created_at": now, "last_used_at": now,
        "user_agent": one_line(device.user_agent)[:200], "address": device.address[:64],
    }  # fmt: skip
    made = session.execute(_INSERT[session.get_bind().dialect.name], values).scalar()
    if made is not None:
        return before and not _known_by_words(session, user_id, device, now)
    session.execute(
        update(KnownDevice)
        .where(KnownDevice.user_id == user_id, KnownDevice.token_hash == key)
        .values({name: values[name] for name in ("last_used_at", "user_agent", "address")})
    )
    return False


def forget_device(session: Session, actor: Actor, device_id: int, now: datetime) -> None:
    """Forget one of the actor's devices. Raises NotFound for another's."""
    row = session.get(KnownDevice, device_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("device")
    _forget(session, actor, row.token_hash, now)


def forget_device_of(session: Session, actor: Actor, session_id: int, now: datetime) -> None:
    """Forget the device on which a session of the actor was begun."""
    row = session.get(UserSession, session_id)
    if row is not None and row.user_id == actor.user_id:
        _forget(session, actor, row.device_hash, now)


def forget_other_devices(session: Session, actor: Actor, kept_session: int, now: datetime) -> None:
    """Forget every device of the actor but that of one session."""
    kept = session.get_one(UserSession, kept_session).device_hash
    others = (KnownDevice.user_id == actor.user_id, KnownDevice.token_hash != kept)
    session.execute(delete(KnownDevice).where(*others))


def forget_old_devices(session: Session, now: datetime) -> None:
    """Delete the devices nobody signed in from for long; for a job."""
    session.execute(delete(KnownDevice).where(KnownDevice.last_used_at <= now - REMEMBERED))


def _forget(session: Session, actor: Actor, key: str, now: datetime) -> None:
    gone = session.execute(
        delete(KnownDevice)
        .where(KnownDevice.user_id == actor.user_id, KnownDevice.token_hash == key)
        .returning(KnownDevice.id)
    ).all()
    if gone:
        record(session, actor, "device.forget", ("user", actor.user_id), now)


def _seen_before(session: Session, user_id: int) -> bool:
    """Return whether the person has signed in before, from anywhere."""
    known = select(KnownDevice.id).where(KnownDevice.user_id == user_id)
    begun = select(UserSession.id).where(UserSession.user_id == user_id)
    return session.scalars(known.union_all(begun).limit(1)).first() is not None


def _known_by_words(session: Session, user_id: int, device: Device, now: datetime) -> bool:
    """Return whether the person used such a browser and network before devices were known.

    So that nobody is warned of their own devices after that was brought in.
    """
    seen = session.execute(
        select(UserSession.user_agent, UserSession.address)
        .where(UserSession.user_id == user_id, UserSession.device_hash == "")
        .where(UserSession.created_at > now - REMEMBERED)
        .distinct()
        .limit(200)
    ).all()
    devices = {device_of(agent) for agent, _ in seen}
    networks = {network_of(address) for _, address in seen}
    return device_of(device.user_agent) in devices and network_of(device.address) in networks
