"""A company registers itself: anybody may, the operator decides, nobody learns who is here."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from booking.accounts.models import User
from booking.audit.models import Audit
from booking.companies.models import Company, CompanyApplication, CompanyInvitation, Membership
from booking.companies.services import applications as services
from booking.companies.services.applications import Terms, approve, reject
from booking.companies.views import joining
from booking.core.errors import NotFound, WrongState
from booking.infra.db import write
from booking.infra.storage.files import StoredFile
from booking.reminders.jobs.deliver import deliver_due
from booking.web.uploads import store
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser, said
from tests.reminders.steps import rows

CODE = "91350100M000100Y43"


@pytest.fixture
def park(any_session, clock):
    return cast(any_session)


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(target, "PNG")
    return target.getvalue()


def typed(**more):
    fields = {
        "name_zh": "丙科技", "name_en": "Gamma", "credit_code": CODE, "contact": "Gao",
        "email": "Gao@gamma.example", "phone": "+86 29 1234567", "note": "",
    }  # fmt: skip
    licence = more.pop("licence", b"%PDF-1.7 scan %%EOF")
    name = "licence.png" if licence.startswith(b"\x89PNG") else "licence.pdf"
    return {**fields, **more, "licence": (io.BytesIO(licence), f"../../{name}")}


def register(client, **more):
    return client.post("/register", data=typed(**more), content_type="multipart/form-data")


def the_application(session) -> CompanyApplication:
    session.rollback()
    (row,) = session.scalars(select(CompanyApplication)).all()
    return row


def link_of(session) -> str:
    """Return the path in the only invitation's mail that is not sent yet."""
    (row,) = [row for row in rows(session) if row.kind == "company_invitation"]
    return row.parameters.split('"')[3]


def test_from_the_form_to_an_admin_who_can_sign_in(any_app, any_client, any_session, park):
    answer = register(any_client)
    assert answer.location == "/register/received"
    row = the_application(any_session)
    ops = browser(any_app, park.ops)
    assert "丙科技" in ops.get("/park/applications").text.replace("Gamma", "丙科技")
    licence = ops.get(f"/park/applications/{row.id}/licence")
    assert licence.data == b"%PDF-1.7 scan %%EOF"
    assert licence.content_type == "application/pdf"
    assert licence.headers["Content-Disposition"].startswith(
        f'attachment; filename="licence-{CODE}.pdf"'
    )
    assert "sandbox" in licence.headers["Content-Security-Policy"]

    form = {"price_tier": "resident", "home_site_id": str(park.site.id)}
    assert ops.post(f"/park/applications/{row.id}/approve", data=form).status_code == 302
    company = any_session.scalars(select(Company).where(Company.credit_code == CODE)).one()
    assert (company.name_zh, company.home_site_id) == ("丙科技", park.site.id)
    path = link_of(any_session)

    gao = browser(any_app)
    assert "Join Gamma" in gao.get(path).text
    set_path = gao.post(path, data={"name": "Gao Min", "phone": ""}).location
    assert set_path.startswith("/account/set-password/")
    done = gao.post(set_path, data={"password": "correct horse battery"})
    assert done.status_code == 302
    assert "Invitations" in gao.get(f"/companies/{company.id}").text
    person = any_session.scalars(select(User).where(User.email == "gao@gamma.example")).one()
    place = any_session.scalars(select(Membership).where(Membership.user_id == person.id)).one()
    assert (place.company_id, place.roles) == (company.id, "member admin")
    assert gao.get(path).status_code == 404  # used up


def test_a_photographed_licence_is_written_anew(any_client, any_session, park):
    assert register(any_client, licence=picture()).status_code == 302
    file = any_session.get(StoredFile, the_application(any_session).licence_file_id)

    assert (file.content_type, file.goes_at) == ("image/webp", None)
    assert store().get(file.key)[8:12] == b"WEBP"


@pytest.mark.parametrize(
    "licence",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ" + bytes(50), b"%PDF-1.7 cut off"],
)
def test_a_licence_is_taken_by_what_it_holds(any_client, any_session, park, licence):
    answer = register(any_client, licence=licence)

    assert answer.status_code == 422
    assert 'href="#licence"' in answer.text
    assert 'value="丙科技"' in answer.text  # what was typed stays
    assert any_session.scalars(select(CompanyApplication.id)).all() == []


def test_whether_a_company_or_person_is_here_makes_no_difference(any_client, any_session, park):
    factories.create_company(any_session, name_zh="丙科技", credit_code=CODE)
    answers = [
        register(any_client),
        register(any_client, email="ada@test.example"),
        register(any_client, credit_code="91110000600037341L", name_zh="丁"),
    ]

    assert {(a.status_code, a.location) for a in answers} == {(302, "/register/received")}


def test_a_company_that_is_here_is_not_given_away(any_app, any_client, any_session, park):
    there = factories.create_company(any_session, name_zh="丙公司", credit_code=CODE)
    register(any_client)
    row, ops = the_application(any_session), browser(any_app, park.ops)
    assert "This credit code is a company" in ops.get(f"/park/applications/{row.id}").text

    form = {"price_tier": "resident", "home_site_id": ""}
    answer = ops.post(f"/park/applications/{row.id}/approve", data=form)
    assert "is here already" in said(answer.text)
    assert the_application(any_session).state == "open"
    assert any_session.scalars(
        select(Membership.id).where(Membership.company_id == there.id)
    ).all() == []  # fmt: skip


def test_an_applicant_with_an_account_accepts_signed_in(any_app, any_client, any_session, park):
    register(any_client, email="ada@test.example")
    approve_first(any_session, park)
    path = link_of(any_session)

    visitor = browser(any_app)
    assert visitor.post(path, data={"name": "Eve"}).status_code == 409
    assert "/account/sign-in" in visitor.get(path).text
    assert browser(any_app, park.cy).post(path).status_code == 409
    assert browser(any_app, park.ada).post(path).status_code == 302
    roles = any_session.scalars(
        select(Membership.roles).where(Membership.user_id == park.ada.id).order_by(Membership.id)
    ).all()
    assert roles == ["member", "member admin"]


def approve_first(session, park):
    key, ops = the_application(session).id, factories.actor(park.ops)
    session.rollback()
    return write(lambda s: approve(s, ops, key, Terms(), "/invitations/{}".format, NOW))


def test_a_rejection_says_why_by_mail(any_app, any_client, any_session, park):
    register(any_client)
    row, ops = the_application(any_session), browser(any_app, park.ops)
    path = f"/park/applications/{row.id}/reject"
    assert ops.post(path, data={"reason": " "}).status_code == 422
    assert ops.post(path, data={"reason": "The licence cannot be read."}).status_code == 302
    assert "already been decided" in said(ops.post(path, data={"reason": "Again"}).text)

    deliver_due()
    sent = {row.kind: row.state for row in rows(any_session)}
    assert sent == {"application_received": "void", "application_rejected": "sent"}
    row = the_application(any_session)
    assert (row.state, row.reason) == ("rejected", "The licence cannot be read.")


def test_only_an_operator_decides(any_client, any_session, park):
    register(any_client)
    key, bo = the_application(any_session).id, factories.actor(park.bo)
    any_session.rollback()

    with pytest.raises(NotFound):
        write(lambda s: approve(s, bo, key, Terms(), str, NOW))
    with pytest.raises(NotFound):
        write(lambda s: reject(s, bo, key, "no", NOW))


def test_a_company_is_made_once(any_client, any_session, park):
    register(any_client)
    company_id = approve_first(any_session, park)
    with pytest.raises(WrongState, match="already_decided"):
        approve_first(any_session, park)

    assert the_application(any_session).company_id == company_id
    assert len(any_session.scalars(select(CompanyInvitation)).all()) == 1
    actions = any_session.scalars(
        select(Audit.action).where(Audit.subject_type == "company_application").order_by(Audit.id)
    ).all()
    assert actions == ["application.create", "application.approve"]


def test_a_host_with_many_addresses_registers_as_one(any_client, any_session, park, monkeypatch):
    monkeypatch.setattr(joining, "REGISTRATIONS", 1)

    for last, status in ((1, 302), (2, 429)):
        any_client.environ_base["REMOTE_ADDR"] = f"2001:db8::{last}"
        assert register(any_client).status_code == status


def test_registering_is_rate_limited_and_bounded(any_client, any_session, park, monkeypatch):
    monkeypatch.setattr(joining, "REGISTRATIONS", 2)
    monkeypatch.setattr(services, "MOST_OPEN", 1)

    assert register(any_client).status_code == 302
    assert register(any_client).status_code == 409
    assert register(any_client).status_code == 429
