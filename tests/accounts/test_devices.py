"""Devices are known by their cookie: one letter a new one, none for a browser made new."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.accounts.models import KnownDevice, UserSession
from booking.accounts.services.devices import forget_old_devices
from booking.infra.db import write
from booking.infra.outbox import Outbox
from tests import factories
from tests.accounts.proving import RIGHT, is_in, letters, sign_in
from tests.conftest import NOW
from tests.pages import browser, said

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
COOKIE = "booking-device"
TOLD = ["new_sign_in"]


def come(client, agent=FIREFOX, address="10.1.2.3", email="ada@test.example"):
    """Sign in from a browser at an address, and stay."""
    client.post(
        "/account/sign-in", data={"email": email, "password": RIGHT},
        headers={"User-Agent": agent}, environ_base={"REMOTE_ADDR": address},
    )  # fmt: skip
    assert is_in(client)
    return client


def again(client, **how):
    """Sign out there by its own button, and in again."""
    client.post("/account/sign-out")
    return come(client, **how)


def test_a_new_device_is_told_of_once_with_what_and_where(any_app, any_session, ada):
    ada_id = ada.id
    come(browser(any_app))
    assert letters(ada_id) == []  # the first ever is nobody else's
    other = come(browser(any_app), EDGE, "10.9.9.9")
    again(other, agent=EDGE)

    assert letters(ada_id) == TOLD
    [told] = any_session.scalars(select(Outbox.parameters))
    assert "Edge" in told
    assert "10.9.9.9" in told


def test_neither_another_browser_version_nor_another_network_makes_it_a_new_one(any_app, ada):
    ada_id, client = ada.id, come(browser(any_app))
    again(client, agent=EDGE)
    again(client, address="172.16.4.4")

    assert letters(ada_id) == []


def test_a_browsers_words_alone_make_nothing_known(any_app, ada):
    ada_id = ada.id
    come(browser(any_app))
    come(browser(any_app))

    assert letters(ada_id) == TOLD


def test_a_form_sent_twice_comes_from_one_device(any_app, ada):
    ada_id = ada.id
    come(browser(any_app))
    client, twin = browser(any_app), browser(any_app)
    client.get("/account/sign-in")
    twin.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    come(client)
    come(twin)

    assert letters(ada_id) == TOLD


@pytest.mark.parametrize("value", ["", "x", "x" * 3000, "ImFiYyI.c2lnbmF0dXJl"])
def test_a_cookie_that_was_not_signed_here_is_nothing(any_app, ada, value):
    ada_id = ada.id
    come(browser(any_app))
    for _ in range(2):
        client = browser(any_app)
        client.set_cookie(COOKIE, value)
        come(client)
        assert client.get_cookie(COOKIE).value != value

    assert letters(ada_id) == TOLD * 2


def test_the_cookie_is_kept_from_scripts_and_opens_nothing(any_app, ada):
    client = come(browser(any_app))
    cookie = client.get_cookie(COOKIE)
    thief = browser(any_app)
    thief.set_cookie(COOKIE, cookie.value)

    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")
    assert not is_in(thief)


def test_two_people_share_a_browser(any_app, any_session, ada):
    factories.create_user(any_session, email="bo@test.example", password_hash=ada.password_hash)
    ada_id, client = ada.id, come(browser(any_app))
    again(client, email="bo@test.example")
    again(client)

    assert letters(ada_id) == []
    assert len(set(any_session.scalars(select(KnownDevice.token_hash)))) == 1


def test_who_is_signed_out_from_afar_is_new_again_the_others_are_not(any_app, any_session, ada):
    ada_id, first = ada.id, come(browser(any_app))
    second, third = come(browser(any_app)), come(browser(any_app))
    ids = any_session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    any_session.rollback()
    assert letters(ada_id) == TOLD * 2

    first.post(f"/account/sessions/{ids[1]}/end")
    again(third)
    assert letters(ada_id) == TOLD * 2
    come(second)
    assert letters(ada_id) == TOLD * 3
    first.post("/account/sessions/end-others")
    again(first)
    come(third)
    assert letters(ada_id) == TOLD * 4


def test_known_devices_that_are_signed_out_are_listed_and_forgotten(any_app, any_session, ada):
    ada_id, first, other = ada.id, come(browser(any_app)), come(browser(any_app), EDGE)
    assert "Known devices" not in first.get("/account/sessions").text
    other.post("/account/sign-out")
    assert "Edge · macOS" in said(first.get("/account/sessions").text).split("Known devices")[1]
    key = max(any_session.scalars(select(KnownDevice.id)))
    any_session.rollback()

    assert first.post(f"/account/devices/{key}/forget").status_code == 302
    assert "Known devices" not in first.get("/account/sessions").text
    come(other, EDGE)
    assert letters(ada_id) == TOLD * 2


def test_what_is_not_used_for_long_is_forgotten(any_app, any_session, ada):
    come(browser(any_app))
    for days, left in ((179, 1), (180, 0)):
        at = NOW + timedelta(days=days)
        write(lambda s, at=at: forget_old_devices(s, at))
        assert len(any_session.scalars(select(KnownDevice.id)).all()) == left
        any_session.rollback()


def test_devices_from_before_are_known_by_their_words_for_a_while(any_app, any_session, ada):
    ada_id = ada.id
    come(browser(any_app))
    write(lambda s: s.execute(update(UserSession).values(device_hash="")))
    write(lambda s: s.query(KnownDevice).delete())

    come(browser(any_app), address="10.1.2.250")  # of the same network
    assert letters(ada_id) == []
    come(browser(any_app), EDGE)
    assert letters(ada_id) == TOLD
    sign_in(browser(any_app))
