"""What is said about companies that come in, and to people who join or leave one."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, CompanyApplication, CompanyInvitation
from booking.infra.claims import Claimed
from booking.infra.mail import one_line
from booking.infra.outbox import CLAIMED, STRANGER, Outbox
from booking.reminders.jobs.letters import Letter, letter_to, product
from booking.reminders.queries.subjects import Recipient
from booking.reminders.rules import COMPANY_INVITATION, Told
from booking.web.locale import named
from booking.web.rule_texts import N_

APPLICATION_PATH = "/park/applications/{id}"
INVITATIONS_PATH = "/companies/{id}/invitations"

SUBJECTS = {
    "application_received": N_("A company wants to register: %(company)s"),
    "application_rejected": N_("Your registration of %(company)s was not accepted"),
    "company_invitation": N_("Join %(company)s at %(product)s"),
    "join_asked": N_("%(person)s wants to join %(company)s"),
    "join_accepted": N_("You belong to %(company)s now"),
    "place_ended": N_("You no longer belong to %(company)s"),
}
LEADS = {
    "application_received": N_("%(company)s has registered and waits for the park's decision."),
    "application_rejected": N_("The park did not accept the registration of %(company)s."),
    "company_invitation": N_(
        "You are invited to book the park's instruments for %(company)s. Open the link to accept; "
        "if you have an account already, sign in to it there."
    ),
    "application": N_(
        "The park has accepted %(company)s. Open the link to become its admin; if you have an "
        "account already, sign in to it there."
    ),
    "domain": N_(
        "Somebody, probably you, wants to join %(company)s with this address. Open the link to go "
        "on. If it was not you, do nothing."
    ),
    "join_asked": N_("%(person)s has an address of your company and waits for your yes."),
    "join_accepted": N_("An admin of %(company)s has said yes. You can book for the company now."),
    "place_ended": N_("Your place in %(company)s has ended. You can no longer book for it."),
}


@dataclass(frozen=True, slots=True)
class AboutCompany:
    """An application, an invitation or a company, as it is now."""

    company: tuple[str, str]
    company_id: int
    application: CompanyApplication | None = None
    invitation: CompanyInvitation | None = None
    person: str = ""


def stranger_of(session: Session, claimed: Claimed) -> Recipient | None:
    """Return who gets a message to somebody without an account, while the claim still holds."""
    held = select(Outbox.id).where(
        Outbox.id == claimed.id, Outbox.claim_token == claimed.token,
        Outbox.state == CLAIMED, Outbox.recipient_id == STRANGER,
    )  # fmt: skip
    if session.execute(held).scalar() is None:
        return None
    about = about_company(session, *_parted(claimed.subject_ref))
    row = (about.application or about.invitation) if about else None
    if row is None:
        return None
    known = session.execute(
        select(User.name, User.locale).where(User.email == row.email)
    ).one_or_none()
    typed = row.contact if isinstance(row, CompanyApplication) else row.name
    name, locale = known or (typed or row.email, row.locale)
    return Recipient(name, row.email, locale)


def about_company(session: Session, what: str, number: int) -> AboutCompany | None:
    """Return what a message is about, None when it is nothing of ours. At most two queries."""
    if what == "application":
        asked = session.get(CompanyApplication, number)
        return AboutCompany((asked.name_zh, asked.name_en), 0, asked) if asked else None
    if what == "company":
        company = session.get(Company, number)
        return AboutCompany((company.name_zh, company.name_en), number) if company else None
    if what != "invitation":
        return None
    found = session.execute(
        select(CompanyInvitation, Company, User.name)
        .join(Company, Company.id == CompanyInvitation.company_id)
        .outerjoin(User, User.id == CompanyInvitation.person_id)
        .where(CompanyInvitation.id == number)
    ).one_or_none()
    if found is None:
        return None
    row, company, person = found
    return AboutCompany(
        (company.name_zh, company.name_en), company.id, invitation=row, person=person or row.email
    )


def is_moot(kind: str, about: AboutCompany, now: datetime) -> bool:
    """Return whether a message has lost its point."""
    if kind == "application_received" and about.application is not None:
        return about.application.state != "open"
    row = about.invitation
    if row is None or kind not in (COMPANY_INVITATION, "join_asked"):
        return False
    settled = row.withdrawn_at is not None or row.accepted_at is not None
    return settled or (kind == COMPANY_INVITATION and row.expires_at <= now)


def letter_of(kind: str, about: AboutCompany, told: Told, reader: Recipient) -> Letter:
    """Return the letter in words."""
    words = {
        "company": one_line(named(*about.company)),
        "person": one_line(about.person),
        "product": product(),
    }
    source = about.invitation.source if about.invitation else ""
    lead = source if kind == COMPANY_INVITATION and source in LEADS else kind
    subject = gettext(SUBJECTS[kind]) % words
    facts, link = _facts(kind, about, told), _link(kind, about, told)
    return letter_to(reader, subject, gettext(LEADS[lead]) % words, facts, link)


def _facts(kind: str, about: AboutCompany, told: Told) -> list[tuple[str, str]]:
    found = [(gettext("Company"), one_line(named(*about.company)))]
    row = about.application
    if kind == "application_received" and row is not None:
        found += [
            (gettext("Credit code"), row.credit_code),
            (gettext("Contact"), one_line(row.contact)),
            (gettext("E-mail"), row.email),
        ]
    if kind == COMPANY_INVITATION and about.invitation is not None:
        found.append((gettext("For the address"), about.invitation.email))
    if told.reason:
        found.append((gettext("Reason"), told.reason))
    return found


def _link(kind: str, about: AboutCompany, told: Told) -> tuple[str, str]:
    if kind == "application_received" and about.application is not None:
        return gettext("Open the application"), APPLICATION_PATH.format(id=about.application.id)
    if kind == "join_asked":
        return gettext("Decide"), INVITATIONS_PATH.format(id=about.company_id)
    if kind == COMPANY_INVITATION:
        return gettext("Accept the invitation"), told.path
    if kind == "application_rejected":
        return gettext("Register again"), "/register"
    return gettext("Open the catalogue"), "/"


def _parted(reference: str) -> tuple[str, int]:
    what, _colon, number = reference.partition(":")
    return what, int(number) if number.isdecimal() else 0
