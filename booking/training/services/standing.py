"""Suspending a qualification, appeals against it, and what a lab accepts of others."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.inventory.models import Category, Pool
from booking.inventory.queries.visible import pools_seen_by
from booking.policies.models import Equivalence, Qualification
from booking.policies.queries.own import scope_to_edit
from booking.policies.services.settings import lock_edition, renew_edition
from booking.reservations.rules.proposal import require_text
from booking.training.models import Appeal
from booking.training.services.telling import managers_of, tell

MOST_ACCEPTED = 200


@dataclass(frozen=True, slots=True)
class EquivalenceWanted:
    """What a lab accepts: a pool's or a class's qualification, up to a level.

    `for_pool_id`: only at that pool of the lab.
    """

    most_level: int
    pool_id: int | None = None
    category_code: str | None = None
    for_pool_id: int | None = None


def suspend(
    session: Session, actor: Actor, qualification_id: int, reason: str, now: datetime
) -> tuple[str, str]:
    """Suspend a qualification for a reason; return its scope. What is booked already stays.

    Raises NotFound unless the actor may grant it, Invalid, WrongState.
    """
    row = _to_set(session, actor, qualification_id)
    require_text("reason", reason)
    if not reason.strip():
        raise Invalid("reason_needed", field="reason")
    if row.suspended_at is not None:
        raise WrongState("suspended_already")
    row.suspended_at, row.suspended_by_id = now, actor.user_id
    row.suspension_reason = reason.strip()
    session.flush()
    record(session, actor, "qualification.suspend", ("user_account", row.user_id), now,
           after=_plain(row), reason=reason.strip())  # fmt: skip
    tell(session, "suspended", [row.user_id], f"qualification:{row.id}", now)
    return scope_of(row)


def reinstate(
    session: Session, actor: Actor, qualification_id: int, now: datetime
) -> tuple[str, str]:
    """End a suspension; return the scope. Raises NotFound, WrongState where there is none."""
    row = _to_set(session, actor, qualification_id)
    if row.suspended_at is None:
        raise WrongState("not_suspended")
    _lift(session, actor, row, now)
    open_one = _open_appeal(session, qualification_id)
    if open_one is not None:
        open_one.answered_at, open_one.answered_by_id, open_one.lifted = now, actor.user_id, 1
        session.flush()
    tell(session, "reinstated", [row.user_id], f"qualification:{row.id}", now)
    return scope_of(row)


def appeal(session: Session, actor: Actor, qualification_id: int, text: str, now: datetime) -> int:
    """Return the id of the person's appeal against the suspension of what they hold.

    Raises NotFound for another's, Invalid without a text, WrongState while one is open.
    """
    row = session.get(Qualification, qualification_id)
    if row is None or row.user_id != actor.user_id or row.revoked_at is not None:
        raise NotFound("qualification")
    if row.suspended_at is None:
        raise WrongState("not_suspended")
    require_text("text", text)
    if not text.strip():
        raise Invalid("required", field="text")
    made = Appeal(qualification_id=row.id, text=text.strip(), created_at=now)
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:
        raise WrongState("appeal_open") from error
    record(session, actor, "qualification.appeal", ("user_account", row.user_id), now,
           after={"appeal": made.id, **_plain(row)}, reason=text.strip())  # fmt: skip
    readers = managers_of(session, _lab_of(session, row))
    tell(session, "appeal_received", readers, f"qualification:{row.id}", now)
    return made.id


def answer_appeal(
    session: Session, actor: Actor, appeal_id: int, answer: str, now: datetime, *, lift: bool
) -> tuple[str, str]:
    """Answer an appeal, and lift the suspension or leave it; return the scope.

    Raises NotFound unless the actor may grant the qualification, Invalid without an answer,
    WrongState once it was answered.
    """
    found = session.get(Appeal, appeal_id)
    if found is None:
        raise NotFound("appeal")
    row = _to_set(session, actor, found.qualification_id)
    session.refresh(found)
    if found.answered_at is not None:
        raise WrongState("appeal_answered")
    require_text("answer", answer)
    if not answer.strip():
        raise Invalid("required", field="answer")
    found.answer, found.lifted = answer.strip(), int(lift)
    found.answered_at, found.answered_by_id = now, actor.user_id
    session.flush()
    record(session, actor, "qualification.answer_appeal", ("user_account", row.user_id), now,
           after={"appeal": appeal_id, "lifted": lift}, reason=answer.strip())  # fmt: skip
    if lift and row.suspended_at is not None:
        _lift(session, actor, row, now)
    tell(session, "appeal_answered", [row.user_id], f"qualification:{row.id}", now)
    return scope_of(row)


def accept_elsewhere(
    session: Session, actor: Actor, lab_id: int, wanted: EquivalenceWanted, now: datetime
) -> int:
    """Return the id of what a lab accepts from now on. Raises NotFound, Invalid."""
    scope_to_edit(session, actor, "lab", str(lab_id))
    if not 1 <= wanted.most_level <= 9:
        raise Invalid("out_of_range", field="most_level", least=1, most=9,
                      actual=wanted.most_level)  # fmt: skip
    _require_places(session, actor, lab_id, wanted, now)
    lock_edition(session)
    live = select(Equivalence).filter_by(lab_id=lab_id, retired_at=None)
    there = session.scalars(live.order_by(Equivalence.id)).all()
    if len(there) >= MOST_ACCEPTED:
        raise Invalid("number_range", field="pool", actual=len(there))
    what = (wanted.pool_id, wanted.category_code, wanted.for_pool_id)
    for old in there:
        if (old.pool_id, old.category_code, old.for_pool_id) == what:
            old.retired_at = now
    row = Equivalence(
        lab_id=lab_id, for_pool_id=wanted.for_pool_id, pool_id=wanted.pool_id,
        category_code=wanted.category_code, most_level=wanted.most_level, set_at=now,
        set_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    renew_edition(session)
    record(
        session, actor, "equivalence.set", ("lab", lab_id), now,
        after={"pool": wanted.pool_id, "category": wanted.category_code,
               "for_pool": wanted.for_pool_id, "most_level": wanted.most_level},
    )  # fmt: skip
    return row.id


def accept_no_longer(session: Session, actor: Actor, equivalence_id: int, now: datetime) -> int:
    """End what a lab accepts; return the lab. What is booked already stays. Raises NotFound."""
    row = session.get(Equivalence, equivalence_id)
    if row is None or row.retired_at is not None:
        raise NotFound("equivalence")
    scope_to_edit(session, actor, "lab", str(row.lab_id))
    lock_edition(session)
    row.retired_at = now
    session.flush()
    renew_edition(session)
    record(session, actor, "equivalence.end", ("lab", row.lab_id), now,
           before={"pool": row.pool_id, "category": row.category_code})  # fmt: skip
    return row.lab_id


def scope_of(row: Qualification) -> tuple[str, str]:
    """Return what a qualification is for, as the tree of rules names it."""
    if row.pool_id is not None:
        return ("pool", str(row.pool_id))
    return ("category", str(row.category_code))


def _to_set(session: Session, actor: Actor, qualification_id: int) -> Qualification:
    row = session.scalars(
        select(Qualification)
        .where(Qualification.id == qualification_id, Qualification.revoked_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("qualification")
    scope_to_edit(session, actor, *scope_of(row))
    return row


def _lift(session: Session, actor: Actor, row: Qualification, now: datetime) -> None:
    row.suspended_at = row.suspended_by_id = None
    session.flush()
    record(session, actor, "qualification.reinstate", ("user_account", row.user_id), now,
           before=_plain(row))  # fmt: skip


def _open_appeal(session: Session, qualification_id: int) -> Appeal | None:
    query = select(Appeal).where(
        Appeal.qualification_id == qualification_id, Appeal.answered_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def _lab_of(session: Session, row: Qualification) -> int:
    """Return the lab of a pool's qualification; 0 for a class, which the operators look after."""
    return session.get_one(Pool, row.pool_id).lab_id if row.pool_id is not None else 0


def _require_places(
    session: Session, actor: Actor, lab_id: int, wanted: EquivalenceWanted, now: datetime
) -> None:
    if (wanted.pool_id is None) == (wanted.category_code is None):
        raise Invalid("pool_or_category", field="pool")
    if wanted.pool_id is not None:
        seen = select(Pool.id).where(Pool.id == wanted.pool_id, pools_seen_by(actor, now))
        if session.execute(seen).scalar() is None:
            raise Invalid("unknown_choice", field="pool")
    elif session.get(Category, wanted.category_code) is None:
        raise Invalid("unknown_choice", field="category_code")
    if wanted.for_pool_id is not None:
        own = select(Pool.id).where(Pool.id == wanted.for_pool_id, Pool.lab_id == lab_id)
        if session.execute(own).scalar() is None:
            raise Invalid("unknown_choice", field="for_pool_id")


def _plain(row: Qualification) -> dict[str, object]:
    return {"pool_id": row.pool_id, "category_code": row.category_code, "level": row.level}
