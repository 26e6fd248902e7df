"""Erasing a person: asked for, taken back, refused, done. History stays and names nobody."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import require
from booking.accounts.services.notices import ERASURE_REFUSED, notify
from booking.accounts.services.people import keep_one
from booking.audit.models import Audit, AuditPersonal
from booking.audit.services import record
from booking.companies.models import Membership
from booking.companies.models.joining import CompanyApplication, CompanyInvitation
from booking.companies.services.people import lock_person
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.core.text import many_lines
from booking.infra.db import Base
from booking.infra.outbox import CLAIMED, PENDING, VOID, Outbox
from booking.infra.storage.files import StoredFile, drop
from booking.inventory.models import Pool
from booking.policies.models import Qualification
from booking.privacy.models import Erasure
from booking.privacy.queries import open_request
from booking.privacy.rules import DELETED, EMPTIED, erased_email, erased_name
from booking.reservations.models import (
    AnswerFile,
    DrawEntry,
    Reservation,
    ReservationAnswer,
    UnitReport,
    WaitlistEntry,
)
from booking.reservations.queries.live import live_reservations
from booking.reservations.services.dealing import refuse_if_any
from booking.reservations.services.entering import withdraw_entry
from booking.reservations.services.waiting import leave
from booking.training.models import Appeal, Evidence, Record, Signup, Training
from booking.training.services.seats import give_up

MOST_REASON = 2_000
OWN_DATA = "/account/privacy"


def ask_erasure(session: Session, actor: Actor, days: int, now: datetime) -> None:
    """Ask for oneself to be erased in `days` days; 0: whenever an operator does it.

    Who may ask was proven by password before. Raises WrongState `has_live_reservations`,
    `last_operator`, `last_administrator`; asking twice changes nothing.
    """
    lock_person(session, actor.user_id)
    _refuse_live(session, actor.user_id, now)
    keep_one(session, actor, session.get_one(User, actor.user_id))
    if open_request(session, actor.user_id) is not None:
        return
    due = now + timedelta(days=days) if days else None
    session.add(Erasure(user_id=actor.user_id, state="asked", asked_at=now, due_at=due))
    record(session, actor, "erasure.ask", ("user", actor.user_id), now)


def withdraw_erasure(session: Session, actor: Actor, now: datetime) -> None:
    """Take one's request back. Raises NotFound without one."""
    lock_person(session, actor.user_id)
    row = open_request(session, actor.user_id)
    if row is None:
        raise NotFound("erasure")
    row.state, row.done_at = "withdrawn", now
    record(session, actor, "erasure.withdraw", ("user", actor.user_id), now)


def refuse_erasure(
    session: Session, actor: Actor, user_id: int, reason: str, now: datetime
) -> None:
    """Refuse a person's request to be erased, as the law allows; they are told why.

    What the law demands to be kept, or an open dispute, may stand against it (PIPL articles 19 and
    47). They may ask again. Raises NotFound, Invalid on field reason.
    """
    require(actor, "privacy.handle")
    reason = many_lines(reason)
    if not reason:
        raise Invalid("reason_needed", field="reason")
    if len(reason) > MOST_REASON:
        raise Invalid("too_long_text", field="reason", limit=MOST_REASON)
    lock_person(session, user_id)
    row = open_request(session, user_id)
    if row is None:
        raise NotFound("erasure")
    row.state, row.done_at, row.reason = "refused", now, reason
    notify(session, user_id, ERASURE_REFUSED, now, reason=reason, path=OWN_DATA)
    record(session, actor, "erasure.refuse", ("user", user_id), now, reason=reason)


def erase(session: Session, actor: Actor | None, user_id: int, now: datetime) -> None:
    """Erase a person who asked for it: an operator now, or the system (None) when it is due.

    Name, address, telephone, notes, reasons, answers, files, sessions, tokens and links go; their
    reservations stay as a nobody's, and the seals of the audit hold. Raises NotFound,
    WrongState `has_live_reservations`, `last_operator`, `last_administrator`.
    """
    if actor is not None:
        require(actor, "privacy.handle")
    lock_person(session, user_id)
    request = open_request(session, user_id)
    if request is None:
        raise NotFound("erasure")
    _refuse_live(session, user_id, now)
    user = session.get_one(User, user_id)
    keep_one(session, actor or Actor(user_id), user)
    _stop_waiting(session, user_id, now)
    _forget_coming_in(session, user)
    _empty(session, user_id)
    _forget_files(session, user_id, now)
    _forget_reasons(session, user_id)
    _void_mail(session, user_id)
    _anonymise(session, user, now)
    request.state, request.done_at = "done", now
    record(session, actor, "erasure.done", ("user", user_id), now)


def _refuse_live(session: Session, user_id: int, now: datetime) -> None:
    hit = live_reservations(session, Reservation.user_id == user_id, now)
    refuse_if_any(hit, hit)


def _stop_waiting(session: Session, user_id: int, now: datetime) -> None:
    """Leave waiting lists and draws, so that what is kept for the person goes to the next."""
    self_ = Actor(user_id)
    queued = WaitlistEntry.state.in_(("waiting", "offered"))
    waits = select(WaitlistEntry.id).where(WaitlistEntry.user_id == user_id, queued)
    for entry_id in session.scalars(waits.order_by(WaitlistEntry.id)).all():
        leave(session, self_, entry_id, now)
    asked = select(DrawEntry.id).where(DrawEntry.user_id == user_id, DrawEntry.state == "waiting")
    for entry_id in session.scalars(asked.order_by(DrawEntry.id)).all():
        withdraw_entry(session, self_, entry_id, now)
    seats = (
        select(Signup.id)
        .join(Training, Training.id == Signup.session_id)
        .where(Signup.user_id == user_id, Signup.state.in_(("seated", "waiting")))
        .where(Training.start_at > now)
    )
    for signup_id in session.scalars(seats.order_by(Signup.id)).all():
        give_up(session, self_, signup_id, now)
    session.flush()


def _empty(session: Session, user_id: int) -> None:
    tables = Base.metadata.tables
    for name, column in DELETED:
        session.execute(delete(tables[name]).where(tables[name].c[column] == user_id))
    for (name, column), values in EMPTIED.items():
        table = tables[name]
        session.execute(update(table).where(table.c[column] == user_id).values(**values))
    held = select(Qualification.id).where(Qualification.user_id == user_id)
    appeals = update(Appeal).where(Appeal.qualification_id.in_(held))
    session.execute(appeals.values(text="", answer=""))


def _forget_files(session: Session, user_id: int, now: datetime) -> None:
    """Answers go with what was given to them; what is about an instrument stays, without giver."""
    own = select(Reservation.id).where(Reservation.user_id == user_id)
    session.execute(delete(ReservationAnswer).where(ReservationAnswer.reservation_id.in_(own)))
    answers = or_(AnswerFile.user_id == user_id, AnswerFile.reservation_id.in_(own))
    gone = session.scalars(delete(AnswerFile).where(answers).returning(AnswerFile.file_id)).all()
    drop(session, list(gone), now)
    records = select(Record.id).where(Record.user_id == user_id)
    session.execute(delete(Evidence).where(Evidence.record_id.in_(records)))
    shown = select(Pool.photo_file_id).where(Pool.photo_file_id.is_not(None))
    of_units, mine = select(UnitReport.file_id), StoredFile.user_id == user_id
    stays = or_(StoredFile.id.in_(shown), StoredFile.id.in_(of_units))
    left = session.scalars(select(StoredFile.id).where(mine, ~stays)).all()
    for table in Base.metadata.sorted_tables:
        if table not in (Pool.__table__, UnitReport.__table__):
            for key in [k for k in table.foreign_keys if k.column.table is StoredFile.__table__]:
                session.execute(delete(table).where(key.parent.in_(left)))
    drop(session, list(left), now)
    nobody: dict[str, Any] = {"user_id": None, "name": "-"}
    session.execute(update(StoredFile).where(mine).values(**nobody))


def _forget_coming_in(session: Session, user: User) -> None:
    """Delete invitations to the person, and empty what their company's application says of them."""
    theirs = or_(CompanyInvitation.person_id == user.id, CompanyInvitation.email == user.email)
    session.execute(delete(CompanyInvitation).where(theirs))
    session.execute(
        update(CompanyApplication)
        .where(CompanyApplication.email == user.email)
        .values(contact="", email="", phone="")
    )


def _forget_reasons(session: Session, user_id: int) -> None:
    """Delete the personal text of what the person did, and of what was done to them or theirs."""
    own = select(Reservation.id).where(Reservation.user_id == user_id)
    rows = select(Audit.id).where(
        or_(
            Audit.actor_id == user_id,
            _about(("user", "user_account"), Audit.subject_id == user_id),
            _about(("reservation",), Audit.subject_id.in_(own)),
        ),
        Audit.personal_hash.is_not(None),
    )
    session.execute(
        delete(AuditPersonal)
        .where(AuditPersonal.audit_id.in_(rows))
        .execution_options(synchronize_session=False)
    )


def _about(kinds: tuple[str, ...], which: ColumnElement[bool]) -> ColumnElement[bool]:
    return Audit.subject_type.in_(kinds) & which


def _void_mail(session: Session, user_id: int) -> None:
    unsent = (Outbox.recipient_id == user_id, Outbox.state.in_((PENDING, CLAIMED)))
    session.execute(update(Outbox).where(*unsent).values(state=VOID, next_try_at=None))


def _anonymise(session: Session, user: User, now: datetime) -> None:
    running = or_(Membership.until_at.is_(None), Membership.until_at > now)
    session.execute(
        update(Membership).where(Membership.user_id == user.id, running).values(until_at=now)
    )
    user.email, user.name, user.phone = erased_email(user.id), erased_name(user.id), ""
    user.password_hash = user.park_role = user.locale = None
    user.factor_since = user.factor_asked_at = None
    user.retired_at = user.retired_at or now
    session.flush()
