"""The pages of the park: what forms keep and say, what lists show and how many statements."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Lab, Site
from booking.core.period import Period
from booking.infra.db import db
from booking.inventory.models import Contribution, Pool, Unit
from tests import factories
from tests.cast import Cast, cast
from tests.pages import browser
from tests.pages import fields as form_fields
from tests.statements import statements


@pytest.fixture
def park(session: Session) -> Cast:
    """Return the cast."""
    return cast(session)


@pytest.fixture
def ops(app: Flask, park: Cast):
    """Return the operator's browser."""
    return browser(app, park.ops)


@pytest.fixture
def mei(app: Flask, park: Cast):
    """Return the browser of the manager of west's lab."""
    return browser(app, park.mei)


def test_a_manager_lists_the_pools_of_the_lab_only(app, park, mei) -> None:
    page = mei.get("/manage/pools").text
    assert "Confocal microscope" in page
    assert "流式细胞仪" not in page
    assert browser(app, park.ada).get("/manage/pools").status_code == 404


def test_a_refused_form_keeps_what_was_typed_and_says_why(park, ops) -> None:
    typed = {"name_zh": "西安园区", "name_en": "Second", "time_zone": "Asia/Urumqi"}
    response = ops.post("/park/sites/new", data=typed)
    assert response.status_code == 422
    assert 'value="Second"' in response.text
    assert 'selected value="Asia/Urumqi"' in response.text
    assert "exists here already" in response.text
    assert 'aria-invalid="true"' in response.text


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("/park/sites/new", {"name_zh": ""}, "This field is required"),
        ("/park/sites/new", {"name_zh": "X", "time_zone": "Mars/Base"}, "Not a valid choice"),
        ("/park/companies/new", {"name_zh": "X", "price_tier": "resident", "credit_code": "12"},
         "This is no unified social credit code"),
        ("/park/labs/new", {"name_zh": "X", "institution_id": "999"}, "Not a valid choice"),
        ("/park/labs/new", {"name_zh": "X", "institution_id": "x"}, "Invalid Choice"),
        ("/park/people/new", {"email": "ada@test.example", "name": "X"}, "already a person"),
        ("/park/people/new", {"email": "nobody", "name": "X"}, "is not an e-mail address"),
        ("/park/sharing", {"from_day": "2026-11-23", "hours": "always"}, "at least one instrument"),
        ("/park/sharing", {"from_day": "soon", "hours": "always"}, "Not a valid date"),
        ("/park/sharing", {"from_day": "2026-11-23", "hours": "own", "day3": "nine"},
         "“nine” is not like"),
    ],
)  # fmt: skip
def test_each_form_says_what_is_wrong(park, ops, path, fields, says) -> None:
    terms = {"revenue_share_percent": 0, "owner_priority_hours": 0} if "sharing" in path else {}
    response = ops.post(path, data={**terms, **fields})
    assert response.status_code == 422
    assert says in response.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"granularity_minutes": "7"}, "A day must divide evenly"),
        ({"granularity_minutes": "x"}, "Not a valid integer"),
        ({"min_minutes": "600", "max_minutes": "60"}, "No length can be booked"),
        ({"opening_hours": "own", "day1": "9 to 5"}, "is not like 08:00-18:00"),
        ({"approval": ""}, "Not a valid choice"),
    ],
)
def test_rules_nobody_could_keep_are_said_at_their_field(park, mei, fields, says) -> None:
    path = f"/manage/pools/{park.confocal.id}/rules"
    whole = {**form_fields(mei.get(path).text), "purposes_list": [], **fields}
    response = mei.post(path, data=whole)
    assert response.status_code == 422
    assert says in response.text


def test_closing_a_unit_is_shown_under_the_labs_instruments(park, mei) -> None:
    unit = park.confocal_units[0].id

    for path in (f"/units/{unit}/close", f"/manage/units/{unit}"):
        # Once in the bar, once more under "More" of a narrow screen.
        here = set(re.findall(r'href="([^"]*)"[^>]*aria-current="page"', mei.get(path).text))
        assert here == {"/manage/pools"}


def test_a_picture_is_shown_to_whoever_sees_the_pool(app, session, park, mei) -> None:
    target = io.BytesIO()
    Image.new("RGB", (50, 40), "red").save(target, "PNG")
    path = f"/manage/pools/{park.unshared.id}/picture"
    upload = {"photo": (io.BytesIO(target.getvalue()), "x.html")}
    assert mei.post(path, data=upload).status_code == 302
    shown = mei.get(f"/pools/{park.unshared.id}/photo")
    assert (shown.status_code, shown.content_type) == (200, "image/webp")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert mei.get(path).status_code == 200
    # Unshared: a company's member does not see the pool, so not its picture either.
    assert browser(app, park.ada).get(f"/pools/{park.unshared.id}/photo").status_code == 404
    assert mei.post(f"{path}/remove").status_code == 302
    assert mei.get(f"/pools/{park.unshared.id}/photo").status_code == 404


def test_a_picture_that_is_none_is_refused(park, mei) -> None:
    path = f"/manage/pools/{park.confocal.id}/picture"
    response = mei.post(path, data={"photo": (io.BytesIO(b"<svg/>"), "x.png")})
    assert response.status_code == 422
    assert "Choose a JPEG, PNG or WebP picture" in response.text


def test_what_is_in_the_way_of_retiring_is_listed(session, park, mei, now, clock) -> None:
    start = now + timedelta(days=1)
    reservation = factories.create_reservation(
        session, park.confocal, Period(start, start + timedelta(hours=1)),
        user_id=park.ada.id, company_id=park.company_a.id,
    )  # fmt: skip
    response = mei.post(f"/manage/pools/{park.confocal.id}/retire")
    assert response.status_code == 409
    assert reservation.reference in response.text
    assert "/park/people" not in response.text  # she has no business there
    assert "Ada" in response.text  # she decides what becomes of it
    assert session.get_one(Pool, park.confocal.id).retired_at is None


def test_what_was_retired_can_be_brought_back(session, park, ops) -> None:
    empty = factories.create_lab(session, institution_id=park.west.id)
    for table, name, row in ((Site, "sites", factories.create_site(session)), (Lab, "labs", empty)):
        path, key = f"/park/{name}/{row.id}", row.id
        assert ops.post(f"{path}/retire").status_code == 302
        assert "Bring back" in ops.get(path).text
        assert ops.post(f"{path}/restore").status_code == 302
        assert session.get_one(table, key, populate_existing=True).retired_at is None
    unit = park.confocal_units[0].id
    assert ops.post(f"/manage/units/{unit}/retire").status_code == 302
    assert ops.post(f"/manage/units/{unit}/restore").status_code == 302
    assert session.get_one(Unit, unit, populate_existing=True).state == "in_service"


def test_a_list_keeps_its_words_from_page_to_page(session, park, ops) -> None:
    for number in range(60):
        factories.create_company(session, name_zh=f"测试企业{number:02d}")
    page = ops.get("/park/companies?q=测试&_external=1&endpoint=x").text
    assert "测试企业49" in page
    assert "甲生物" not in page
    assert "/park/companies?q=%E6%B5%8B%E8%AF%95" in page
    assert "测试企业59" in ops.get("/park/companies?q=测试&page=2").text
    assert ops.get("/park/companies?page=x&q=%25").status_code == 200


def test_a_whole_institution_is_shared_at_once(session, park, ops) -> None:
    path = f"/park/sharing?institution={park.west.id}"
    fields = {"everything": "y", "from_day": "2026-11-01", "hours": "always",
              "revenue_share_percent": 0, "owner_priority_hours": 0}  # fmt: skip
    assert ops.post(path, data=fields).status_code == 302
    query = select(Contribution.id).where(Contribution.pool_id == park.unshared.id)
    assert session.scalars(query).one()


def test_an_agreement_keeps_its_hours_and_ends(session, park, ops) -> None:
    query = select(Contribution).where(Contribution.pool_id == park.confocal.id)
    path = f"/park/sharing/{session.scalars(query).one().id}"
    fields = {f"day{day}": "" for day in range(2, 8)} | {"day1": "全天", "hours": "own"}
    fields |= {"revenue_share_percent": 30, "owner_priority_hours": 0}
    assert ops.post(path, data=fields).status_code == 302
    assert session.scalars(query).one().shared_hours == "1 00:00-24:00"
    assert ops.post(f"{path}/end", data={"last_day": "never"}).status_code == 422
    assert ops.post(f"{path}/end", data={"last_day": ""}).status_code == 302
    assert session.scalars(query).one().ended_at is not None
    assert ops.get(path).status_code == 404


LISTS = ["/park", "/park/sites", "/park/institutions", "/park/labs", "/park/companies",
         "/park/people", "/park/platforms", "/park/sharing", "/manage/pools"]  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_as_many_statements_for_many_rows(app, session, park, ops, path) -> None:
    asked(ops, path)  # the process' first request looks for the guards
    few = asked(ops, path)
    for _ in range(30):
        lab = factories.create_lab(session)
        pool = factories.create_pool(session, units=3, lab_id=lab.id)
        factories.create_contribution(session, pool)
        user = factories.create_user(session)
        factories.create_lab_member(session, lab, user)
        factories.create_membership(session, user, factories.create_company(session))
        factories.create_platform(session)
    assert asked(ops, path) == few


def asked(client, path: str) -> int:
    """Return how many statements a page takes."""
    with statements(db.engine) as sent:
        assert client.get(path).status_code == 200
    return len(sent)
