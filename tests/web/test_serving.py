"""`serve`: whose links lead here, whom it believes, how much it takes, and its first words."""

import pytest
import waitress

from booking import create_app
from booking.infra.db import db
from tests.factories import create_user


@pytest.fixture
def served(app, monkeypatch):
    """Return a function that runs `serve` and returns its output and what waitress was told."""
    told = {}
    monkeypatch.setattr(waitress, "serve", lambda _app, **settings: told.update(settings))

    def run(*arguments, **settings):
        app.config.update(settings)
        result = app.test_cli_runner().invoke(args=["serve", *arguments])
        assert result.exit_code == 0, result.output
        return result.output, told

    return run


def test_links_lead_to_the_port_that_is_served(app, served):
    usual = create_app("default").config["PUBLIC_BASE_URL"]

    served("--port", "8123", PUBLIC_BASE_URL=usual)
    assert app.config["PUBLIC_BASE_URL"] == "http://127.0.0.1:8123"
    served("--port", "8123", "--host", "0.0.0.0", PUBLIC_BASE_URL=usual)  # noqa: S104
    assert app.config["PUBLIC_BASE_URL"] == "http://127.0.0.1:8123"


def test_an_address_that_was_configured_stays(app, served):
    served("--port", "8123", PUBLIC_BASE_URL="https://booking.example")

    assert app.config["PUBLIC_BASE_URL"] == "https://booking.example"


@pytest.mark.parametrize(("proxies", "dropped"), [(0, True), (1, False)])
def test_the_headers_of_a_proxy_reach_the_app_only_if_there_is_one(served, proxies, dropped):
    _output, told = served(PROXY_COUNT=proxies)

    assert told["clear_untrusted_proxy_headers"] is dropped


def test_no_endless_body_is_received(app, served):
    _output, told = served()

    assert told["max_request_body_size"] == 2 * app.config["MAX_CONTENT_LENGTH"]


def test_a_park_without_people_says_how_to_begin(app, served):
    output, _told = served("--port", "8123", PUBLIC_BASE_URL="http://127.0.0.1:8000")

    assert "BOOKING_PUBLIC_BASE_URL=http://127.0.0.1:8123 " in output
    assert "operator create EMAIL" in output
    with app.app_context():
        create_user(db.session(), email="ada@test.example", name="Ada")
        db.session.commit()
    assert "operator create" not in served()[0]
