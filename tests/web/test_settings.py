"""Settings: production refuses to start without what it needs, and names it."""

import pytest

import config
from booking import create_app
from booking.infra.configuration import MissingSetting

NEEDED = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "PUBLIC_BASE_URL": "https://booking.example",
    "TRUSTED_HOSTS": "booking.example",
}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    for name, value in NEEDED.items():
        monkeypatch.setenv(f"BOOKING_{name}", value)
    monkeypatch.setenv("BOOKING_DATABASE_URL", f"sqlite:///{tmp_path / 'x.sqlite'}")
    return monkeypatch


def test_production_starts_with_what_it_needs(environment):
    app = create_app("production")

    assert app.config["TRUSTED_HOSTS"] == ["booking.example"]
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", [None, "", "  ", " , "])
def test_production_names_the_setting_it_lacks(environment, name, value):
    if value is None:
        environment.delenv(f"BOOKING_{name}")
    else:
        environment.setenv(f"BOOKING_{name}", value)

    with pytest.raises(MissingSetting, match=f"BOOKING_{name}"):
        create_app("production")


def test_production_refuses_the_key_of_the_tests(environment):
    environment.setenv("BOOKING_SECRET_KEY", config.Testing.SECRET_KEY)

    with pytest.raises(MissingSetting, match="BOOKING_SECRET_KEY"):
        create_app("production")


def test_production_refuses_a_debugger(environment):
    environment.setenv("FLASK_DEBUG", "1")

    with pytest.raises(MissingSetting, match="FLASK_DEBUG"):
        create_app("production")


def test_a_number_that_is_none_is_named(environment):
    environment.setenv("BOOKING_SERVE_THREADS", "many")

    with pytest.raises(ValueError, match="BOOKING_SERVE_THREADS"):
        create_app("default")
