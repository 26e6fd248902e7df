"""Passkeys: each challenge once, each answer checked, both ways of signing in."""

import json

import pytest
from sqlalchemy import select

from booking.accounts.models import Passkey, User
from booking.audit.models import Audit
from tests import factories
from tests.accounts.proving import add_key, codes_in, is_in, letters, options, sign_in
from tests.accounts.softkey import ORIGIN, PRESENT, SoftKey
from tests.pages import browser, said

IN, SECOND, AGAIN = "/account/sign-in/passkey", "/account/second-factor/passkey", "/account/confirm"


def enter(client, key, **how):
    answer = key.get(options(client, "passkey_sign_in"), **how)
    return client.post(IN, data={"credential": answer, "next": "/reservations"})


def test_a_passkey_alone_signs_in_with_both_factors(any_app, any_session, ada, key):
    client = browser(any_app)

    assert enter(client, key).headers["Location"] == "/reservations"
    assert is_in(client)
    row = any_session.scalars(select(Passkey)).one()
    assert (row.name, row.sign_count) == ("laptop", 1)


def test_a_challenge_works_once(any_app, key):
    client, thief = browser(any_app), browser(any_app)
    asked = options(client, "passkey_sign_in")
    with client.session_transaction() as cookie, thief.session_transaction() as copied:
        copied.update(cookie)
    first = key.get(asked)
    client.post(IN, data={"credential": first})
    assert is_in(client)

    # The same answer, and a new signature over the same challenge, from a copy of the cookie.
    for answer in (first, key.get(asked)):
        thief.post(IN, data={"credential": answer})
        assert not is_in(thief)


def test_a_wrong_answer_uses_the_challenge_up(any_app, key):
    client = browser(any_app)
    asked = options(client, "passkey_sign_in")
    client.post(IN, data={"credential": SoftKey().get(asked)})

    client.post(IN, data={"credential": key.get(asked)})
    assert not is_in(client)


def test_a_challenge_is_of_its_browser_its_purpose_and_its_ten_minutes(any_app, her, key, clock):
    mine, other = browser(any_app), browser(any_app)
    asked = options(mine, "passkey_sign_in")
    options(other, "passkey_sign_in")
    other.post(IN, data={"credential": key.get(asked)})
    assert not is_in(other)

    her.post("/account/confirm/passkey", data={"credential": key.get(asked)})
    assert mine.post(SECOND, data={"credential": key.get(asked)}).status_code == 302
    assert not is_in(mine)

    clock.shift(minutes=11)
    mine.post(IN, data={"credential": key.get(asked)})
    assert not is_in(mine)


def test_a_challenge_serves_its_purpose_only(any_app, ada, key):
    client = browser(any_app)
    asked = options(client, "passkey_sign_in")
    sign_in(client)
    client.post(SECOND, data={"credential": key.get(asked)})
    assert not is_in(client)


@pytest.mark.parametrize(
    "how", [{"origin": "http://evil.example"}, {"origin": f"{ORIGIN}:81"}, {"flags": PRESENT}]
)
def test_an_answer_from_elsewhere_or_without_its_holder_does_not_hold(any_app, key, how):
    client = browser(any_app)
    enter(client, key, **how)
    assert not is_in(client)


def test_a_counter_that_went_back_is_a_copy(any_app, key):
    assert enter(browser(any_app), key).status_code == 302
    key.count -= 1
    copied = browser(any_app)
    enter(copied, key)
    assert not is_in(copied)


def test_a_synchronised_passkey_does_not_count(any_app, her):
    key = SoftKey(counts=False)
    add_key(her, key)
    for _ in range(2):
        client = browser(any_app)
        enter(client, key)
        assert is_in(client)


def test_as_second_factor_only_that_persons_passkeys_count(any_app, any_session, ada, her, key):
    other = factories.create_user(any_session, email="bo@test.example")
    stranger = SoftKey()
    add_key(browser(any_app, other), stranger)
    client = browser(any_app)
    assert sign_in(client).headers["Location"].startswith("/account/second-factor")
    assert "Use a passkey" in client.get("/account/second-factor").text

    asked = options(client, "passkey_second")
    assert len(asked["allowCredentials"]) == 1
    client.post(SECOND, data={"credential": stranger.get(asked)})
    assert not is_in(client)
    client.post(SECOND, data={"credential": key.get(options(client, "passkey_second"))})
    assert is_in(client)


def test_answers_that_do_not_hold_are_counted_as_codes_are_and_told(any_app, any_session, ada, key):
    ada_id, client = ada.id, browser(any_app)
    sign_in(client)
    for _ in range(6):
        answer = key.get(options(client, "passkey_second"), origin="http://evil.example")
        client.post(SECOND, data={"credential": answer})
    client.post(SECOND, data={"credential": key.get(options(client, "passkey_second"))})

    assert not is_in(client)  # not before the five minutes are over
    assert letters(ada_id)[-1] == "wrong_factors"
    assert noted(any_session) == [ada_id] * 5


def test_of_a_passkey_that_signs_in_alone_a_wrong_answer_is_noted_and_bars_nobody(
    any_app, any_session, ada, key
):
    ada_id = ada.id
    for _ in range(6):
        enter(browser(any_app), key, origin="http://evil.example")
    client = browser(any_app)
    enter(client, key)

    assert is_in(client)
    assert letters(ada_id)[-1] == "wrong_factors"
    assert noted(any_session) == [ada_id] * 6


def noted(session):
    query = select(Audit.subject_id).where(Audit.action == "factor.refused")
    return session.scalars(query).all()


def test_a_retired_persons_passkey_is_unknown(any_app, any_session, ada, key, clock):
    ada.retired_at = clock.now
    any_session.commit()
    client = browser(any_app)
    answer = enter(client, key)

    assert not is_in(client)
    assert "not known here" in client.get(answer.headers["Location"]).text


def test_several_have_names_and_are_removed_one_by_one(any_app, any_session, ada, her, key):
    ada_id = ada.id
    add_key(her, SoftKey(), "")
    names = {p.name: p.id for p in any_session.scalars(select(Passkey))}
    any_session.rollback()
    assert list(names) == ["laptop", "Passkey 2"]

    her.post(f"/account/passkeys/{names['laptop']}/rename", data={"name": " the  office "})
    her.post(f"/account/passkeys/{names['Passkey 2']}/remove")

    assert any_session.scalars(select(Passkey.name)).all() == ["the office"]
    assert any_session.get_one(User, ada_id).factor_since is not None
    any_session.rollback()
    assert letters(ada_id).count("factors_changed") == 4  # codes, two more, and one less


def test_the_first_brings_recovery_codes(her):
    assert len(codes_in(add_key(her, SoftKey()).text)) == 10
    assert codes_in(add_key(her, SoftKey()).text) == []


def test_anothers_passkey_is_nobodys(any_app, any_session, key):
    bo = browser(any_app, factories.create_user(any_session))
    number = any_session.scalars(select(Passkey.id)).one()
    any_session.rollback()

    assert bo.post(f"/account/passkeys/{number}/remove").status_code == 404
    assert bo.post(f"/account/passkeys/{number}/rename", data={"name": "x"}).status_code == 404


def test_adding_needs_a_fresh_proof_which_a_passkey_is(her, key, clock):
    clock.shift(minutes=16)
    refused = her.post("/account/passkeys/options", data={"purpose": "passkey_add"})
    assert refused.status_code == 409
    assert "begin again" in refused.json["error"]

    answer = key.get(options(her, "passkey_again"))
    sent = her.post("/account/confirm/passkey", data={"credential": answer})
    assert sent.headers["Location"] == "/account/security"
    assert "challenge" in options(her, "passkey_add")


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", '{"id": 1}', "{" * 900])
def test_a_hostile_answer_is_refused(any_app, her, credential):
    client = browser(any_app)
    for path, purpose, who in (
        (IN, "passkey_sign_in", client), ("/account/passkeys", "passkey_add", her),
    ):  # fmt: skip
        options(who, purpose)
        answer = who.post(path, data={"credential": credential})
        assert answer.status_code == 302
    assert not is_in(client)


def test_options_name_no_person_to_a_stranger(any_app, key):
    asked = options(browser(any_app), "passkey_sign_in")
    assert asked["allowCredentials"] == []
    assert "ada" not in json.dumps(asked)
    refused = browser(any_app).post("/account/passkeys/options", data={"purpose": "passkey_add"})
    assert refused.status_code == 404


def test_the_page_says_why(her, key):
    answer = her.post("/account/passkeys", data={"credential": "x"})
    assert "begin again" in said(her.get(answer.headers["Location"]).text)
    options(her, "passkey_add")
    answer = her.post("/account/passkeys", data={"credential": "x"})
    assert "could not be checked" in said(her.get(answer.headers["Location"]).text)
