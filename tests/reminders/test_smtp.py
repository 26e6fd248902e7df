"""Sending by SMTP, against a real server on the loopback."""

import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from booking.infra import transports
from booking.reminders.jobs.deliver import deliver_due
from tests.reminders.sink import REFUSED, Sink, free_port, listening
from tests.reminders.steps import put, rows, the_row

# For localhost and 127.0.0.1, signed by itself; until 2126.
CERTIFICATE = Path(__file__).with_name("localhost.pem")
# A rule of RFC 5546: REQUEST for what holds, CANCEL for what ended; nothing for the rest.
METHODS = [
    ("approved", "approved", {}, "REQUEST"),
    ("moved", "approved", {}, "REQUEST"),
    ("booked_for_you", "approved", {}, "REQUEST"),
    ("booked_for_you", "pending", {}, None),
    ("cancelled", "cancelled", {"was": "approved"}, "CANCEL"),
    ("cancelled", "cancelled", {"was": "pending"}, None),
    ("rejected", "rejected", {}, None),
    ("reminder", "approved", {}, None),
]


def calendars(message):
    """Return the calendars of a message: the alternative part, and the attached file."""
    return [
        icalendar.Calendar.from_ical(part.get_content())
        for part in message.walk()
        if part.get_content_type() in ("text/calendar", "application/ics")
    ]


def test_a_message_arrives_whole(any_session, park, reservation, sink):
    put("approved", park.ada, reservation)

    assert deliver_due().sent == 1

    (message,) = sink.messages
    (envelope,) = sink.envelopes
    assert envelope.mail_from == "booking@localhost"
    assert envelope.rcpt_tos == ["ada@test.example"]
    assert message["Subject"] == "预约已通过：激光共聚焦显微镜，11月24日 周二 09:00–11:00"
    assert message["From"] == "共享仪器预约 <booking@localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert message.get_body(("plain",)).get_content().startswith("Ada，您好：")
    assert 'lang="zh-CN"' in message.get_body(("html",)).get_content()


def test_the_sender_may_have_a_name_of_its_own(any_app, any_session, park, reservation, sink):
    any_app.config["MAIL_FROM"] = "Park West <desk@park.example>"
    put("approved", park.ada, reservation)
    deliver_due()

    assert sink.messages[0]["From"] == "Park West <desk@park.example>"
    assert sink.envelopes[0].mail_from == "desk@park.example"


@pytest.mark.parametrize(("kind", "status", "told", "method"), METHODS)
def test_calendars_follow_what_holds(
    any_session, park, reservation, sink, kind, status, told, method
):
    reservation.status = status
    any_session.commit()
    put(kind, park.ada, reservation, **told)
    deliver_due()

    (message,) = sink.messages
    found = calendars(message)
    assert [str(c["method"]) for c in found] == ([method] * 2 if method else [])
    if method:
        part = next(p for p in message.walk() if p.get_content_type() == "text/calendar")
        assert part.get_param("method") == method
        assert part.get_content_charset() == "utf-8"


def test_the_entry_is_the_same_for_life_and_counts_changes(any_session, park, reservation, sink):
    put("approved", park.ada, reservation)
    deliver_due()
    reservation.version, reservation.start_at = 2, reservation.start_at - timedelta(hours=1)
    any_session.commit()
    put("moved", park.ada, reservation)
    deliver_due()

    first, second = (calendars(m)[0].walk("VEVENT")[0] for m in sink.messages)
    assert first["uid"] == second["uid"] == f"reservation-{reservation.reference}@localhost"
    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert second["dtstart"].dt == reservation.start_at
    assert second["dtend"].dt == reservation.end_at
    assert second["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert str(second["summary"]) == "激光共聚焦显微镜"
    assert str(second["location"]) == "西安园区"
    assert second["attendee"].params["PARTSTAT"] == "ACCEPTED"


def test_what_the_server_refuses_is_tried_again_and_the_rest_goes_out(
    any_session, park, reservation, sink, clock
):
    sink.answer = lambda number: REFUSED if number % 20 == 0 else "250 ok"
    for number in range(40):
        put("approved", park.ada, reservation, key=str(number))

    first = deliver_due()
    assert (first.sent, first.failed) == (38, 2)
    clock.shift(seconds=73)
    assert deliver_due().sent == 2

    ids = [message["Message-ID"] for message in sink.messages]
    assert (len(ids), len(set(ids))) == (40, 40)
    assert {row.state for row in rows(any_session)} == {"sent"}


def test_a_server_that_hangs_up_costs_one_message_a_try(
    any_session, park, reservation, sink, clock
):
    sink.answer = lambda number: "421 going down" if number == 2 else "250 ok"
    for number in range(4):
        put("approved", park.ada, reservation, key=str(number))

    tally = deliver_due()

    assert (tally.sent, tally.failed) == (3, 1)
    assert len({m["Message-ID"] for m in sink.messages}) == 3


def test_an_unreachable_server_costs_one_try_for_all(any_session, any_app, park, reservation):
    any_app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=free_port(), SMTP_TLS="none")
    for number in range(3):
        put("approved", park.ada, reservation, key=str(number))

    assert deliver_due().failed == 1
    assert [row.attempts for row in rows(any_session)] == [1, 0, 0]
    assert "ConnectionRefusedError" in rows(any_session)[0].error


def test_a_silent_server_is_given_up_in_time(any_session, any_app, park, reservation):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        any_app.config.update(
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=silent.getsockname()[1],
            SMTP_TLS="none",
            SMTP_TIMEOUT_SECONDS=1,
        )
        put("approved", park.ada, reservation)

        assert deliver_due().failed == 1

    assert "timed out" in the_row(any_session).error


def test_a_server_without_tls_gets_nothing_unless_told_so(
    any_app, any_session, park, reservation, sink
):
    any_app.config["SMTP_TLS"] = "starttls"
    put("approved", park.ada, reservation)

    assert deliver_due().failed == 1
    assert sink.messages == []
    assert "STARTTLS" in the_row(any_session).error


def test_an_unknown_tls_mode_is_named(any_app, any_session, park, reservation, sink):
    any_app.config["SMTP_TLS"] = "ssl3"
    put("approved", park.ada, reservation)
    deliver_due()

    assert "BOOKING_SMTP_TLS" in the_row(any_session).error


def test_a_refused_sign_in_stops_all(any_app, any_session, park, reservation, sink):
    any_app.config.update(SMTP_USER="park", SMTP_PASSWORD="wrong")
    put("approved", park.ada, reservation)

    assert deliver_due().failed == 1
    assert sink.messages == []


def test_a_connection_that_is_gone_at_the_end_is_no_fault(app):
    server = socket.create_server(("127.0.0.1", 0))

    def greet_and_go():
        peer, _ = server.accept()
        peer.sendall(b"220 hello\r\n")
        peer.recv(100)
        peer.sendall(b"250 hello\r\n")
        peer.close()

    thread = threading.Thread(target=greet_and_go)
    thread.start()
    port = server.getsockname()[1]
    app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=port, SMTP_TLS="none")
    with transports.open_transport(app.config, app.instance_path) as transport:
        transport._connect().ehlo()
    thread.join()
    server.close()


# aiosmtpd warns of a sign-in without STARTTLS, not seeing that all of it is inside TLS.
inside_tls = pytest.mark.filterwarnings("ignore:Requiring AUTH")


# --- TLS ----------------------------------------------------------------------------------


class Desk:
    """Lets one account in."""

    def __call__(self, server, session, envelope, mechanism, given):
        """Return whether name and password are right."""
        right = given == LoginPassword(b"park", b"secret")
        return AuthResult(success=right, handled=right)


@pytest.fixture(params=["starttls", "tls"])
def tls_sink(request, any_app):
    """Return a mail server with a certificate of its own that wants a sign-in."""
    handler = Sink()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    implicit = request.param == "tls"
    more = {"auth_required": True, "authenticator": Desk()}
    if implicit:
        more |= {"ssl_context": context, "auth_require_tls": False}
    else:
        more |= {"tls_context": context, "require_starttls": True}
    with listening(handler, **more) as port:
        any_app.config.update(
            SMTP_HOST="localhost",
            SMTP_PORT=port,
            SMTP_TLS=request.param,
            SMTP_USER="park",
            SMTP_PASSWORD="secret",
        )
        yield handler


@inside_tls
def test_mail_goes_by_tls_with_a_sign_in(any_session, park, reservation, tls_sink, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    put("approved", park.ada, reservation)

    assert deliver_due().sent == 1, the_row(any_session).error
    assert len(tls_sink.messages) == 1


@inside_tls
def test_a_certificate_nobody_vouches_for_is_refused(any_session, park, reservation, tls_sink):
    put("approved", park.ada, reservation)

    assert deliver_due().failed == 1
    assert "certificate verify failed" in the_row(any_session).error
    assert tls_sink.messages == []
