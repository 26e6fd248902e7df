"""The pages about use: as many statements in a large park, what they show, whose they are."""

import csv
import io
from datetime import timedelta

import pytest

from booking.infra.db import db
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser
from tests.statements import statements
from tests.usage.steps import kept_up, used

PAGES = (
    "/dashboard", "/dashboard?site=1&days=90", "/dashboard/charts/institution", "/dashboard/units",
    "/dashboard/hour?weekday=6&hour=10",
)  # fmt: skip


@pytest.fixture
def people(session, clock):
    return cast(session)


def test_a_new_park_says_that_nothing_is_there_yet(app, people):
    page = browser(app, people.ops).get("/dashboard")

    assert "Nothing to show yet" in page.text


def test_the_park_grows_and_its_pages_ask_as_often(app, session, people):
    used(session, people.confocal, people.confocal_units[0].id, 10, 12, people.company_a.id)
    kept_up(session)
    ops = browser(app, people.ops)

    def counted():
        found = []
        for page in PAGES:
            ops.get(page)  # what several pages share is remembered
            with statements(db.engine) as sent:
                assert ops.get(page).status_code == 200
            found.append(len(sent))
        return found

    before = counted()
    with factories.together(session):
        for _ in range(12):
            lab = factories.create_lab(session, institution_id=people.west.id)
            pool = factories.create_pool(session, lab_id=lab.id, site_id=people.site.id)
            factories.units_of(session, pool)
    kept_up(session, NOW + timedelta(days=1))

    assert counted() == before


def test_a_file_has_the_table_its_days_and_the_formula_and_no_formula_cell(
    app, session, people
):  # fmt: skip
    people.company_a.name_en = "=1+1"
    session.commit()
    used(session, people.confocal, people.confocal_units[0].id, 10, 12, people.company_a.id)
    kept_up(session)
    answer = browser(app, people.ops).get("/dashboard/charts/company/file")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))

    assert rows[1][0] == "'=1+1"
    assert rows[1][3] == "2.0"
    assert any(row and row[0].startswith("Hours in use =") for row in rows)


def test_bars_lead_to_the_units_behind_them(app, session, people):
    used(session, people.confocal, people.confocal_units[0].id, 10, 12, people.company_a.id)
    kept_up(session)
    ops = browser(app, people.ops)

    mine = ops.get(f"/dashboard/units?company={people.company_a.id}").text
    other = ops.get(f"/dashboard/units?company={people.company_b.id}").text

    assert f'href="/units/{people.confocal_units[0].id}"' in mine
    assert 'href="/units/' not in other


def test_a_lab_and_an_institution_see_their_own_alone(app, session, people):
    used(session, people.confocal, people.confocal_units[0].id, 10, 12, people.company_a.id)
    kept_up(session)

    for who in (people.mei, people.rep):
        assert people.company_a.name_en in browser(app, who).get("/dashboard").text
    assert people.company_a.name_en not in browser(app, people.dee).get("/dashboard").text
    assert browser(app, people.ada).get("/dashboard").status_code == 404
