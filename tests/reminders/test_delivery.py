"""Delivery: outside transactions, one broken row never in the way of others, outages cheap."""

import json
import stat
from datetime import timedelta

from booking.infra import claims, outbox, transports
from booking.infra.db import db, write
from booking.infra.outbox import Outbox
from booking.reminders.jobs import deliver
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.reminders.steps import header, put, rows, the_row, written


def test_nothing_due_sends_nothing_and_writes_nothing(any_session, park, reservation, now):
    put("reminder", park.ada, reservation, due=now + timedelta(seconds=1))

    assert deliver_due().handled == 0


def test_a_message_becomes_one_file_only_its_owner_reads(any_app, any_session, park, reservation):
    put("approved", park.ada, reservation)

    assert deliver_due().sent == 1

    row = the_row(any_session)
    path = transports.path_of(any_app.instance_path, row.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [f"{row.id}.eml"]
    assert (row.state, row.sent_at, row.next_try_at) == ("sent", row.due_at, None)


def test_a_repeat_has_the_same_message_id_and_file(any_app, any_session, park, reservation, clock):
    put("approved", park.ada, reservation)
    deliver_due()
    first = header(written(any_app), "Message-ID")
    # As after a kill between sending and marking.
    any_session.get(Outbox, 1).state = outbox.CLAIMED
    any_session.get(Outbox, 1).next_try_at = clock.now
    any_session.commit()

    assert deliver_due().sent == 1

    assert header(written(any_app), "Message-ID") == first
    assert len(list(transports.folder(any_app.instance_path).iterdir())) == 1


def test_message_ids_tell_rows_apart_and_carry_the_parks_host(
    any_app, any_session, park, reservation
):
    any_app.config["PUBLIC_BASE_URL"] = "https://booking.park.example"
    put("approved", park.ada, reservation)
    put("approved", park.bo, reservation)
    deliver_due()

    first, second = (header(written(any_app, n), "Message-ID") for n in (1, 2))
    assert first != second
    assert first.startswith("<outbox.1.")
    assert first.endswith("@booking.park.example>")


def test_one_row_that_cannot_be_understood_does_not_stop_the_others(
    any_app, any_session, park, reservation
):
    put("approved", park.ada, "reservation:999999")
    put("approved", park.ada, "nonsense")
    put("approved", park.ada, reservation, channel="pigeon")
    put("no_such_kind", park.ada, reservation)
    put("approved", park.bo, reservation)

    tally = deliver_due()

    assert (tally.sent, tally.failed) == (1, 4)
    assert [row.state for row in rows(any_session)] == ["pending"] * 4 + ["sent"]
    assert [row.error.split(":")[0] for row in rows(any_session)[:4]] == [
        "LookupError", "LookupError", "ValueError", "KeyError",
    ]  # fmt: skip


def test_parameters_that_cannot_be_read_are_an_error_of_their_row(any_session, park, reservation):
    put("approved", park.ada, reservation)
    for broken in ("{", "[]", json.dumps({"start": 5, "end": 3})):
        any_session.get(Outbox, 1).parameters = broken
        any_session.get(Outbox, 1).next_try_at = outbox.AT_ONCE
        any_session.commit()

        assert deliver_due().failed == 1


def test_an_address_that_is_none_fails_alone(any_session, park, reservation):
    park.ada.email = "nobody\r\nBcc: eve@test.example"
    any_session.commit()
    put("approved", park.ada, reservation)
    put("approved", park.bo, reservation)

    assert (deliver_due().sent, [row.state for row in rows(any_session)]) == (
        1,
        ["pending", "sent"],
    )


def test_no_transaction_is_open_while_a_message_travels(
    any_session, park, reservation, monkeypatch
):
    put("approved", park.ada, reservation)
    open_while_sending = []
    send = transports.FileTransport.send

    def spy(self, message, number):
        open_while_sending.append(db.session().in_transaction())
        send(self, message, number)

    monkeypatch.setattr(transports.FileTransport, "send", spy)
    deliver_due()

    assert open_while_sending == [False]


def test_a_row_voided_after_the_claim_is_not_sent(any_session, park, reservation, monkeypatch):
    put("reminder", park.ada, reservation)
    put("reminder", park.bo, reservation)
    send = transports.FileTransport.send

    def void_the_rest(self, message, number):
        write(lambda session: outbox.void(session, f"reservation:{reservation.id}", ("reminder",)))
        send(self, message, number)

    monkeypatch.setattr(transports.FileTransport, "send", void_the_rest)
    tally = deliver_due()

    assert (tally.sent, tally.void) == (1, 1)
    first, second = rows(any_session)
    assert (first.state, first.sent_at is not None) == ("void", True)
    assert (second.state, second.sent_at) == ("void", None)


def test_a_limit_is_kept(any_session, park, reservation):
    for number in range(25):
        put("approved", park.ada, reservation, key=str(number))

    assert [deliver_due(12).sent, deliver_due(12).sent, deliver_due(12).sent] == [12, 12, 1]


def test_when_nothing_can_leave_one_row_pays_for_the_try(
    any_app, any_session, park, reservation, tmp_path
):
    any_app.instance_path = str(tmp_path / "file")
    (tmp_path / "file").write_text("where a folder should be")
    for number in range(5):
        put("approved", park.ada, reservation, key=str(number))

    tally = deliver_due()

    assert (tally.sent, tally.failed) == (0, 1)
    assert [row.attempts for row in rows(any_session)] == [1, 0, 0, 0, 0]
    assert {row.state for row in rows(any_session)} == {"pending"}


def test_a_slow_run_gives_the_rest_of_its_batch_back(any_session, park, reservation, monkeypatch):
    for number in range(5):
        put("approved", park.ada, reservation, key=str(number))
    monkeypatch.setattr(deliver, "START_WITHIN", -1)
    monkeypatch.setattr(deliver, "RUN_SECONDS", 0.05)

    assert deliver_due().handled == 0
    assert {(row.state, row.attempts) for row in rows(any_session)} == {("pending", 0)}


def test_the_lease_outlives_three_silences_of_the_mail_server(any_app, any_session):
    assert deliver.lease_seconds() == claims.LEASE_SECONDS
    any_app.config["SMTP_TIMEOUT_SECONDS"] = 60
    assert deliver.lease_seconds() == 180


def test_late_messages_are_caught_up_after_a_standstill(any_session, park, reservation, clock):
    soon = clock.now + timedelta(hours=1)
    put("reminder", park.ada, reservation, due=soon, useful_until=reservation.start_at, key="a")
    put("reminder", park.ada, reservation, due=soon, useful_until=soon, key="b")
    clock.shift(hours=23)

    assert deliver_due().sent == 1
    assert [row.state for row in rows(any_session)] == ["sent", "missed"]


def test_names_with_line_breaks_stay_names(any_app, any_session, park, reservation):
    park.ada.name = "Ada\r\nBcc: eve@test.example\r\n\r\n<script>"
    any_session.commit()
    pool = any_session.merge(park.confocal)
    pool.name_zh = "显微镜\r\nX-Bad: 1"
    any_session.commit()
    put("approved", park.ada, reservation)

    assert deliver_due().sent == 1

    headers = dict(written(any_app).headers)
    assert headers["To"] == "Ada Bcc eve test example script <ada@test.example>"
    assert "显微镜 X-Bad: 1" in headers["Subject"]
    raw = transports.stored(any_app.instance_path, 1)
    assert b"\nBcc:" not in raw
    assert b"\nX-Bad:" not in raw


def test_many_people_get_many_messages(any_session, park, reservation):
    for number in range(30):
        person = factories.create_user(any_session)
        put("approved", person, reservation, key=str(number))

    assert deliver_due().sent == 30
