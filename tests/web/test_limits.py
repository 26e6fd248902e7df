"""What is limited, on pages and in the API, with the defaults a park starts with (ASVS V2.4.1)."""

from datetime import timedelta

import pytest
from flask import request

import config
from booking.accounts.services.tokens import create_token
from booking.companies.models import CompanyInvitation
from booking.infra import rate
from booking.infra.db import db, write
from booking.infra.passwords import hash_password
from booking.web import limits
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser

RIGHT = "right horse battery"
NAMES = (
    "SEARCHES_PER_MINUTE", "API_CALLS_PER_TOKEN", "API_CALLS_PER_ADDRESS", "INVITATIONS_PER_HOUR",
)  # fmt: skip


@pytest.fixture
def settings():
    return {name: getattr(config.Default, name) for name in NAMES}


@pytest.fixture
def ada(session, clock):
    return factories.create_user(
        session, email="ada@test.example", name="Ada", password_hash=hash_password(RIGHT)
    )


def token_of(user, scopes=("read",)):
    user_id = user.id
    db.session.rollback()
    return write(lambda s: create_token(s, None, user_id, scopes, NOW))


def asked(app, path, token, **more):
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    return app.test_client().get(path, headers=headers, **more)


def used_up(name, who, tries):
    """Count as many as another process would have written down."""
    window = rate._window(rate.Limit(name, who, tries, 60))
    rate._store().add([window], tries)


def first_refused(answers):
    """Return how many answers were given before the first 429, and that one."""
    for n, answer in enumerate(answers):
        if answer.status_code == 429:
            return n, answer
    raise AssertionError("never refused")


def test_200_sign_ins_from_one_address_are_too_many(app, ada):
    client = browser(app)
    tries = (
        client.post("/account/sign-in", data={"email": f"p{n}@test.example", "password": "guess"})
        for n in range(200)
    )
    passed, answer = first_refused(tries)

    assert passed == 20
    assert answer.headers["Retry-After"] == "60"
    assert 'value="p20@test.example"' in answer.text
    # Others are not held up by it.
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    typed = {"email": "ada@test.example", "password": RIGHT}
    assert browser(app).post(
        "/account/sign-in", data=typed, environ_base=elsewhere
    ).status_code == 302  # fmt: skip


def test_who_goes_on_guessing_waits_longer(app, ada, clock):
    def guesses():
        for n in range(100):
            # From ever other addresses: the account itself is guarded.
            yield browser(app).post(
                "/account/sign-in",
                data={"email": "ada@test.example", "password": "guess"},
                environ_base={"REMOTE_ADDR": f"203.0.113.{n}"},
            )

    counts, waits = [], []
    for minutes in (1, 5, 5, 1):
        passed, answer = first_refused(guesses())
        counts.append(passed)
        waits.append(int(answer.headers["Retry-After"]))
        clock.shift(minutes=minutes)

    assert counts == [5, 4, 5, 3]  # refused ones count too
    assert waits == [60, 240, 60, 1140]


def test_1000_searches_are_too_many_by_pages_and_tokens_together(app, ada):
    client, token = browser(app, ada), token_of(ada)
    for _ in range(150):
        assert client.get("/pools?q=laser").status_code == 200
        assert asked(app, "/api/v1/pools?q=laser", token).status_code == 200

    refused = client.get("/pools?q=laser", headers={"Accept-Language": "en"})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    by_token = asked(app, "/api/v1/availability", token)
    assert (by_token.status_code, by_token.json["code"]) == (429, "too_many")
    assert by_token.headers["Retry-After"] == "60"
    assert client.get("/reservations").status_code == 200  # no search


@pytest.mark.parametrize("kind", ["api-token", "api-from"])
def test_calls_of_a_token_and_of_an_address_are_limited(app, ada, kind):
    token, other = token_of(ada), token_of(ada)
    tries = config.Default.API_CALLS_PER_TOKEN if kind == "api-token" else 12000
    used_up(kind, "1" if kind == "api-token" else "127.0.0.1", tries)
    app.config["API_CALLS_PER_TOKEN"] = 10 if kind == "api-token" else 6000
    app.config["API_CALLS_PER_ADDRESS"] = 12000 if kind == "api-token" else 10

    passed, answer = first_refused(
        asked(app, "/api/v1/reservations", token) for _ in range(30)
    )  # fmt: skip

    assert passed == 1  # then it is written down, and what others counted is seen
    assert answer.json["detail"] == "Too many tries. Please wait 60 seconds."
    assert asked(app, "/api/v1/reservations", other).status_code == (
        200 if kind == "api-token" else 429
    )


@pytest.mark.parametrize("path", ["/reservations?q=x", "/timeline?q=x", "/park/companies?q=x"])
def test_a_list_looked_through_for_words_is_a_search(app, session, path):
    client = browser(app, factories.create_user(session, park_role="operator"))
    app.config["SEARCHES_PER_MINUTE"] = 1

    assert [client.get(path).status_code for _ in range(2)] == [200, 429]
    assert client.get(path.partition("?")[0]).status_code == 200  # without words it is no search


# What sends mail to somebody the sender names → who sends, where, and what they type.
INVITING = {
    "people.invite": ("ops", "/park/people/new", {"email": "p@test.example", "name": "P"}),
    "people.link": ("ops", "/park/people/{ada}/link", {}),
    "company.invitations": ("bo", "/companies/{company}/invitations", {"email": "p@test.example"}),
    "company.again": ("bo", "/companies/{company}/invitations/{invitation}/again", {}),
}


@pytest.mark.parametrize("endpoint", sorted(limits.INVITATIONS | set(INVITING)))
def test_invitations_are_limited_for_who_sends_them(app, session, clock, endpoint):
    people = cast(session)
    company_id = people.company_a.id
    open_one = factories.keep(session, CompanyInvitation(
        company_id=company_id, email="q@test.example", token_hash="x", created_at=NOW,
        sent_at=NOW, expires_at=NOW + timedelta(days=1),
    ))  # fmt: skip
    who, path, typed = INVITING[endpoint]
    path = path.format(ada=people.ada.id, company=company_id, invitation=open_one.id)
    client = browser(app, getattr(people, who))
    app.config["INVITATIONS_PER_HOUR"] = 2

    with app.test_request_context(path, method="POST"):
        assert request.endpoint == endpoint
    answers = [client.post(path, data=typed).status_code for _ in range(3)]
    assert answers[0] in (200, 302)
    assert [code == 429 for code in answers] == [False, False, True]
    assert client.get("/pools").status_code == 200


def test_every_page_and_call_that_is_limited_exists(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints >= limits.SEARCH_PAGES | limits.SEARCH_CALLS | limits.INVITATIONS


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # a host has the whole network
        ("::ffff:203.0.113.9", "203.0.113.9"),
        (None, "unknown"),
    ],
)
def test_an_address_is_counted_as_what_one_visitor_has(app, remote, counted):
    with app.test_request_context(environ_base={"REMOTE_ADDR": remote}):
        assert limits.address() == counted
