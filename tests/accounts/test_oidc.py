"""Single sign-on against a real OpenID provider process: whose account it is, what is refused."""

import pytest
from sqlalchemy import func, select

from booking.accounts.models import Identity, User, UserSession
from booking.audit.models import Audit
from booking.infra import oidc
from booking.infra.passwords import hash_password
from tests import factories
from tests.accounts.conftest import hidden
from tests.accounts.elsewhere import CLIENT, SECRET
from tests.pages import browser, said

RIGHT = "right horse battery"
WITH = "/account/with/sso"


@pytest.fixture
def sso(app, elsewhere):
    """Return the app, with the provider in its settings."""
    app.config.update(
        OIDC_ISSUER=elsewhere.url, OIDC_CLIENT_ID=CLIENT, OIDC_CLIENT_SECRET=SECRET,
        OIDC_NAME="Park ID",
    )  # fmt: skip
    return app


@pytest.fixture
def ada(session):
    return factories.create_user(
        session, email="ada@test.example", name="Ada", password_hash=hash_password(RIGHT)
    )


def gone(client, elsewhere, query=""):
    """Return the path that the provider leads back to."""
    left = client.get(f"{WITH}{query}")
    assert left.status_code == 302, left.text
    return elsewhere.come_back(left.headers["Location"])


def through(client, elsewhere, query=""):
    """Go to the provider and come back; return the answer at the end."""
    page = client.get(gone(client, elsewhere, query))
    assert page.status_code == 200
    return client.post(f"{WITH}/finish", data=hidden(page.text))


def is_in(client):
    return client.get("/account/password").status_code == 200


def count(session, table):
    session.rollback()
    return session.scalars(select(func.count()).select_from(table)).one()


def connect(client, elsewhere):
    """Connect the provider's Ada to who is signed in."""
    assert through(client, elsewhere, "?connect=1").headers["Location"] == "/account/ways"


def test_an_account_is_connected_by_its_owner_and_then_signs_in(sso, elsewhere, ada, session):
    connect(browser(sso, ada), elsewhere)
    fresh = browser(sso)
    answer = through(fresh, elsewhere, "?next=/reservations?tab%3Dpast")

    assert answer.headers["Location"] == "/reservations?tab=past"
    assert is_in(fresh)
    row = session.scalars(select(Identity)).one()
    assert (row.issuer, row.subject, row.label) == (elsewhere.url, "ada-1", "ada@test.example")
    asked = elsewhere.asked("/authorize")[-1]["query"]
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://localhost/account/with/sso/back"


def test_an_address_alone_opens_no_account(sso, elsewhere, ada, session):
    # F9: who has the mailbox, or the provider's word for it, has not the account.
    stranger = browser(sso)
    answer = through(stranger, elsewhere)

    assert answer.headers["Location"] == "/account/sign-in?next=/account/connect"
    assert not is_in(stranger)
    assert count(session, Identity) == 0

    # Its owner signs in as always, is asked, and only then it is connected.
    typed = {"email": "ada@test.example", "password": RIGHT, "next": "/account/connect"}
    assert "No account here is connected to ada@test.example" in said(
        stranger.get("/account/sign-in?next=/account/connect").text
    )
    assert stranger.post("/account/sign-in", data=typed).headers["Location"] == "/account/connect"
    assert "as ada@test.example will be signed in here as Ada" in stranger.get(
        "/account/connect"
    ).text.replace("\n", " ")
    assert count(session, Identity) == 0
    stranger.post("/account/connect")
    assert count(session, Identity) == 1
    fresh = browser(sso)
    through(fresh, elsewhere)
    assert is_in(fresh)


def test_what_waits_to_be_connected_does_not_wait_for_ever(app, elsewhere, session, clock):
    app.config.update(OIDC_ISSUER=elsewhere.url, OIDC_CLIENT_ID=CLIENT, OIDC_CLIENT_SECRET=SECRET)
    ada = factories.create_user(session, email="ada@test.example")
    client = browser(app, ada)
    with client.session_transaction() as cookie:
        cookie["pending"] = {
            "issuer": elsewhere.url, "subject": "x", "email": None, "name": "x",
            "until": int(clock.now.timestamp()) - 1,
        }  # fmt: skip
    assert client.post("/account/connect").headers["Location"] == "/account/ways"
    assert count(session, Identity) == 0


@pytest.mark.parametrize(
    ("creates", "claims", "made"),
    [
        (True, {}, 1),
        (False, {}, 0),
        (True, {"email_verified": False}, 0),
        (True, {"email": None}, 0),
        (True, {"email": "not an address"}, 0),
    ],
)
def test_an_account_is_made_only_where_allowed_and_for_a_verified_address(
    sso, elsewhere, session, creates, claims, made
):
    sso.config["OIDC_CREATE"] = creates
    elsewhere.next(claims=claims)
    client = browser(sso)
    through(client, elsewhere)

    assert (count(session, User), count(session, Identity)) == (made, made)
    assert is_in(client) is bool(made)
    if made:
        again = browser(sso)
        through(again, elsewhere)
        assert is_in(again)
        assert count(session, User) == 1


@pytest.mark.parametrize(
    "steered",
    [
        {"claims": {"nonce": "other"}},
        {"claims": {"nonce": None}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"aud": "another-application"}},
        {"claims": {"aud": ["another-application"], "azp": CLIENT}},
        {"claims": {"aud": None}},
        {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
        {"claims": {"exp": 1000}},
        {"claims": {"exp": None}},
        {"claims": {"iat": 99999999999}},
        {"claims": {"nbf": 99999999999}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": 7}},
        {"sign": "other"},
        {"sign": "none"},
        {"sign": "hs256"},
        {"status": "400 Bad Request"},
    ],
    ids=str,
)
def test_what_proves_nobody_lets_nobody_in(sso, elsewhere, ada, session, steered):
    connect(browser(sso, ada), elsewhere)
    client = browser(sso)
    elsewhere.next(**steered)
    answer = through(client, elsewhere)

    assert answer.status_code == 403
    assert "Signing in did not work" in answer.text
    assert not is_in(client)
    session.rollback()
    assert session.scalars(select(Audit.action).where(Audit.action == "sign_in.refused")).all() == [
        "sign_in.refused"
    ]


def test_a_state_of_somebody_else_or_used_before_is_refused(sso, elsewhere, ada, session):
    connect(browser(sso, ada), elsewhere)
    ours, others = browser(sso), browser(sso)
    back = gone(others, elsewhere)
    gone(ours, elsewhere)
    # Somebody else's answer, sent to us: it would sign us in as them.
    assert ours.get(back).status_code == 403
    fields = hidden(others.get(back).text)
    assert ours.post(f"{WITH}/finish", data=fields).status_code == 403
    assert browser(sso).post(f"{WITH}/finish", data=fields).status_code == 403
    assert not is_in(ours)

    with others.session_transaction() as cookie:
        kept = dict(cookie)
    assert others.post(f"{WITH}/finish", data=fields).status_code == 302
    replay = browser(sso)
    with replay.session_transaction() as cookie:
        cookie.update(kept)
    sessions = count(session, UserSession)
    again = replay.post(f"{WITH}/finish", data=fields)
    assert (again.status_code, "begin again" in again.text) == (403, True)
    assert count(session, UserSession) == sessions
    assert len(elsewhere.asked("/token")) == 2  # the provider was not even asked


def test_coming_back_late_or_with_an_error_is_a_clear_page(app, elsewhere, clock):
    app.config.update(OIDC_ISSUER=elsewhere.url, OIDC_CLIENT_ID=CLIENT, OIDC_CLIENT_SECRET=SECRET)
    client = browser(app)
    back = gone(client, elsewhere)
    state = back.split("state=")[1]
    cancelled = client.get(f"{WITH}/back?error=access_denied&state={state}")
    assert cancelled.status_code == 403
    assert "You were not let in there, or cancelled" in said(cancelled.text)
    clock.shift(minutes=11)
    assert client.get(back).status_code == 403
    assert client.get(f"{WITH}/back").status_code == 403
    assert client.get("/account/with/nobody").status_code == 404


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_is_not_what_it_should_be_is_not_used(app, elsewhere, metadata):
    app.config.update(OIDC_ISSUER=elsewhere.url, OIDC_CLIENT_ID=CLIENT, OIDC_CLIENT_SECRET=SECRET)
    elsewhere.next(metadata=metadata)
    answer = browser(app).get(WITH)
    assert answer.status_code == 503
    assert "single sign-on cannot be reached at present." in said(answer.text)


def test_a_provider_that_is_away_is_a_clear_page(app, elsewhere):
    app.config.update(OIDC_ISSUER="http://127.0.0.1:9", OIDC_CLIENT_ID=CLIENT)
    assert browser(app).get(WITH).status_code == 503
    app.config["OIDC_ISSUER"] = elsewhere.url
    client = browser(app)
    page = client.get(gone(client, elsewhere))
    elsewhere.next(status="503 Down")
    app.config["OIDC_CLIENT_SECRET"] = SECRET
    assert client.post(f"{WITH}/finish", data=hidden(page.text)).status_code == 503


def test_an_identity_belongs_to_one_account_and_is_disconnected_by_it(sso, elsewhere, ada, session):
    bo = factories.create_user(session, email="bo@test.example", name="Bo")
    bo_id = bo.id
    bos = browser(sso, bo)
    elsewhere.next(claims={"sub": "bo-1", "email": "bo@test.example"})
    connect(bos, elsewhere)
    # Bo has no password: this is the only way in, and stays.
    number = session.scalars(select(Identity.id)).one()
    session.rollback()
    bos.post(f"/account/ways/{number}/disconnect")
    assert "You could not sign in any more" in said(bos.get("/account/ways").text)

    adas = browser(sso, ada)
    assert adas.post(f"/account/ways/{number}/disconnect").status_code == 404
    through(adas, elsewhere, "?connect=1")  # as Bo at the provider
    assert "connected to another account" in said(adas.get("/account/ways").text)
    session.rollback()
    assert session.scalars(select(Identity.user_id)).all() == [bo_id]

    elsewhere.next()
    connect(adas, elsewhere)
    adas_own = session.scalars(select(Identity.id).where(Identity.subject == "ada-1")).one()
    session.rollback()
    assert adas.post(f"/account/ways/{adas_own}/disconnect").status_code == 302
    after = browser(sso)
    through(after, elsewhere)
    assert not is_in(after)


def test_who_has_left_is_not_let_in(sso, elsewhere, ada, session, now):
    connect(browser(sso, ada), elsewhere)
    session.get(User, ada.id).retired_at = now
    session.commit()
    client = browser(sso)
    assert through(client, elsewhere).status_code == 403
    assert not is_in(client)


def test_the_sign_in_page_offers_what_is_set(app):
    assert "/account/with/" not in browser(app).get("/account/sign-in").text
    app.config.update(OIDC_ISSUER="https://id.park.example", OIDC_NAME="Park ID")
    more = {"name": "University", "issuer": "https://uni.example", "client_id": "b",
            "client_secret": "c"}  # fmt: skip
    app.config["OIDC_MORE"] = {"uni": more}
    text = browser(app).get("/account/sign-in?next=/reservations").text
    assert 'href="/account/with/sso?next=/reservations"' in text
    assert "Sign in with Park ID" in text
    assert 'href="/account/with/uni?next=/reservations"' in text
    with app.app_context():
        assert [one.creates for one in oidc.providers().values()] == [False, False]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_next_leads_only_to_own_paths(app, elsewhere, session, target):
    app.config.update(
        OIDC_ISSUER=elsewhere.url, OIDC_CLIENT_ID=CLIENT, OIDC_CLIENT_SECRET=SECRET,
        OIDC_CREATE=True,
    )  # fmt: skip
    client = browser(app)
    assert through(client, elsewhere, f"?next={target}").headers["Location"] == "/"
