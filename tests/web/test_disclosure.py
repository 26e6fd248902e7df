"""Whom to tell about a weakness: the file of RFC 9116."""

from datetime import datetime, timedelta

import pytest

from booking import create_app
from booking.web.disclosure import contacts
from tests.answers import lacking

PATH = "/.well-known/security.txt"


def fields(text):
    """Return the file's fields, in order."""
    return [tuple(line.split(": ", 1)) for line in text.splitlines()]


def test_without_a_contact_there_is_no_file(client):
    assert client.get(PATH).status_code == 404


class TestWithContact:
    @pytest.fixture
    def settings(self):
        return {
            "SECURITY_CONTACT": "security@park.example, https://park.example/report",
            "PUBLIC_BASE_URL": "https://park.example",
        }

    def test_the_file_says_who_until_when_in_which_languages_and_where(self, client, clock, now):
        answer = client.get(PATH)

        assert answer.content_type == "text/plain; charset=utf-8"
        assert lacking(answer) == {}
        assert fields(answer.text) == [
            ("Contact", "mailto:security@park.example"),
            ("Contact", "https://park.example/report"),
            ("Expires", "2027-05-22T00:00:00Z"),
            ("Preferred-Languages", "zh, en"),
            ("Canonical", "https://park.example/.well-known/security.txt"),
        ]

    @pytest.mark.parametrize("later", [{}, {"days": 200}, {"days": 4000, "hours": 15}])
    def test_it_never_expires_and_never_lasts_a_year(self, client, clock, later):
        clock.shift(**later)
        expires = datetime.fromisoformat(dict(fields(client.get(PATH).text))["Expires"])
        assert timedelta(days=30) < expires - clock.now < timedelta(days=365)

    def test_it_asks_for_no_session_and_gives_none(self, client):
        answer = client.get(PATH, headers={"Cookie": "booking=stale"})
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (200, None)


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("", []),
        (" , ", []),
        ("mailto:a@b.example", ["mailto:a@b.example"]),
        ("tel:+86-10-1234", ["tel:+86-10-1234"]),
    ],
)
def test_contacts_are_uris(setting, found):
    assert contacts(setting) == found


@pytest.mark.parametrize(
    "setting",
    ["http://park.example/report", "somebody", "a@b.example\nExpires: 2100-01-01T00:00:00Z",
     "https://", "javascript:alert(1)", "a@b@c", "https://user@park.example/"],
)  # fmt: skip
def test_what_is_no_address_stops_the_start(setting, tmp_path):
    url = f"sqlite:///{tmp_path}/x.sqlite"
    with pytest.raises(ValueError, match="BOOKING_SECURITY_CONTACT"):
        create_app("testing", {"SECURITY_CONTACT": setting, "DATABASE_URL": url})
