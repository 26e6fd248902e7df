"""What every answer carries, whose word is taken for host and address, and where forms may lead."""

import re

import pytest
from sqlalchemy import select

from booking import create_app
from booking.accounts.models import UserSession
from booking.infra.db import db
from booking.infra.passwords import hash_password
from booking.web.headers import CSP
from booking.web.links import safe_next
from tests import databases, factories
from tests.matrix.world import access

EVERYWHERE = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
RIGHT = "right horse battery"


def lacking(answer):
    """Return the headers that are not as they should be."""
    return {k: answer.headers.get(k) for k, v in EVERYWHERE.items() if answer.headers.get(k) != v}


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


def test_browsers_are_told_to_stay_with_tls_wherever_it_is(app):
    client = app.test_client()
    assert "Strict-Transport-Security" not in client.get("/account/sign-in").headers
    safe = client.get("/account/sign-in", base_url="https://localhost")
    assert safe.headers["Strict-Transport-Security"] == "max-age=31536000"


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
        " //evil.example",
    ],
)  # fmt: skip
def test_where_one_goes_next_is_a_path_of_ours(target):
    assert safe_next(target, "/home") == "/home"


def test_routes_are_those_of_the_matrix_and_the_api(app):
    """V13.4.4: nothing is reachable that nobody meant to be; the matrices name the rest."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    pages = {key.split()[1] for key in access()}
    assert {e for e in endpoints - pages if not e.startswith("api")} == {"static"}
