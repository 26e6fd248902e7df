"""Composed messages keep what they are given, and only that."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from booking.infra import mail
from booking.infra.mail import Calendar, Mail, compose, domain_of, one_line, plain_name, read_back

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
# Words that mail libraries have tripped over: wide, long, with specials, like encoded words.
WORDS = (
    "激光",
    "共聚焦显微镜",
    "microscope",
    "–",
    "é",
    "😀",
    ":",
    ",",
    '"',
    "<",
    "=?utf-8?q?=0A?=",
    "a" * 40,
)


def message(**changes):
    """Return a composed message."""
    given = {
        "message_id": "<outbox.1.abc@park.example>",
        "sender_name": "共享仪器预约",
        "sender_address": "desk@park.example",
        "to_name": "王 小明",
        "to_address": "ada@test.example",
        "subject": "预约已同意",
        "text": "您好\n",
        "html": "<p>您好</p>",
    }
    return compose(Mail(**{**given, **changes}), NOW)


def arrived(**changes):
    """Return the message as another program reads it."""
    return message_from_bytes(message(**changes).as_bytes(), policy=policy.default)


@given(st.lists(st.sampled_from([*WORDS, " "]) | st.text(max_size=10), max_size=20).map("".join))
@example("改期未通过：激光共聚焦显微镜 仍为 11月24日 周二 09:00–11:00")
@example("To decide: Ada wants to move Confocal microscope to Tue 24 Nov 11:00–13:00")
@settings(max_examples=200, deadline=None)
def test_a_subject_arrives_as_it_was_on_one_line(text):
    expected = one_line(text).replace("=?", "= ?")[: mail.LONGEST_SUBJECT].rstrip()

    assert (arrived(subject=text)["Subject"] or "") == expected


@given(st.text(max_size=120))
@example("Ada\r\nBcc: eve@test.example")
@example("=?utf-8?q?a=0D=0ABcc:_eve@test.example?=")
@example('", <eve@test.example>, "')
@settings(max_examples=200, deadline=None)
def test_a_name_never_becomes_an_address_or_a_header(name):
    found = arrived(to_name=name, sender_name=name)

    assert [a.addr_spec for a in found["To"].addresses] == ["ada@test.example"]
    assert [a.addr_spec for a in found["From"].addresses] == ["desk@park.example"]
    assert set(found.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
        "Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\r\nBcc: eve@test.example", "a@b>, <eve@test.example", "a b@c.d"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match=r".*"):
        message(to_address=address)


def test_text_comes_first_then_html_then_the_calendar_twice():
    found = arrived(calendar=Calendar("REQUEST", "BEGIN:VCALENDAR\r\n仪器\r\n".encode()))

    assert [part.get_content_type() for part in found.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    assert found.get_body(("plain",)).get_content().strip() == "您好"


def test_every_line_fits_what_mail_servers_take():
    lines = message(text="长" * 5000, html="<p>" + "x" * 5000).as_bytes().split(b"\r\n")

    assert max(map(len, lines)) <= 78
    assert not any(b"\n" in line for line in lines)


def test_a_stored_message_is_read_back():
    back = read_back(message(calendar=Calendar("CANCEL", b"BEGIN:VCALENDAR\r\n")).as_bytes())

    assert dict(back.headers)["To"] == "王 小明 <ada@test.example>"
    assert back.text == "您好\n"
    assert back.calendar.startswith("BEGIN:VCALENDAR")


def test_a_message_id_belongs_to_its_row():
    first = mail.message_id(7, "reservation:1:approved", "https://park.example/x")

    assert first == mail.message_id(7, "reservation:1:approved", "https://park.example/x")
    assert first != mail.message_id(7, "reservation:2:approved", "https://park.example/x")
    assert first.startswith("<outbox.7.")
    assert first.endswith("@park.example>")


@pytest.mark.parametrize(
    ("base_url", "domain"),
    [
        ("https://booking.park.example:8443", "booking.park.example"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "localhost"),  # no mail domain
        ("https://预约.example", "xn--ym0as34c.example"),
        ("https://a..b", "localhost"),
        ("", "localhost"),
    ],
)
def test_the_domain_of_message_ids_is_the_parks_host(base_url, domain):
    assert domain_of(base_url) == domain


def test_names_lose_what_means_something_in_an_address():
    assert plain_name('Wang, "Ada" <x@y.z>\u202e') == "Wang Ada x y z"
