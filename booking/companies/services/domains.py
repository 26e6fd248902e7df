"""Mail domains: set by a company's admins, and the links by which their people join."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject, may, require
from booking.audit.services import change, record
from booking.companies.models import Company, CompanyDomain, CompanyInvitation
from booking.companies.queries.invitations import is_member, open_invitations
from booking.companies.rules.domains import MODES, domain_of, is_public, plain_domain
from booking.companies.rules.joining import plain_address
from booking.companies.services.invitations import InvitationWanted, mail_link, send_new
from booking.companies.services.people import PathOf
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound

MOST = 20  # domains of one company
MOST_COMPANIES = 3  # that one address is sent links to


def set_domain(
    session: Session, actor: Actor, company_id: int, domain: str, mode: str, now: datetime
) -> str:
    """Return the domain whose people may now join, or may in another way.

    Raises NotFound, WrongState when retired, Invalid: no domain, everybody's, not that of the
    admin's own address (an operator may set any), too many.
    """
    require(actor, "company.manage", Subject(company_id=company_id))
    live(session, Company, company_id)
    name = plain_domain(domain)
    if not name:
        raise Invalid("not_a_domain", field="domain", actual=domain.strip()[:254])
    if mode not in MODES:
        raise Invalid("unknown_choice", field="mode", actual=mode)
    if is_public(name):
        raise Invalid("public_domain", field="domain", actual=name)
    own = session.execute(select(User.email).where(User.id == actor.user_id)).scalar_one()
    if not may(actor, "park.edit") and domain_of(own) != name:
        raise Invalid("not_your_domain", field="domain", actual=name)
    rows = session.scalars(
        select(CompanyDomain).where(CompanyDomain.company_id == company_id)
    ).all()
    present = next((row for row in rows if row.domain == name), None)
    if present is not None:
        change(session, actor, present, {"mode": mode}, now)
        return name
    if len(rows) >= MOST:
        raise Invalid("too_many_domains", field="domain", limit=MOST)
    session.add(
        CompanyDomain(
            company_id=company_id, domain=name, mode=mode, set_at=now, set_by_id=actor.user_id
        )
    )
    session.flush()
    after = {"domain": name, "mode": mode}
    record(session, actor, "company.domain_set", ("company", company_id), now, after=after)
    return name


def end_domain(
    session: Session, actor: Actor, company_id: int, domain_id: int, now: datetime
) -> None:
    """Let nobody join by this domain any more; who has joined stays. Raises NotFound."""
    require(actor, "company.manage", Subject(company_id=company_id))
    row = session.get(CompanyDomain, domain_id)
    if row is None or row.company_id != company_id:
        raise NotFound("domain")
    before = {"domain": row.domain, "mode": row.mode}
    session.delete(row)
    session.flush()
    record(session, actor, "company.domain_end", ("company", company_id), now, before=before)


def ask_to_join(
    session: Session, email: str, locale: str | None, path_of: PathOf, now: datetime
) -> None:
    """Mail links to join the companies that let the address's domain in; else do nothing.

    Only the mail tells which. Raises Invalid for what is no address.
    """
    address = plain_address(email)
    rows = session.execute(
        select(CompanyDomain.company_id, CompanyDomain.mode)
        .join(Company, Company.id == CompanyDomain.company_id)
        .where(CompanyDomain.domain == domain_of(address), Company.retired_at.is_(None))
        .order_by(CompanyDomain.id)
        .limit(MOST_COMPANIES)
    ).all()
    for company_id, mode in rows:
        _mail_link(
            session, company_id, mode, InvitationWanted(address, locale=locale), path_of, now
        )


def _mail_link(
    session: Session,
    company_id: int,
    mode: str,
    wanted: InvitationWanted,
    path_of: PathOf,
    now: datetime,
) -> None:
    if is_member(session, company_id, wanted.email, now):
        return
    live(session, Company, company_id)
    waiting = open_invitations(company_id, now)
    row = session.scalars(waiting.where(CompanyInvitation.email == wanted.email)).first()
    if row is None:
        send_new(
            session, None, company_id, wanted, path_of, now,
            source="domain", needs_yes=mode == "ask",
        )  # fmt: skip
    elif row.asked_at is None:
        mail_link(session, row, path_of, now)
