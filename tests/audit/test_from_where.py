"""Each audit row says from where: which page or program, and the address as the server saw it."""

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.infra.db import write
from tests import pages
from tests.api.caller import Caller
from tests.cast import cast

SPOOFED = {"X-Forwarded-For": "198.51.100.9"}


def last(session):
    """Return action, way and address of the newest row."""
    query = select(Audit.action, Audit.via, Audit.address).order_by(Audit.id.desc()).limit(1)
    return tuple(session.execute(query).one())


@pytest.fixture
def people(session, clock):
    """Return the cast."""
    return cast(session)


def test_a_page_says_so_and_believes_no_header(app, session, people):
    browser = pages.browser(app, people.ops)
    token = pages.fields(browser.get("/park/sites/new").text)["csrf_token"]
    site = {"name_zh": "北园", "time_zone": "Asia/Shanghai", "csrf_token": token}
    browser.post("/park/sites/new", data=site, headers=SPOOFED)

    assert last(session) == ("site.create", "page", "127.0.0.1")


def test_a_token_says_so(session, people, client):
    ada = Caller(client, people.ada)
    ada.headers.update(SPOOFED)
    booked = ada.book(9, 10, pool_id=people.automatic.id)

    assert booked.status_code == 201
    assert last(session) == ("reservation.request", "token", "127.0.0.1")


def test_a_command_says_which_user_of_the_machine(app, session, people, monkeypatch):
    monkeypatch.setenv("LOGNAME", "root")
    app.test_cli_runner().invoke(args=["operator", "create", "new@test.example"])

    assert last(session) == ("user.make_operator", "command", "root")


def test_a_job_is_the_system_itself(session):
    assert write(lambda s: s.info.get("from_where")) is None
