"""Deciding by the link in a mail: once, in one person's name, by a form; else there is no page."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from booking.accounts.models import Authenticator
from booking.accounts.services.factors import SEALED_FOR
from booking.approvals.services.deciding import approve
from booking.audit.models import Audit
from booking.infra.db import write
from booking.infra.secret import seal
from booking.infra.signed import DECIDE, sign
from booking.reservations.models import Reservation
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.steps import ask, shift

LATER = NOW + timedelta(hours=12)


@pytest.fixture
def people(session, clock):
    return cast(session)


@pytest.fixture
def asked(people):
    """Return the id of Ada's request that waits for Mei."""
    made = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id, note="样品")
    return made.reservation_id


def link(people, asked, who="mei", version=1, purpose=DECIDE, until=LATER):
    return f"/decide/{sign(purpose, (asked, version, getattr(people, who).id), until)}"


def status(session, key):
    session.rollback()
    return session.get(Reservation, key, populate_existing=True).status


def gone(app, path, who=None, **form):
    """Return whether the address answers, to both, like one that does not exist."""
    client = browser(app, who)
    other = said(client.get("/decide/nothing").text)
    answers = [client.get(path), client.post(path, data={"do": "approve", **form})]
    return all(a.status_code == 404 and said(a.text) == other for a in answers)


@pytest.mark.parametrize("signed_in", [False, True])
def test_the_link_asks_first_and_decides_by_its_form(app, session, people, asked, signed_in):
    client = browser(app, people.mei if signed_in else None)
    path = link(people, asked)

    page = said(client.get(path).text)
    assert "You decide as 梅" in page
    assert "Confocal microscope" in page
    assert "样品" in page
    assert status(session, asked) == "pending"

    assert "Approved." in said(client.post(path, data={"do": "approve"}).text)
    assert status(session, asked) == "approved"
    rows = session.execute(select(Audit.action, Audit.actor_id).order_by(Audit.id)).all()
    mei = people.mei.id
    assert [tuple(row) for row in rows[-2:]] == [
        ("reservation.approve", mei), ("decision.by_link", mei),
    ]  # fmt: skip


@pytest.fixture
def mei_shows(session, people):
    """Return what Mei's app shows, which she has taken into use."""
    secret = pyotp.random_base32()
    sealed = seal(secret, SEALED_FOR)
    people.mei.factor_since = NOW
    session.add(
        Authenticator(user_id=people.mei.id, secret=sealed, created_at=NOW, confirmed_at=NOW)
    )
    session.commit()
    return pyotp.TOTP(secret).at(int(NOW.timestamp()))


def test_the_link_does_not_stand_in_for_a_second_factor(app, session, people, asked, mei_shows):
    client, path = browser(app), link(people, asked)
    assert "which this link does not stand in for" in said(client.get(path).text)

    for typed in ({}, {"code": "000000"}):
        assert client.post(path, data={"do": "approve", **typed}).status_code == 422
    assert client.post(path, data={"do": "reject", "code": mei_shows}).status_code == 422
    assert status(session, asked) == "pending"
    assert client.post(path, data={"do": "approve", "code": mei_shows}).status_code == 200
    assert status(session, asked) == "approved"


def test_wrong_codes_at_the_link_are_counted(app, session, people, asked, mei_shows):
    client, path = browser(app), link(people, asked)
    for _ in range(5):
        client.post(path, data={"do": "approve", "code": "000000"})

    answer = client.post(path, data={"do": "approve", "code": mei_shows})
    assert answer.status_code == 429
    assert status(session, asked) == "pending"


def test_who_is_signed_in_has_proven_it(app, session, people, asked, mei_shows):
    client = browser(app, people.mei)

    assert client.post(link(people, asked), data={"do": "approve"}).status_code == 200
    assert status(session, asked) == "approved"


def test_whose_role_needs_one_and_has_none_signs_in_first(app, session, people, asked, monkeypatch):
    monkeypatch.setitem(app.config, "SECOND_FACTOR_ROLES", "lab_manager")
    client, path = browser(app), link(people, asked)
    page = client.get(path).text

    assert f"/account/sign-in?next={path}" in page
    assert 'name="do"' not in page
    assert client.post(path, data={"do": "approve", "code": "123456"}).status_code == 422
    assert status(session, asked) == "pending"


def test_a_rejection_needs_a_reason_and_keeps_the_link(app, session, people, asked):
    client, path = browser(app), link(people, asked)

    assert client.post(path, data={"do": "reject"}).status_code == 422
    assert client.post(path, data={"do": "reject", "reason": "停电"}).status_code == 200
    assert status(session, asked) == "rejected"


def test_a_link_works_once(app, session, people, asked):
    path = link(people, asked)
    browser(app).post(path, data={"do": "approve"})

    assert gone(app, path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda people, key: {"version": 2},
        lambda people, key: {"purpose": "other"},
        lambda people, key: {"until": NOW},
        lambda people, key: {"who": "dee"},  # decides elsewhere
        lambda people, key: {"who": "cy"},  # sees nothing of it
        lambda people, key: {"who": "aud_like"},
    ],
)
def test_a_link_for_something_else_is_not_there(app, session, people, asked, spoil):
    more = spoil(people, asked)
    if more.get("who") == "aud_like":
        people.mei.park_role, more = "auditor", {}
        session.commit()

    assert gone(app, link(people, asked, **more))
    assert status(session, asked) == "pending"


def test_every_flipped_bit_ends_it(app, people, asked):
    path, client = link(people, asked), browser(app)
    token = path.removeprefix("/decide/")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    for place, letter in enumerate(token):
        for bit in range(6) if place == len(token) - 1 else (0, 5):
            at = letters.find(letter)
            other = letters[at ^ (1 << bit)] if at >= 0 else "A"
            spoilt = token[:place] + other + token[place + 1 :]
            assert client.get(f"/decide/{spoilt}").status_code == 404


def test_somebody_else_who_is_signed_in_cannot_use_it(app, people, asked):
    assert gone(app, link(people, asked), people.ops)


def test_what_was_moved_or_decided_meanwhile_is_another_question(app, session, people, asked):
    path = link(people, asked)
    shift(session, actor(people.ada), asked, 14, 16)
    assert gone(app, path)

    mei = actor(people.mei)
    now_asked = link(people, asked, version=2)
    write(lambda s: approve(s, mei, asked, NOW))
    assert gone(app, now_asked)


def test_where_it_is_switched_off_there_is_no_such_page(app, people, asked, monkeypatch):
    path = link(people, asked)
    assert browser(app).get(path).status_code == 200
    monkeypatch.setitem(app.config, "DECIDE_BY_MAIL", False)

    assert gone(app, path)
