"""What every answer carries, whose word is taken for host and address, and where forms may lead."""

import re

import pytest
from flask import url_for
from sqlalchemy import select

from booking import create_app
from booking.accounts.models import UserSession
from booking.infra.db import db
from booking.infra.passwords import hash_password
from booking.web.headers import CSP, PERMISSIONS
from booking.web.links import safe_next
from tests import databases, factories
from tests.answers import lacking, missing, stays
from tests.matrix.world import access

RIGHT = "right horse battery"


def test_the_policies_are_those_that_were_decided():
    assert CSP == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    asked = {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"}
    assert asked <= set(PERMISSIONS.split(", "))


def test_every_page_and_refusal_of_the_program_is_guarded(app, session):
    client, found = app.test_client(), {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        path = re.sub(r"<[^>]+>", "471147", rule.rule)
        answers = [client.get(path), client.open(path, method="TRACE")]
        assert answers[1].status_code == 405, path
        for answer in answers:
            if lacking(answer):
                found[path] = lacking(answer)
    assert found == {}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"path": "/nothing"}, 404),
        ({"path": "/account/sign-out"}, 405),
        ({"path": "/pools", "headers": {"Host": "evil.example"}}, 400),
        ({"path": "/account/sign-in", "method": "POST", "data": b"x" * 3_000_000,
          "content_type": "application/x-www-form-urlencoded"}, 413),
        ({"path": "/api/v1/nothing"}, 404),
        ({"path": "/api/v1/reservations"}, 401),
    ],
)  # fmt: skip
def test_error_pages_are_guarded_too(app, asked, status):
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    answer = app.test_client().open(**asked)
    assert (answer.status_code, lacking(answer)) == (status, {})
    assert "evil.example" not in answer.text


def test_a_fault_is_guarded_and_tells_nothing(app, client, monkeypatch):
    def broken():
        raise ValueError("the secret inside")

    monkeypatch.setitem(app.view_functions, "shell.home", broken)
    monkeypatch.setitem(app.config, "TESTING", False)
    answer = client.get("/")
    assert (answer.status_code, lacking(answer)) == (500, {})
    assert "secret" not in answer.text
    assert "ValueError" not in answer.text


def test_sheets_and_scripts_are_guarded_too(app, client):
    with app.test_request_context():
        path = url_for("static", filename="js/app.js")
    for answer in (client.get(path), client.get("/static/x/nothing.js")):
        assert missing(answer) == {}
        assert answer.headers["Content-Security-Policy"] == CSP


@pytest.mark.parametrize("path", ["/account/sign-in", "/api/v1/pools", "/nothing", "/healthz"])
def test_no_other_site_may_read_an_answer(client, path):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS"):
        answer = client.open(path, method=method, headers=asked)
        assert "Access-Control" not in str(answer.headers)


def test_browsers_are_told_to_stay_with_tls_wherever_it_is(app):
    client = app.test_client()
    assert "Strict-Transport-Security" not in client.get("/account/sign-in").headers
    safe = client.get("/account/sign-in", base_url="https://localhost")
    assert safe.headers["Strict-Transport-Security"] == ("max-age=31536000; includeSubDomains")


@pytest.mark.parametrize(("proxies", "kept"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_a_client_names_its_address_only_through_a_trusted_proxy(
    sqlite_template, tmp_path, proxies, kept
):
    app = create_app(
        "testing",
        {"DATABASE_URL": databases.sqlite_copy(sqlite_template, tmp_path), "PROXY_COUNT": proxies,
         "WTF_CSRF_ENABLED": False, "TRUSTED_HOSTS": "localhost"},
    )  # fmt: skip
    with app.app_context():
        from_session = db.session()
        factories.create_user(
            from_session, email="ada@test.example", password_hash=hash_password(RIGHT)
        )
        from_session.commit()
        from_session.close()
    # The client's own word comes first; the proxy adds what it saw.
    headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}
    typed = {"email": "ada@test.example", "password": RIGHT}
    answer = app.test_client().post("/account/sign-in", data=typed, headers=headers)
    assert answer.status_code == 302
    with app.app_context():
        assert db.session.scalars(select(UserSession.address)).one() == kept
    databases.close(app)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "///evil.example", "https://evil.example", "HTTPS:evil.example",
        "http:/evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
        "/\t/evil.example", "/\n/evil.example", "\x00/pools", "javascript:alert(1)",
        "data:text/html,x", "evil.example", "@evil.example", "", None, "/" + "x" * 2000,
        " //evil.example", "\t//evil.example", "/\r\n//evil.example", "//evil.example\\@x",
        "https:evil.example", "////evil.example/..", "/\\\\evil.example", "\\evil.example",
    ],
)  # fmt: skip
def test_where_one_goes_next_is_a_path_of_ours(target):
    assert safe_next(target, "/home") == "/home"


@pytest.mark.parametrize(
    "target",
    [
        "/%5cevil.example", "/%5Cevil.example", "/%2fevil.example", "/%09/evil.example",
        "/%255cevil.example", "/..//evil.example", "/.//evil.example", "/;//evil.example",
        "/?next=//evil.example", "/@evil.example", "/／evil.example",
    ],
)  # fmt: skip
def test_whatever_is_taken_as_a_path_keeps_the_browser_here(client, target):
    asked = {"locale": "en", "next": target}
    answers = [
        client.post("/language", data=asked),
        client.post(f"/language?next={target}", data={"locale": "en"}),
    ]
    for answer in answers:
        assert answer.status_code == 302
        assert stays(answer.headers["Location"])


@pytest.mark.parametrize(
    ("location", "here"),
    [("/pools", True), ("//evil.example", False), ("/\\evil.example", False),
     ("/\t/evil.example", False), ("https:evil.example", False), ("https://x/", False)],
)  # fmt: skip
def test_what_leads_away_is_known(location, here):
    assert stays(location) is here


def test_a_host_told_by_a_proxy_is_looked_at_too(sqlite_template, tmp_path):
    url = databases.sqlite_copy(sqlite_template, tmp_path)
    settings = {"DATABASE_URL": url, "PROXY_COUNT": 1, "TRUSTED_HOSTS": "localhost"}
    app = create_app("testing", settings)
    answer = app.test_client().get("/account/sign-in", headers={"X-Forwarded-Host": "evil.example"})
    assert (answer.status_code, "evil" in answer.text) == (400, False)
    databases.close(app)


def test_a_cookie_of_production_is_bound_to_host_and_tls(sqlite_template, tmp_path):
    url = databases.sqlite_copy(sqlite_template, tmp_path)
    app = create_app(
        "production",
        {"DATABASE_URL": url, "SECRET_KEY": "k" * 40, "TRUSTED_HOSTS": "park.example",
         "PUBLIC_BASE_URL": "https://park.example", "WTF_CSRF_ENABLED": False},
    )  # fmt: skip
    answer = app.test_client().post(
        "/language", data={"locale": "en"}, base_url="https://park.example"
    )
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-booking=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(cookie.split("; ")[1:])
    databases.close(app)


def test_routes_are_those_of_the_matrix_and_the_api(app):
    """V13.4.4: nothing is reachable that nobody meant to be; the matrices name the rest."""
    # CalDAV's are named in tests/feeds/test_dav.py.
    rules = [r for r in app.url_map.iter_rules() if "/caldav" not in r.rule]
    endpoints = {rule.endpoint for rule in rules}
    pages = {key.split()[1] for key in access()}
    assert {e for e in endpoints - pages if not e.startswith("api")} == {"static"}
