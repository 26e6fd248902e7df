"""Companies that register themselves: received from anybody, decided by the operator."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.queries.operators import operator_ids
from booking.accounts.rules.permissions import require
from booking.audit.services import record
from booking.companies.models import Company, CompanyApplication
from booking.companies.queries.applications import open_count
from booking.companies.rules.joining import ApplicationFields, checked_application
from booking.companies.rules.register import CompanyFields
from booking.companies.services.invitations import InvitationWanted, send_new
from booking.companies.services.people import PathOf
from booking.companies.services.register import create_thing
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.text import many_lines
from booking.infra.outbox import STRANGER, Message, enqueue
from booking.infra.storage.files import use

MOST_OPEN = 200  # waiting for the operator; strangers fill nothing beyond it
MOST_REASON = 2000
RECEIVED, REJECTED = "application_received", "application_rejected"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator adds to what the company says of itself."""

    price_tier: str = "resident"
    home_site_id: int | None = None


def apply(
    session: Session,
    fields: ApplicationFields,
    licence_file_id: int,
    locale: str | None,
    now: datetime,
) -> int:
    """Return the id of a new application, whether or not such a company is here already.

    Nothing tells the applicant which: only the operator sees it. Operators get a mail.
    Raises Invalid, WrongState `too_many_applications`.
    """
    fields = checked_application(fields)
    if open_count(session) >= MOST_OPEN:
        raise WrongState("too_many_applications")
    row = CompanyApplication(
        name_zh=fields.name_zh, name_en=fields.name_en, credit_code=fields.credit_code,
        contact=fields.contact, email=fields.email, phone=fields.phone, note=fields.note,
        locale=locale, licence_file_id=licence_file_id, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    use(session, licence_file_id)
    after = {"credit_code": row.credit_code, "name_zh": row.name_zh}
    record(session, None, "application.create", _subject(row), now, after=after)
    enqueue(
        session, [_message(row, RECEIVED, operator, now) for operator in operator_ids(session)], now
    )
    return row.id


def approve(
    session: Session,
    actor: Actor,
    application_id: int,
    terms: Terms,
    path_of: PathOf,
    now: datetime,
) -> int:
    """Return the id of the company, created from an open application; its contact gets a link.

    By the link they become its admin: with a new account, or signed in to the one they have.
    Raises NotFound unless operator, WrongState `already_decided`, `company_there` (the code is a
    company's already: nobody gets it by applying again), Invalid when the name is taken.
    """
    require(actor, "park.edit")
    row = _open(session, application_id)
    held = select(Company.id).where(Company.credit_code == row.credit_code).limit(1)
    if session.execute(held).scalar() is not None:
        raise WrongState("company_there")
    company_id = create_thing(
        session,
        actor,
        CompanyFields(
            row.name_zh, row.name_en, row.credit_code, terms.price_tier, terms.home_site_id
        ),
        now,
    )
    wanted = InvitationWanted(row.email, ("member", "admin"), row.contact, row.phone, row.locale)
    send_new(session, actor, company_id, wanted, path_of, now, source="application")
    _decide(session, actor, row, "approved", now, company_id=company_id)
    return company_id


def reject(session: Session, actor: Actor, application_id: int, reason: str, now: datetime) -> int:
    """Return `application_id`, rejected; the applicant reads the reason in a mail.

    Raises NotFound unless operator, Invalid on field reason, WrongState `already_decided`.
    """
    require(actor, "park.edit")
    reason = many_lines(reason)
    if not reason:
        raise Invalid("reason_needed", field="reason")
    if len(reason) > MOST_REASON:
        raise Invalid("too_long_text", field="reason", limit=MOST_REASON)
    row = _open(session, application_id)
    row.reason = reason
    _decide(session, actor, row, "rejected", now)
    enqueue(session, [_message(row, REJECTED, STRANGER, now)], now)
    return application_id


def _open(session: Session, application_id: int) -> CompanyApplication:
    """Return an open application; all of its code are locked, so that only one can be approved."""
    code = select(CompanyApplication.credit_code).where(CompanyApplication.id == application_id)
    rows = session.scalars(
        select(CompanyApplication)
        .where(CompanyApplication.credit_code == code.scalar_subquery())
        .order_by(CompanyApplication.id)
        .with_for_update(of=CompanyApplication)
        .execution_options(populate_existing=True)
    ).all()
    row = next((row for row in rows if row.id == application_id), None)
    if row is None:
        raise NotFound("application")
    if row.state != "open":
        raise WrongState("already_decided", actual=row.state)
    return row


def _decide(
    session: Session,
    actor: Actor,
    row: CompanyApplication,
    state: str,
    now: datetime,
    company_id: int | None = None,
) -> None:
    row.state, row.decided_at, row.decided_by_id = state, now, actor.user_id
    row.company_id = company_id
    session.flush()
    record(
        session, actor, "application.approve" if company_id else "application.reject",
        _subject(row), now, before={"state": "open"},
        after={"state": state, **({"company_id": company_id} if company_id else {})},
        reason=row.reason or None,
    )  # fmt: skip


def _message(row: CompanyApplication, kind: str, recipient_id: int, now: datetime) -> Message:
    about = f"application:{row.id}"
    told = {"reason": row.reason} if kind == REJECTED else {}
    return Message(
        dedupe_key=f"{about}:{kind}:{recipient_id}", kind=kind, recipient_id=recipient_id,
        subject_ref=about, due_at=now, parameters=json.dumps(told),
    )  # fmt: skip


def _subject(row: CompanyApplication) -> tuple[str, int]:
    return ("company_application", row.id)
