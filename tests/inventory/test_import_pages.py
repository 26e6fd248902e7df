"""The operator's pages for importing units: give a file, look, map, confirm."""

import io
import re

import pytest
from sqlalchemy import func, select

from booking.infra.db import db
from booking.inventory.jobs import work_on_imports
from booking.inventory.models import Unit
from tests.cast import cast
from tests.factories import create_site
from tests.pages import browser

TABLE = "资产编号,名称,厂家,型号\nA1,离心机,艾本德,5810R\nA1,离心机,艾本德,5810R\n"
CONTENT = TABLE.encode("gb18030")
PATHS = ["/park/imports", "/park/imports/1"]


@pytest.fixture
def park(any_session):
    return cast(any_session)


@pytest.fixture
def ops(any_app, park, clock):
    return browser(any_app, park.ops)


@pytest.fixture
def tick(any_app):
    def run():
        with any_app.app_context():
            work_on_imports()

    return run


def upload(client, content=CONTENT, name="清单.csv", **fields):
    data = {"institution": "华西医院", "file": (io.BytesIO(content), name), **fields}
    return client.post("/park/imports", data=data, content_type="multipart/form-data")


def units():
    db.session.rollback()
    query = select(func.count()).where(Unit.asset_no == "A1", Unit.import_key.is_not(None))
    return db.session.scalar(query)


def test_a_file_goes_from_upload_to_units_by_pages(ops, tick):
    place = upload(ops).location
    waiting = ops.get(place).text
    assert 'http-equiv="refresh"' in waiting
    assert "<progress" in waiting

    tick()
    preview = ops.get(place).text
    assert 'http-equiv="refresh"' not in preview
    assert "New institution: 华西医院" in preview
    assert "Rows 2 and 3 are the same unit" in preview
    assert "艾本德 5810R" in preview
    assert "Import 1 unit" in preview
    assert units() == 0

    assert ops.post(f"{place}/confirm").status_code == 302
    assert "Being imported" in ops.get(place).text
    tick()
    assert "1 new, 0 changed." in ops.get(place).text
    assert units() == 1
    assert ops.post(f"{place}/confirm").status_code == 409
    assert "清单.csv" in ops.get("/park/imports").text


def test_columns_are_chosen_by_hand_where_they_are_not_recognised(ops, tick):
    place = upload(ops, "x;y\n1;离心机\n".encode()).location
    tick()
    page = ops.get(place).text
    assert "No column names the units" in page
    assert re.findall(r'name="label" value="([^"]*)"', page) == ["x", "y"]

    chosen = {"label": ["x", "y"], "field": ["asset_no", "name"]}
    assert ops.post(f"{place}/mapping", data=chosen).status_code == 302
    tick()

    page = ops.get(place).text
    assert "Import 1 unit" in page
    assert re.findall(r'<option value="(\w+)" selected', page) == ["asset_no", "name"]


def test_a_site_and_a_lab_are_named_where_they_are_missing(ops, tick, any_session, park):
    create_site(any_session, name_zh="成都园区")
    any_session.commit()
    place = upload(ops).location
    tick()
    assert "Name a site: there are 2" in ops.get(place).text

    chosen = {"label": ["资产编号", "名称"], "field": ["asset_no", "name"]}
    given = {"site": " 成都园区 ", "lab": "共享室"}
    assert ops.post(f"{place}/mapping", data={**chosen, **given}).status_code == 302
    tick()

    page = ops.get(place).text
    assert "New lab: 共享室" in page
    assert re.findall(r'name="(site|lab)" value="([^"]*)"', page) == [
        ("site", "成都园区"),
        ("lab", "共享室"),
    ]


def test_rejected_rows_are_counted_not_their_faults(ops, tick):
    rows = "asset_no,name,启用日期,原值\nn1,甲,0000-00-00,1e400\nn2,乙,2026-01-01,5\n"
    place = upload(ops, rows.encode()).location
    tick()

    page = ops.get(place).text
    assert re.findall(r'class="figure">(\d+)<', page) == ["1", "0", "0", "1"]
    assert page.count("Write the ") == 2


def test_a_file_that_is_no_table_says_so(ops, tick):
    place = upload(ops, b"%PDF-1.7", "清单.xlsx").location
    tick()

    assert "This is PDF, not a table" in ops.get(place).text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"institution": ""}, "Institution"),
        ({"content": b""}, "The file is empty."),
        ({"share_from": "2026-02-01", "share_until": "2026-01-01"}, "The end must be after"),
    ],
)
def test_a_form_that_cannot_be_meant_keeps_what_was_typed(ops, fields, text):
    answer = upload(ops, **{"site": "成都园区", **fields})

    assert answer.status_code == 422
    assert text in answer.text
    assert "成都园区" in answer.text


def test_without_a_file_the_form_asks_for_one(ops):
    answer = ops.post("/park/imports", data={"institution": "甲"})

    assert answer.status_code == 422
    assert "error-summary" in answer.text


@pytest.mark.parametrize("who", ["ada", "bo", "mei", "rep"])
def test_only_the_operator_imports(any_app, park, ops, who):
    place = upload(ops).location
    other = browser(any_app, getattr(park, who))

    for path in ("/park/imports", place):
        assert other.get(path).status_code == 404
    for path in ("/park/imports", f"{place}/mapping", f"{place}/confirm"):
        assert other.post(path).status_code == 404
    assert "/park/imports" not in other.get("/account/password").text


def test_a_visitor_is_led_to_sign_in_and_a_missing_batch_is_missing(any_app, ops):
    visitor = browser(any_app)

    for path in PATHS:
        assert visitor.get(path).status_code in (302, 401)
    assert ops.get("/park/imports/999").status_code == 404
    assert ops.post("/park/imports/999/confirm").status_code == 404


def test_the_pages_speak_chinese(any_app, park, clock, tick):
    chinese = browser(any_app, park.ops, "zh_Hans_CN")
    place = upload(chinese).location
    tick()

    page = chinese.get(place).text
    assert "第 2 行与第 3 行是同一台仪器" in page
    assert "新建单位：华西医院" in page
