"""Where somebody is signed in, being told of it, and proving oneself again."""

from sqlalchemy import select

from booking.accounts.models import User, UserSession
from booking.accounts.rules.devices import device_of
from booking.infra.addresses import network_of
from tests.accounts.proving import RIGHT, is_in, letters, sign_in
from tests.pages import browser, said

CONFIRM = "/account/confirm"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


def come(app, agent=FIREFOX, address="10.1.2.3"):
    """Sign Ada in from a browser at an address."""
    client = browser(app)
    typed = {"email": "ada@test.example", "password": RIGHT}
    client.post(
        "/account/sign-in", data=typed, headers={"User-Agent": agent},
        environ_base={"REMOTE_ADDR": address},
    )  # fmt: skip
    assert is_in(client)
    return client


def test_each_is_listed_with_device_place_and_time(any_app, ada):
    come(any_app)
    client = come(any_app, EDGE)
    page = said(client.get("/account/sessions").text)

    assert "Firefox · Windows" in page
    assert "Edge · macOS This device" in page
    assert "10.1.2.3" in page


def test_one_is_ended_and_then_all_others(any_app, any_session, ada):
    first, second, third = (come(any_app) for _ in range(3))
    ids = any_session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    any_session.rollback()

    assert third.post(f"/account/sessions/{ids[0]}/end").status_code == 302
    assert [is_in(c) for c in (first, second, third)] == [False, True, True]
    third.post("/account/sessions/end-others")
    assert [is_in(c) for c in (first, second, third)] == [False, False, True]
    assert third.post(f"/account/sessions/{ids[2]}/end").headers["Location"] == "/account/sign-in"
    assert not is_in(third)


def test_signing_other_devices_out_needs_a_fresh_proof(any_app, any_session, ada, clock):
    first, second = come(any_app), come(any_app)
    ids = any_session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    any_session.rollback()
    clock.shift(minutes=16)

    for path in (f"/account/sessions/{ids[0]}/end", "/account/sessions/end-others"):
        assert second.post(path).headers["Location"].startswith("/account/confirm?")
    assert is_in(first)


def test_who_does_not_want_it_is_not_told(any_app, any_session, ada):
    ada_id = ada.id
    client = come(any_app)
    client.post("/account/security/alerts", data={})
    come(any_app, EDGE)
    assert letters(ada_id) == []
    client.post("/account/security/alerts", data={"sign_in_alerts": "y"})
    assert any_session.get_one(User, ada_id).sign_in_alerts == 1


def test_what_is_grave_needs_a_fresh_proof(any_app, ada, her, clock):
    assert her.get("/account/email").status_code == 200
    clock.shift(minutes=16)
    answer = her.get("/account/email")
    assert answer.headers["Location"] == f"{CONFIRM}?next=/account/email"

    assert (
        her.post(CONFIRM, data={"password": "wrong", "next": "/account/email"}).status_code == 422
    )
    assert her.get("/account/email").status_code == 303
    right = her.post(CONFIRM, data={"password": RIGHT, "next": "/account/email"})
    assert right.headers["Location"] == "/account/email"
    assert her.get("/account/email").status_code == 200


def test_a_code_proves_as_well_and_once(her, enrolled, code, clock):
    clock.shift(minutes=16)
    shown = code()
    assert her.post(CONFIRM, data={"c-code": shown}).status_code == 302
    clock.shift(minutes=16)
    assert her.post(CONFIRM, data={"c-code": shown}).status_code == 422


def test_a_proof_is_of_one_session(any_app, ada, her, clock):
    clock.shift(minutes=16)
    other = browser(any_app, ada)
    assert other.get("/account/email").status_code == 200
    assert her.get("/account/email").status_code == 303


def test_the_proof_leads_only_to_own_paths(her):
    answer = her.post(CONFIRM, data={"password": RIGHT, "next": "//evil.example"})
    assert answer.headers["Location"] == "/account/security"


def test_guessing_at_the_proof_is_slowed_and_leaves_sign_in_open(any_app, ada, her):
    statuses = [her.post(CONFIRM, data={"password": "wrong"}).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert sign_in(browser(any_app)).status_code == 302


def test_browsers_are_told_apart_in_words():
    assert device_of(EDGE) == "Edge · macOS"
    assert device_of("curl/8") == ""
    assert network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert network_of("unknown") == "unknown"
