"""A bookable park, built from an empty database by pages only."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.infra.db import db
from booking.inventory.queries.checklist import park_counts
from tests.pages import fields

PASSWORD = "correct horse battery"
# What a list says, with its next step, before there is anything to list.
EMPTY = {
    "/park/sites": "No site yet",
    "/park/institutions": "No institution yet",
    "/park/labs": "No lab yet",
    "/park/platforms": "No platform yet",
    "/park/companies": "No company yet",
    "/park/people": "ops@park.example",
    "/park/sharing": "No instruments yet",
    "/manage/pools": "No lab yet",
    "/manage/pools/new": "Instruments belong to a lab",
}


class Visitor:
    """Somebody with a browser: follows links and submits forms, as pages offer them."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.post("/language", data={"locale": "en"})

    def see(self, path: str, *words: str) -> str:
        """Return a page's text, having seen the words on it."""
        response = self.client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        for word in words:
            assert word in response.text, (path, word)
        return response.text

    def send(self, path: str, **typed: object) -> str:
        """Return where a form leads that was accepted."""
        response = self.client.post(path, data=typed)
        assert response.status_code == 302, (path, response.status_code, errors(response.text))
        return response.location

    def set_password(self, link: str) -> None:
        """Open a one-use link and choose a password; that also signs in."""
        path = re.sub(r"^https?://[^/]+", "", link.strip())
        self.see(path)
        self.send(path, password=PASSWORD)


def errors(page: str) -> list[str]:
    """Return what a page says is wrong."""
    return re.findall(r'class="error".*?</p>', page, re.DOTALL)


def number_in(location: str) -> int:
    """Return the last number of an address: the id of what was made."""
    return int(re.findall(r"/(\d+)", location)[-1])


def invited(visitor: Visitor, **typed: object) -> str:
    """Return the one-use link that the page shows after inviting somebody."""
    response = visitor.client.post("/park/people/new", data=typed)
    assert response.status_code == 200, errors(response.text)
    found = re.search(r'id="link" value="([^"]+)"', response.text)
    assert found, response.text
    return found[1]


def mei_approves_what_ada_books(ada: Visitor, mei: Visitor, pool: int) -> None:
    """Book two hours as a member, approve them as the lab's manager, see it as the member."""
    path = f"/reserve?pool_id={pool}"
    form = fields(ada.see(path, "激光共聚焦显微镜"))
    times = {"start": "2026-11-24T09:00", "end": "2026-11-24T11:00"}
    reservation = ada.send(path, **{**form, **times})
    ada.see(reservation, "Pending")
    offered = re.search(r'name="approve" value="([^"]+)"', mei.see("/inbox", "Ada"))
    assert offered
    mei.send("/inbox/decide", approve=offered[1])
    ada.see(reservation, "Approved")


@pytest.fixture
def operator(any_app: Flask) -> Visitor:
    """Return the first operator, signed in by the link that the command printed."""
    result = any_app.test_cli_runner().invoke(args=["operator", "create", "ops@park.example"])
    assert result.exit_code == 0, result.output
    visitor = Visitor(any_app)
    visitor.set_password(result.stdout)
    return visitor


def test_a_park_is_built_from_nothing_by_pages(any_app: Flask, operator: Visitor, clock) -> None:
    operator.see("/park", "Not bookable yet")
    for name, word in EMPTY.items():
        operator.see(name, word)
    site = number_in(
        operator.send("/park/sites/new", name_zh="西安园区", time_zone="Asia/Shanghai")
    )
    building = number_in(operator.send(f"/park/sites/{site}/buildings/new", name_zh="A座"))
    operator.send(f"/park/buildings/{building}/rooms/new", name="101", floor="1")
    institution = number_in(
        operator.send("/park/institutions/new", name_zh="西部医院", kind="hospital")
    )
    lab = number_in(
        operator.send("/park/labs/new", institution_id=institution, name_zh="成像实验室")
    )
    platform = operator.send("/park/platforms/new", name_zh="精准诊断")
    assert platform.endswith("/park/platforms")
    mei_link = invited(
        operator, email="mei@west.example", name="梅", lab_id=lab, lab_role="manager"
    )

    mei = Visitor(any_app)
    mei.set_password(mei_link)
    assert mei.client.get("/park").status_code == 404
    pool = number_in(
        mei.send(
            "/manage/pools/new", lab_id=lab, site_id=site, name_zh="激光共聚焦显微镜",
            model="LSM 980", category_code="010800", kind="instrument", units=2,
        )
    )  # fmt: skip
    rules = f"/manage/pools/{pool}/rules"
    typed = {"approval": "manual", "opening_hours": "own", "granularity_minutes": 30,
             "purposes_list": [],
             **{f"day{day}": "08:00-20:00" for day in range(1, 8)}}  # fmt: skip
    mei.send(rules, **{**fields(mei.see(rules, "Opening hours")), **typed})

    operator.see("/park/sharing", "激光共聚焦显微镜")
    operator.send("/park/sharing", pools=[pool], from_day="2026-11-23", hours="always",
                  revenue_share_percent=0, owner_priority_hours=0)  # fmt: skip
    company = number_in(
        operator.send("/park/companies/new", name_zh="甲生物", price_tier="resident")
    )
    ada_link = invited(operator, email="ada@a.example", name="Ada", party=f"company-{company}")
    ada = Visitor(any_app)
    ada.set_password(ada_link)
    ada.see("/pools", "激光共聚焦显微镜", "LSM 980")
    ada.see(f"/pools/{pool}", f"/reserve?pool_id={pool}")
    mei_approves_what_ada_books(ada, mei, pool)

    with any_app.app_context():
        counts = park_counts(db.session(), clock.now)
        db.session.rollback()
    assert (counts.bookable, counts.units, counts.members, counts.managers) == (1, 2, 1, 1)
    operator.see("/park", "Ready", "1 instrument group can be booked", "2 units in all")
