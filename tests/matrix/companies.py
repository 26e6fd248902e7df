"""How companies and people come in, and the pages of a company. Forms are sent empty."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import (
    CompanyApplication,
    CompanyDomain,
    CompanyInvitation,
    Membership,
)
from booking.infra.secret import token_hash
from booking.web.uploads import Received
from booking.web.uploads import keep as keep_file
from tests import factories
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import ALL, action, page, table

ADMINS = "bo ops"  # of company A, and of the park
TOKEN = "matrix-invitation"
PLACE = {"company_id": "company_a", "membership_id": "adas_place"}


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add an application, two invitations to company A and a domain of it."""
    licence = keep_file(Received("licence.pdf", "application/pdf", b"%PDF-"), None)
    application = factories.keep(
        session,
        CompanyApplication(
            name_zh="丙科技", credit_code="91350100M000100Y43", contact="丙", email="c@c.example",
            phone="029-1234567", created_at=NOW,
            licence_file_id=licence,
        ),
    )  # fmt: skip
    common = {
        "company_id": people.company_a.id, "created_at": NOW, "sent_at": NOW,
        "expires_at": NOW + timedelta(days=14),
    }  # fmt: skip
    invited = factories.keep(
        session,
        CompanyInvitation(email="new@alpha.example", token_hash=token_hash(TOKEN), **common),
    )
    asking = factories.keep(
        session,
        CompanyInvitation(
            email="dee@test.example", token_hash="x", source="domain", needs_yes=1, asked_at=NOW,
            person_id=people.dee.id, **common,
        ),
    )  # fmt: skip
    domain = factories.keep(
        session,
        CompanyDomain(
            company_id=people.company_a.id, domain="alpha.example", mode="ask", set_at=NOW
        ),
    )
    of_ada = select(Membership.id).where(Membership.user_id == people.ada.id)
    return {
        "adas_place": session.scalars(of_ada).one(),
        "application": application.id,
        "invited": invited.id,
        "asking": asking.id,
        "domain": domain.id,
    }


ACCESS = {
    **table(
        "ops adm",
        """
        # endpoint                      ids                         GET  POST
        applications.list_applications  -                           200  -
        applications.one                application_id=application  200  -
        applications.accept             application_id=application  -    422
        applications.refuse             application_id=application  -    422
        applications.licence            application_id=application  200  -
        """,
    ),
    **table(
        ADMINS,
        """
        company.invitations  company_id=company_a                          200  422
        company.again        company_id=company_a,invitation_id=invited    -    302
        company.take_back    company_id=company_a,invitation_id=invited    -    302
        company.yes          company_id=company_a,invitation_id=asking     -    302
        company.domains      company_id=company_a                          200  422
        company.drop_domain  company_id=company_a,domain_id=domain         -    302
        company.member       company_id=company_a,membership_id=adas_place 200  302
        """,
    ),
    "POST company.act": [action()],
    # One's own place, or any of a company one looks after; Ada has something still to come.
    "GET company.part": [page(f"ada {ADMINS}", params=PLACE)],
    "POST company.part": [action(f"ada {ADMINS}", status=422, params=PLACE)],
    "GET company.mine": [page("ada kim fin bo cy", status=302, otherwise=200)],
    "GET company.home": [page(f"ada kim fin {ADMINS}", params={"company_id": "company_a"})],
    "GET joining.register": [page(ALL, anonymous=200)],
    "POST joining.register": [action(ALL, status=422, anonymous=422)],
    "GET joining.registered": [page(ALL, anonymous=200)],
    "GET joining.join": [page(ALL, anonymous=200)],
    "POST joining.join": [action(ALL, status=422, anonymous=422)],
    "GET joining.invitation": [page(ALL, anonymous=200, params={"token": TOKEN})],
    # Whoever is signed in has another address; without a name nobody new is made.
    "POST joining.invitation": [action(ALL, status=409, anonymous=422, params={"token": TOKEN})],
}
