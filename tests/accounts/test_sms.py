"""Signing in by a code sent to one's mobile, and proving the number."""

import re
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from booking.accounts.jobs import forget_tries
from booking.accounts.models import Mobile, SmsCode
from booking.accounts.services import sms_codes
from booking.accounts.services.sms_codes import ask_proof, prove_number
from booking.core.actor import Actor
from booking.infra.db import db, write
from booking.infra.outbox import Outbox
from booking.infra.passwords import hash_password
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.conftest import NOW
from tests.pages import browser, said

NUMBER = "+8613912345678"


@pytest.fixture
def settings():
    return {"SMS_GATEWAY": "log", "SMS_PER_HOUR": 3}


@pytest.fixture
def ada(session, clock):
    """Return Ada, who has proven her number."""
    ada = factories.create_user(session, email="ada@test.example", name="Ada", locale="en")
    session.add(Mobile(user_id=ada.id, number=NUMBER, verified_at=NOW))
    session.commit()
    return ada


def sent(app):
    """Send what is due and return the messages, oldest first."""
    with app.app_context():
        deliver_due()
        db.session.remove()
    files = sorted(Path(app.instance_path).glob("sms/*.txt"), key=lambda file: int(file.stem))
    return [file.read_text(encoding="utf-8") for file in files]


def code_in(message):
    return re.search(r"\b(\d{6})\b", message.split("\n")[1]).group(1)


def asked(client, account="139 1234 5678"):
    return client.post("/account/sms", data={"account": account})


def typed(client, code):
    return client.post("/account/sms/code", data={"code": code})


def is_in(client):
    return client.get("/account/tokens").status_code == 200


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.mark.parametrize("account", ["139 1234 5678", "+86 13912345678", "Ada@Test.example "])
def test_a_code_signs_in_once(app, session, ada, account):
    client = browser(app)
    assert asked(client, account).headers["Location"] == "/account/sms/code"
    [message] = sent(app)
    assert message.startswith(f"{NUMBER}\n")
    code = code_in(message)
    assert code not in session.scalars(select(SmsCode.code_hash)).one()
    assert code not in session.scalars(select(Outbox.parameters)).one()
    session.rollback()

    assert typed(client, f"{code[:3]} {code[3:]}").headers["Location"] == "/"
    assert is_in(client)
    again = browser(app)
    with again.session_transaction() as cookie:
        cookie["sms"] = {"account": NUMBER, "next": "/"}
    assert typed(again, code).status_code == 422
    assert not is_in(again)


def test_a_code_ends_after_five_minutes_or_five_tries(app, session, ada, clock):
    client = browser(app)
    asked(client)
    code = code_in(sent(app)[0])
    for _ in range(5):
        assert typed(client, wrong(code)).status_code == 422
    assert typed(client, code).status_code == 422

    clock.shift(minutes=1)
    asked(client)
    code = code_in(sent(app)[1])
    clock.shift(minutes=5)
    assert typed(client, code).status_code == 422
    assert not is_in(client)
    with app.app_context():
        forget_tries()
    session.rollback()
    assert session.scalars(select(SmsCode)).all() == []


def test_a_newer_code_ends_an_older(app, ada, clock):
    client = browser(app)
    asked(client)
    clock.shift(minutes=1)
    asked(client)
    first, second = map(code_in, sent(app))
    assert typed(client, first).status_code == 422
    assert typed(client, second).status_code == 302


def test_a_stranger_learns_nothing_from_an_answer(app, session, ada):
    factories.create_user(session, email="bo@test.example", phone="13800000000")
    answers = set()
    for account in ("13912345678", "13800000000", "ada@test.example", "bo@test.example",
                    "nobody@test.example"):  # fmt: skip
        client = browser(app)
        first = asked(client, account)
        page = re.sub(r"as \S+,", "", said(client.get("/account/sms/code").text))
        refused = re.sub(r"as \S+,", "", said(typed(client, "000000").text))
        answers.add((first.status_code, first.headers["Location"], page, refused))
    assert len(answers) == 1
    assert len(sent(app)) == 2  # to Ada alone; a number that is not proven counts for nothing


def test_what_is_no_number_says_so_and_stays(app, clock):
    answer = asked(browser(app), "010 8888 8888")
    assert answer.status_code == 422
    assert "Give a mobile number" in answer.text
    assert 'value="010 8888 8888"' in answer.text


def test_messages_are_limited_for_a_number_and_from_an_address(app, ada, clock):
    client = browser(app)
    assert asked(client).status_code == 302
    refused = asked(client)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    clock.shift(minutes=1)
    assert asked(client).status_code == 302
    clock.shift(minutes=1)
    assert asked(client).status_code == 429  # three an hour, and refused ones count
    assert len(sent(app)) == 2

    statuses = [asked(client, f"1380000000{n}").status_code for n in range(9)]
    assert 429 in statuses


def test_a_number_is_proven_by_its_code_and_moves_to_nobody_else(app, session, ada, clock):
    bo = factories.create_user(
        session, email="bo@test.example", name="Bo", password_hash=hash_password("x" * 12)
    )
    client = browser(app, bo)
    client.post("/account/mobile", data={"number": "+44 7700 900123"})
    code = code_in(sent(app)[0])
    assert client.post("/account/mobile/code", data={"code": wrong(code)}).status_code == 422
    assert client.post("/account/mobile/code", data={"code": code}).status_code == 302
    assert "Codes to sign in go to +4477••••0123." in said(client.get("/account/ways").text)

    # Ada's number stays hers, even for who reads its messages.
    client.post("/account/mobile", data={"number": NUMBER})
    code = code_in(sent(app)[1])
    answer = client.post("/account/mobile/code", data={"code": code})
    assert "another person" in said(answer.text)
    session.rollback()
    assert dict(session.execute(select(Mobile.number, Mobile.user_id)).all())[NUMBER] == ada.id

    client.post("/account/mobile/drop")
    assert "None is proven yet" in said(client.get("/account/ways").text)


def test_a_code_sent_for_one_person_proves_nothing_of_another(app, session, clock):
    people = [factories.create_user(session).id for _ in range(2)]
    session.commit()
    write(lambda s: ask_proof(s, Actor(people[0]), NUMBER, NOW))
    code = code_in(sent(app)[0])
    assert write(lambda s: prove_number(s, Actor(people[1]), NUMBER, code, NOW)) is False
    assert write(lambda s: prove_number(s, Actor(people[0]), NUMBER, code, NOW)) is True


def test_the_last_way_in_stays(app, ada):
    client = browser(app, ada)  # without a password
    client.post("/account/mobile/drop")
    page = said(client.get("/account/ways").text)
    assert "You could not sign in any more" in page
    assert "+86139••••5678" in page


def test_who_has_left_gets_no_code(app, session, ada):
    ada.retired_at = NOW
    session.commit()
    asked(browser(app))
    assert sent(app) == []


def test_of_many_who_try_at_once_five_are_heard(any_app, any_session, clock, monkeypatch):
    monkeypatch.setattr(sms_codes.secrets, "randbelow", lambda _n: 123456)
    ada = factories.create_user(any_session, email="ada@test.example").id
    any_session.add(Mobile(user_id=ada, number=NUMBER, verified_at=NOW))
    any_session.commit()
    write(lambda s: sms_codes.ask_code(s, NUMBER, NOW))
    barrier, heard = threading.Barrier(8), []

    def ask(n):
        with any_app.app_context():
            barrier.wait()
            heard.append(write(lambda s: sms_codes.take_code(s, NUMBER, f"00000{n}", NOW)))
            db.session.remove()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    any_session.rollback()
    assert (set(heard), any_session.scalars(select(SmsCode.tries)).one()) == ({None}, 5)
    assert write(lambda s: sms_codes.take_code(s, NUMBER, "123456", NOW)) is None


class TestThroughAGateway:
    def test_a_message_that_was_not_taken_is_tried_again(self, app, session, ada, elsewhere, clock):
        app.config.update(
            SMS_GATEWAY="http", SMS_URL=f"{elsewhere.url}/sms", SMS_EXPECT='"code":"OK"'
        )
        elsewhere.next(status="503 Busy")
        asked(browser(app))
        sent(app)
        session.rollback()
        row = session.scalars(select(Outbox)).one()
        assert (row.state, row.attempts) == ("pending", 1)
        body = elsewhere.asked("/sms")[0]["body"]
        session.rollback()

        elsewhere.next()
        clock.shift(minutes=2)
        sent(app)
        session.rollback()
        assert session.scalars(select(Outbox.state)).one() == "sent"
        assert elsewhere.asked("/sms")[0]["body"] == body
        assert f'"to": "{NUMBER}"' in body


class TestWithoutAGateway:
    @pytest.fixture
    def settings(self):
        return {}

    def test_nothing_of_it_is_offered(self, app, session, clock):
        ada = factories.create_user(session)
        client = browser(app)
        assert "/account/sms" not in client.get("/account/sign-in").text
        assert asked(client).status_code == 404
        assert 'id="mobile"' not in browser(app, ada).get("/account/ways").text
