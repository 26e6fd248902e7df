"""Reports about a unit: who gives, reads and takes them away, and what becomes of the file."""

import io

import pytest
from sqlalchemy import select

from booking.infra.db import write
from booking.infra.storage.files import StoredFile
from booking.privacy.services.erasing import ask_erasure, erase
from booking.reservations.models import UnitReport
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser, said

PDF = b"%PDF-1.4 certificate"


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def sam(any_session, people):
    """Return Sam, staff of West's lab."""
    person = factories.create_user(any_session, name="Sam", email="sam@test.example")
    factories.create_lab_member(any_session, people.west_lab, person, "staff")
    return person


def give(client, unit_id, name="cert.pdf", content=PDF, **more):
    typed = {"kind": "calibration", "note": "2026", "file": (io.BytesIO(content), name), **more}
    return client.post(f"/units/{unit_id}/reports", data=typed)


def test_the_lab_gives_one_and_who_may_reads_it(any_app, any_session, people, sam):
    unit_id = people.confocal_units[0].id
    page, his = f"/units/{unit_id}/reports", browser(any_app, sam)
    assert give(his, unit_id).status_code == 302
    report_id = any_session.scalar(select(UnitReport.id))

    shown = said(his.get(page).text)
    assert "Calibration certificate" in shown
    assert "Remove" not in shown
    got = browser(any_app, people.rep).get(f"/unit-reports/{report_id}")
    assert (got.status_code, got.data) == (200, PDF)
    assert got.headers["Content-Disposition"].startswith("attachment")
    for stranger in (people.ada, people.cy, people.dee, people.bo):
        client = browser(any_app, stranger)
        assert client.get(page).status_code == 404
        assert client.get(f"/unit-reports/{report_id}").status_code == 404
        assert give(client, unit_id).status_code == 404

    mei = browser(any_app, people.mei)
    assert his.post(f"/unit-reports/{report_id}/drop").status_code == 404
    assert mei.post(f"/unit-reports/{report_id}/drop").status_code == 302
    assert his.get(f"/unit-reports/{report_id}").status_code == 404
    assert any_session.scalar(select(StoredFile.goes_at)) == NOW


def test_who_gave_one_reads_theirs_after_leaving_and_no_other(any_app, any_session, people, sam):
    unit_id = people.confocal_units[0].id
    his = browser(any_app, sam)
    give(his, unit_id, note="mine")
    give(browser(any_app, people.mei), unit_id, note="hers")
    any_session.execute(
        factories.LabMember.__table__.delete().where(factories.LabMember.user_id == sam.id)
    )
    any_session.commit()

    page = said(his.get(f"/units/{unit_id}/reports").text)
    assert "mine" in page
    assert "hers" not in page
    assert "Give a report" not in page
    assert [his.get(f"/unit-reports/{n}").status_code for n in (1, 2)] == [200, 404]


def test_what_is_no_report_is_refused_and_kept_nowhere(any_app, any_session, people, sam):
    unit_id, his = people.confocal_units[0].id, browser(any_app, sam)
    assert give(his, unit_id, "x.html", b"<script>alert(1)</script>").status_code == 422
    assert give(his, unit_id, "x.pdf", b"<svg onload=alert(1)>").status_code == 422
    missing = his.post(f"/units/{unit_id}/reports", data={"kind": "fault", "note": "pump leaks"})
    assert missing.status_code == 422
    assert "pump leaks" in missing.text
    assert any_session.scalar(select(StoredFile.id)) is None


def test_a_certificate_outlives_who_gave_it(any_app, any_session, people, sam):
    unit_id, sam_id = people.confocal_units[0].id, sam.id
    give(browser(any_app, sam), unit_id, note="by Sam")
    who = factories.actor(sam)
    write(lambda s: ask_erasure(s, who, 0, NOW))
    write(lambda s: erase(s, None, sam_id, NOW))
    any_session.expire_all()

    row = any_session.scalars(select(UnitReport)).one()
    file = any_session.get(StoredFile, row.file_id)
    assert (row.note, file.user_id, file.goes_at) == ("", None, None)
    assert browser(any_app, people.mei).get(f"/unit-reports/{row.id}").data == PDF
