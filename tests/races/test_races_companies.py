"""The last admin, and a company that two applications claim: whoever comes second is refused."""

import pytest

from bench.drills.harness import race
from booking.companies.models import CompanyApplication
from booking.companies.rules.codes import check_letter
from booking.infra.storage.files import StoredFile
from tests import factories
from tests.conftest import NOW
from tests.races.company_contestants import Place, approve_round, leave_round

ROUNDS = 3  # the gap is wide enough for one to tell; each costs two processes a turn
GAP_MS = 20


@pytest.fixture
def settings():
    return {"ARGON2_MEMORY_KIB": 8}


def test_two_admins_do_not_leave_at_once(any_app, any_session):
    sides: tuple[list[Place], list[Place]] = ([], [])
    for _round in range(ROUNDS):
        company = factories.create_company(any_session)
        for side in sides:
            person = factories.create_user(any_session, password_hash="x")
            place = factories.create_membership(any_session, person, company, "member admin")
            side.append((factories.actor(person), company.id, place.id))
    any_session.rollback()

    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    for both in race(given, [(leave_round, (side,)) for side in sides], ROUNDS, GAP_MS):
        assert sorted(str(one.answer) for one in both) == ["last_admin", "left"]


def test_one_company_comes_of_two_applications(any_app, any_session):
    operator = factories.actor(factories.create_user(any_session, park_role="operator"))
    sides = [[applied(any_session, n, side).id for n in range(ROUNDS)] for side in "ab"]
    any_session.rollback()

    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    contestants = [(approve_round, (operator, side)) for side in sides]
    for both in race(given, contestants, ROUNDS, GAP_MS):
        assert sorted(str(one.answer) for one in both) == ["approved", "company_there"]


def applied(session, number, side):
    first = f"91350100M000100{number:02d}"
    file = StoredFile(key=f"{side}{number}", name="l.pdf", content_type="application/pdf",
                      size_bytes=5, sha256="0", created_at=NOW)  # fmt: skip
    licence = factories.keep(session, file).id
    return factories.keep(
        session,
        CompanyApplication(
            name_zh=f"企业{side}{number}", credit_code=first + check_letter(first), contact="x",
            email=f"{side}{number}@x.example", phone="1", licence_file_id=licence,
            created_at=NOW,
        ),
    )  # fmt: skip
