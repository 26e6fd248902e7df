"""The authenticator app and recovery codes: once each, and nothing without them."""

import json

import pytest
from sqlalchemy import select

from booking.accounts.models import Authenticator, RecoveryCode, User
from booking.accounts.rules.factors import digits_of, recovery_code_of, step_of
from booking.audit.models import Audit
from tests.accounts.proving import codes_in, is_in, letters, sign_in
from tests.conftest import NOW
from tests.pages import browser

SECOND = "/account/second-factor"


def test_a_password_alone_is_not_enough_any_more(any_app, ada, enrolled, code):
    client = browser(any_app)
    answer = sign_in(client)
    assert answer.headers["Location"].startswith(SECOND)
    assert not is_in(client)

    assert client.post(SECOND, data={"code": "000000"}).status_code == 422
    assert client.post(SECOND, data={"code": code()}).status_code == 302
    assert is_in(client)


def test_a_code_works_once(any_app, ada, enrolled, code):
    shown, first, second = code(), browser(any_app), browser(any_app)
    for client in (first, second):
        sign_in(client)
    assert first.post(SECOND, data={"code": shown}).status_code == 302

    assert second.post(SECOND, data={"code": shown}).status_code == 422
    assert second.post(SECOND, data={"code": code(-1)}).status_code == 422  # nor an older one
    assert second.post(SECOND, data={"code": code(1)}).status_code == 302


def test_the_code_that_took_the_app_into_use_signs_nobody_in(any_app, ada, her, code):
    her.post("/account/authenticator/begin")
    shown = code()
    her.post("/account/authenticator", data={"code": shown})
    client = browser(any_app)
    sign_in(client)

    assert client.post(SECOND, data={"code": shown}).status_code == 422


def test_a_recovery_code_stands_in_once_and_is_told_of(any_app, ada, enrolled):
    ada_id, client = ada.id, browser(any_app)
    sign_in(client)
    typed = enrolled[0].lower().replace("-", " ")
    assert client.post(SECOND, data={"code": typed}).status_code == 302
    assert is_in(client)
    assert letters(ada_id)[-1] == "factors_changed"

    again = browser(any_app)
    sign_in(again)
    assert again.post(SECOND, data={"code": typed}).status_code == 422


def test_new_recovery_codes_end_the_old(any_app, her, enrolled):
    fresh = codes_in(her.post("/account/recovery-codes").text)
    assert len(set(fresh)) == 10
    assert not set(fresh) & set(enrolled)
    client = browser(any_app)
    sign_in(client)

    assert client.post(SECOND, data={"code": enrolled[1]}).status_code == 422
    assert client.post(SECOND, data={"code": fresh[0]}).status_code == 302


def test_codes_are_guessed_at_five_times(any_app, ada, enrolled, code):
    client = browser(any_app)
    sign_in(client)
    statuses = [client.post(SECOND, data={"code": "000000"}).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]
    assert client.post(SECOND, data={"code": code()}).status_code == 429


def test_wrong_codes_are_noted_and_the_fifth_of_a_day_is_told(
    any_app, any_session, ada, enrolled, clock
):
    ada_id, before = ada.id, letters(ada.id)
    client = browser(any_app)
    sign_in(client)
    for _ in range(4):
        client.post(SECOND, data={"code": "000000"})
    assert letters(ada_id) == before
    client.post(SECOND, data={"code": "A" * 24})
    clock.shift(minutes=5)
    client.post(SECOND, data={"code": "000000"})

    assert letters(ada_id) == [*before, "wrong_factors"]
    query = select(Audit.actor_id, Audit.subject_id, Audit.after).order_by(Audit.id)
    noted = any_session.execute(query.where(Audit.action == "factor.refused")).all()
    whats = [json.loads(row.after)["what"] for row in noted]
    assert whats == [*["authenticator"] * 4, "recovery_code", "authenticator"]
    assert {row[:2] for row in noted} == {(None, ada_id)}


def test_taking_it_into_use_signs_other_devices_out_and_tells(any_app, any_session, ada, her, code):
    ada_id, other = ada.id, browser(any_app, ada)
    her.post("/account/authenticator/begin")
    assert her.post("/account/authenticator", data={"code": "000000"}).status_code == 422
    assert sign_in(browser(any_app)).headers["Location"] == "/"  # proves nothing yet

    assert len(codes_in(her.post("/account/authenticator", data={"code": code()}).text)) == 10
    assert (is_in(her), is_in(other)) == (True, False)
    assert letters(ada_id)[-1] == "factors_changed"
    assert any_session.get_one(User, ada_id).factor_since == NOW


def test_nothing_is_stored_that_could_be_used(any_session, enrolled, ada):
    row = any_session.scalars(select(Authenticator)).one()
    hashes = any_session.scalars(select(RecoveryCode.code_hash)).all()

    assert row.secret.startswith("gAAAA")  # Fernet
    assert not any(one.replace("-", "") in " ".join(hashes) for one in enrolled)


def test_a_secret_sealed_with_another_key_proves_nothing(any_app, ada, enrolled, code):
    shown = code()
    any_app.config["SECRET_KEY"] = "another key"
    client = browser(any_app)
    sign_in(client)
    answer = client.post(SECOND, data={"code": shown})

    assert answer.status_code == 422
    assert "Use a recovery code" in answer.text
    assert client.post(SECOND, data={"code": enrolled[0]}).status_code == 302


def test_removing_the_last_factor_ends_the_recovery_codes(any_app, any_session, ada, her, enrolled):
    ada_id = ada.id
    assert her.post("/account/authenticator/remove").status_code == 302

    assert any_session.get_one(User, ada_id).factor_since is None
    assert any_session.scalars(select(RecoveryCode)).all() == []
    assert sign_in(browser(any_app)).headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/account/authenticator/remove", "/account/recovery-codes"])
def test_changing_factors_needs_a_fresh_proof(her, enrolled, clock, path):
    clock.shift(minutes=16)
    answer = her.post(path)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/account/confirm")


def test_the_second_factor_is_asked_for_ten_minutes(any_app, enrolled, code, clock):
    client = browser(any_app)
    sign_in(client)
    clock.shift(minutes=11)
    answer = client.post(SECOND, data={"code": code()})

    assert answer.headers["Location"].startswith("/account/sign-in")
    assert not is_in(client)


def test_a_step_reads_every_code_and_takes_only_later_ones():
    steps = {NOW.timestamp() // 30 + n: f"{n + 5:06}" for n in (-1, 0, 1)}
    here = int(NOW.timestamp()) // 30

    def found(code, last=0):
        return step_of(lambda step: steps[step], code, NOW, last)

    assert [found(f"{n:06}") for n in (4, 5, 6, 7)] == [here - 1, here, here + 1, None]
    assert found("000005", last=here) is None
    assert found("000006", last=here) == here + 1
    assert found("ä") is None


def test_codes_are_read_as_people_type_them():
    assert digits_of(" 123 456 ") == "123456"
    assert recovery_code_of("oil-0 ab") == "0110AB"
