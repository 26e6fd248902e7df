"""API tokens: made and shown once, what they may do, told by mail, ended."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.models import ApiToken
from booking.accounts.services import tokens
from booking.accounts.services.tokens import TokenWish, create_token, issue_token
from booking.audit.models import Audit
from booking.core.errors import Invalid, WrongState
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.infra.transports import stored
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.conftest import NOW
from tests.pages import browser, said


@pytest.fixture
def ada(any_session, clock):
    return factories.create_user(any_session, email="ada@test.example", name="Ada")


def shown(answer):
    return re.search(r'id="token" value="([^"]+)"', answer.text).group(1)


def works(app, token, path="/api/v1/reservations", method="GET"):
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().open(path, method=method, headers=headers, json={}).status_code


def made(client, **typed):
    return client.post(
        "/account/tokens", data={"name": "lab computer", "scopes": "read", "days": "90", **typed}
    )


def test_a_token_is_shown_once_and_works_until_it_ends(any_app, any_session, ada, clock):
    client = browser(any_app, ada)
    token = shown(made(client))
    assert works(any_app, token) == 200

    listed = client.get("/account/tokens")
    assert token not in listed.text
    assert "lab computer" in listed.text
    row = any_session.scalars(select(ApiToken)).one()
    assert token not in (row.token_hash, row.name)
    assert row.expires_at == NOW + timedelta(days=90)
    assert row.last_used_at == NOW

    clock.shift(days=90)
    assert works(any_app, token) == 401
    assert "No token yet" in said(browser(any_app, ada).get("/account/tokens").text)


def test_ending_a_token_ends_it_at_once_and_no_other(any_app, any_session, ada):
    client = browser(any_app, ada)
    ended, kept = shown(made(client)), shown(made(client, name="other"))
    row = any_session.scalars(select(ApiToken.id).where(ApiToken.name == "lab computer")).one()
    assert client.post(f"/account/tokens/{row}/end").status_code == 302

    assert (works(any_app, ended), works(any_app, kept)) == (401, 200)
    actions = any_session.scalars(select(Audit.action).where(Audit.action.like("token.%"))).all()
    assert sorted(actions) == ["token.create", "token.create", "token.end"]


def test_a_scope_that_was_not_given_is_refused_everywhere(any_app, ada):
    token = shown(made(browser(any_app, ada)))
    missing = {
        works(any_app, token, f"/api/v1/{path}", "POST")
        for path in ("reservations", "holds", "waitlist", "reservations/1/approve",
                     "reservations/1/cancel", "reservation-groups")
    }  # fmt: skip
    assert missing == {403}


def test_the_person_is_told_of_a_new_token(app, session, clock):
    ada = factories.create_user(session, email="ada@test.example", name="Ada", locale="en")
    made(browser(app, ada), name="lab\r\ncomputer", scopes=["read", "book"])
    session.rollback()
    deliver_due()
    number = session.scalars(select(Outbox.id)).one()
    letter = stored(app.instance_path, number).decode()

    assert "Subject: New API token: lab computer" in letter
    assert "Book: make, move and cancel reservations" in letter.replace("=\r\n", "")
    assert "http://localhost/account/tokens" in letter


@pytest.mark.parametrize(
    "typed",
    [{"name": ""}, {"name": "x" * 61}, {"scopes": "admin"}, {"scopes": []}, {"days": "9999"},
     {"days": "0"}, {"days": "x"}],
)  # fmt: skip
def test_an_unfit_wish_makes_no_token_and_keeps_what_was_typed(app, session, clock, typed):
    ada = factories.create_user(session, email="ada@test.example", name="Ada")
    answer = made(browser(app, ada), **typed)
    assert answer.status_code == 422
    assert "lab computer" in answer.text or "name" in typed
    assert session.scalars(select(ApiToken)).all() == []


def test_tokens_are_not_piled_up(session, clock, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    ada_id = factories.create_user(session).id
    session.commit()
    wish = TokenWish("x", ("read",), 1)
    for _ in range(2):
        write(lambda s: issue_token(s, None, ada_id, wish, NOW))
    with pytest.raises(WrongState, match="too_many_tokens"):
        write(lambda s: issue_token(s, None, ada_id, wish, NOW))
    with pytest.raises(Invalid):
        write(lambda s: create_token(s, None, ada_id, ("admin",), NOW))


def test_the_operator_sees_how_many_there_are_and_ends_them(app, session, clock):
    ada = factories.create_user(session, email="ada@test.example", name="Ada")
    ops = factories.create_user(session, email="ops@test.example", park_role="operator")
    ada_id = ada.id
    token = shown(made(browser(app, ada)))
    client = browser(app, ops)
    page = client.get(f"/park/people/{ada_id}")
    assert "1 token works. Never used." in said(page.text)
    assert "lab computer" not in page.text  # what she calls it is hers

    assert client.post(f"/park/people/{ada_id}/tokens/end").status_code == 302
    assert works(app, token) == 401
    assert "End all tokens" not in client.get(f"/park/people/{ada_id}").text


class TestForEver:
    @pytest.fixture
    def settings(self):
        return {"API_TOKEN_MAX_DAYS": 0}

    def test_where_the_park_allows_it(self, app, session, clock):
        ada = factories.create_user(session, email="ada@test.example", name="Ada")
        made(browser(app, ada), days="0")
        session.rollback()
        assert session.scalars(select(ApiToken.expires_at)).one() is None
