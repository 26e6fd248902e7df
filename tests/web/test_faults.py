"""What a server answers when its database is gone, its host is not meant, or a form is hostile."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from booking.infra.db import db
from booking.web.headers import CSP
from tests import factories
from tests.pages import browser

PAGES = ("/", "/account/password", "/reservations", "/account/sign-in")


@pytest.fixture
def unreachable(any_app):
    """Return a function that takes the database away: every connection to it fails."""

    def gone(*_):
        raise OperationalError("connect", None, Exception("server closed the connection"))

    def take():
        with any_app.app_context():
            db.engine.dispose()
            event.listen(db.engine, "do_connect", gone)

    yield take
    with any_app.app_context():
        if event.contains(db.engine, "do_connect", gone):
            event.remove(db.engine, "do_connect", gone)


@pytest.mark.parametrize("locale", ["en", ""])
@pytest.mark.parametrize("path", PAGES)
def test_without_a_database_pages_say_so_and_the_process_is_healthy(
    any_app, any_session, unreachable, path, locale
):
    client = browser(any_app, factories.create_user(any_session), locale)
    unreachable()

    answer = client.get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.headers["Content-Security-Policy"] == CSP
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_without_a_database_a_missing_page_is_still_missing(any_app, any_session, unreachable):
    client = browser(any_app, factories.create_user(any_session))
    assert client.get("/nothing-here").status_code == 404
    unreachable()

    answer = client.get("/nothing-here")

    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"] == CSP


def test_without_a_database_programs_are_told_to_come_back(any_app, any_session, unreachable):
    client = any_app.test_client()
    unreachable()

    answer = client.get("/api/v1/pools", headers={"Authorization": "Bearer x"})

    assert (answer.status_code, answer.json["code"]) == (503, "busy")


class TestTrustedHosts:
    @pytest.fixture
    def settings(self):
        return {"TRUSTED_HOSTS": "booking.example, .park.example"}

    @pytest.mark.parametrize("path", ["/", "/account/sign-in", "/api/v1/pools", "/nothing-here"])
    def test_a_request_for_another_host_is_refused(self, client, path):
        answer = client.get(path, headers={"Host": "evil.example"})

        assert answer.status_code == 400
        assert "evil" not in answer.text
        assert answer.headers["Content-Security-Policy"] == CSP

    @pytest.mark.parametrize("host", ["booking.example", "booking.example:8443", "a.park.example"])
    def test_own_hosts_are_served(self, client, host):
        assert client.get("/account/sign-in", headers={"Host": host}).status_code == 200


def test_a_form_without_files_is_bounded(client):
    """Above 2 MB it is refused before it is parsed, and so before its token is looked for."""
    answer = client.post("/account/sign-in", data={"email": "x" * 2_200_000})

    assert answer.status_code == 413
    assert "text/html" in answer.content_type
