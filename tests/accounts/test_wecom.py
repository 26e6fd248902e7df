"""Signing in by WeCom, against a server of our own that answers as WeCom does."""

import pytest
from sqlalchemy import select

from booking.accounts.models import Identity
from tests import factories
from tests.accounts.conftest import hidden
from tests.pages import browser, said

WITH = "/account/with/wecom"


@pytest.fixture
def wecom_app(app, elsewhere):
    """Return the app with WeCom in its settings."""
    app.config.update(
        WECOM_CORP_ID="ww1", WECOM_AGENT_ID="1000002", WECOM_SECRET="wecom-secret",
        WECOM_API_BASE=elsewhere.url,
    )  # fmt: skip
    return app


@pytest.fixture
def ada(session):
    return factories.create_user(session, email="ada@test.example", name="Ada")


def through(client, query=""):
    """Leave for WeCom and come back with a code; return the answer at the end."""
    address = client.get(f"{WITH}{query}").headers["Location"]
    state = address.split("state=")[1].split("&")[0]
    page = client.get(f"{WITH}/back?code=c0de&state={state}&appid=ww1")
    assert page.status_code == 200
    return client.post(f"{WITH}/finish", data=hidden(page.text))


def is_in(client):
    return client.get("/account/password").status_code == 200


@pytest.mark.parametrize(
    ("agent", "begins"),
    [
        ("Mozilla/5.0", "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&"
         "appid=ww1&agentid=1000002&redirect_uri=http%3A%2F%2Flocalhost%2Faccount%2Fwith%2Fwecom"
         "%2Fback&state="),
        ("Mozilla/5.0 wxwork/4.1 MicroMessenger/7.0", "https://open.weixin.qq.com/connect/oauth2/"
         "authorize?appid=ww1&redirect_uri=http%3A%2F%2Flocalhost%2Faccount%2Fwith%2Fwecom%2Fback&"
         "response_type=code&scope=snsapi_base&state="),
    ],
)  # fmt: skip
def test_people_are_led_to_scan_or_straight_on_inside_wecom(wecom_app, agent, begins):
    answer = browser(wecom_app).get(WITH, headers={"User-Agent": agent})
    assert answer.headers["Location"].startswith(begins)


def test_a_member_connects_once_and_then_signs_in(wecom_app, elsewhere, ada, session):
    stranger = browser(wecom_app)
    assert through(stranger).headers["Location"].startswith("/account/sign-in?next=")
    assert not is_in(stranger)

    through(browser(wecom_app, ada), "?connect=1")
    row = session.scalars(select(Identity)).one()
    assert (row.issuer, row.subject, row.label) == ("wecom:ww1", "zhang.san", "zhang.san")
    session.rollback()
    fresh = browser(wecom_app)
    assert through(fresh).headers["Location"] == "/"
    assert is_in(fresh)
    assert "WeCom" in said(fresh.get("/account/ways").text)
    # The token of the application is asked for once.
    assert len(elsewhere.asked("/cgi-bin/gettoken")) == 1


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"errcode": 0, "openid": "o1", "external_userid": "e1"}, 403),  # no member
        ({"errcode": 40029, "errmsg": "invalid code"}, 403),
        ({"errcode": 0, "userid": 7}, 403),
        ({"errcode": -1, "errmsg": "system busy"}, 503),
        ([], 503),
    ],
)
def test_who_is_no_member_is_not_let_in(wecom_app, elsewhere, ada, answer, status):
    through(browser(wecom_app, ada), "?connect=1")
    elsewhere.next(wecom={"answer": answer})
    client = browser(wecom_app)
    refused = through(client)
    assert (refused.status_code, is_in(client)) == (status, False)


def test_a_token_that_wecom_ended_early_is_renewed(wecom_app, elsewhere, ada):
    through(browser(wecom_app, ada), "?connect=1")
    last = elsewhere.asked("/cgi-bin/auth/getuserinfo")[-1]["query"]["access_token"]
    elsewhere.next(wecom={"stale": last})
    client = browser(wecom_app)
    through(client)
    assert is_in(client)


def test_a_wrong_secret_is_the_parks_trouble_and_a_clear_page(wecom_app):
    wecom_app.config["WECOM_SECRET"] = "wrong"
    assert through(browser(wecom_app)).status_code == 503
