"""Importing units in real Chromium, as the operator does it."""

import pytest
from playwright.sync_api import expect

from booking.accounts.services.sessions import start_session
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.jobs import work_on_imports
from tests.browser import screenshot, violations
from tests.cast import cast

pytestmark = pytest.mark.e2e
LINES = [
    "资产编号,仪器名称,生产厂商,规格型号,实验室,启用日期,原值（万元）,运行状态,备注",
    "A1,高速冷冻离心机,艾本德,5810R,蛋白平台,2020-03-01,12.5,正常,",
    "A2,高速冷冻离心机,艾本德,5810R,蛋白平台,2020-03-01,12.5,待修,",
    "A3,质谱仪,赛默飞,QE,质谱平台,昨天,300,正常,新购",
    "A1,高速冷冻离心机,艾本德,5810R,蛋白平台,2020-03-01,12.5,正常,",
    ",分析天平,梅特勒,,,2021年5月,3,凑合用,",
]


def tick(app):
    with app.app_context():
        work_on_imports()


def sign_in(app, page, url):
    with app.app_context():
        user_id = cast(db.session()).ops.id
        token = write(lambda s: start_session(s, user_id, "127.0.0.1", "test", clock.now()))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    name = app.config["SESSION_COOKIE_NAME"]
    value = client.get_cookie(name).value
    page.context.add_cookies([{"name": name, "value": value, "url": url}])


def faults(page):
    return [violation["id"] for violation in violations(page)]


def test_the_operator_imports_a_list_and_sees_what_happens(app, page, live_url, tmp_path):
    path = tmp_path / "清单.csv"
    path.write_bytes("\n".join(LINES).encode("gb18030"))
    sign_in(app, page, live_url)

    page.goto(f"{live_url}/park/imports")
    assert faults(page) == []
    page.get_by_label("文件").set_input_files(path)
    page.get_by_label("合作单位").fill("华西医院")
    page.get_by_role("combobox", name="园区").fill("成都")
    screenshot(page, "import-upload")
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    screenshot(page, "import-reading")

    tick(app)
    expect(page.get_by_role("button", name="导入 3 台")).to_be_visible()  # the page reloads itself
    expect(page.get_by_text("第 2 行与第 5 行是同一台仪器")).to_be_visible()
    assert faults(page) == []
    screenshot(page, "import-preview")

    page.get_by_role("button", name="导入 3 台").click()
    tick(app)
    expect(page.get_by_text("新增 3 台")).to_be_visible()
    assert faults(page) == []
    screenshot(page, "import-done")


def test_on_a_phone_long_headings_do_not_hide_what_they_mean(app, page, live_url, tmp_path):
    page.set_viewport_size({"width": 390, "height": 800})
    path = tmp_path / "tools.csv"
    path.write_text(f"grant_physical_access_level_upon_qualification,{'b' * 30}\n1,2\n")
    sign_in(app, page, live_url)
    page.goto(f"{live_url}/park/imports")
    page.get_by_label("文件").set_input_files(path)
    page.get_by_label("合作单位").fill("华西医院")
    page.get_by_role("button", name="上传并预览").click()
    tick(app)

    page.reload()
    expect(page.locator("#columns select").first).to_be_visible()
    hidden = page.evaluate(
        "[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth)"
    )
    assert set(hidden) == {0}
