"""The operator asks second factors of roles; who lacks one is listed, reminded, then led to it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.rules.factors import Required, deadline, reminder_stage
from booking.audit.models import Audit
from booking.companies.services.factors import remind_lacking
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.infra.passwords import hash_password
from tests.accounts.proving import RIGHT, add_key, sign_in
from tests.accounts.softkey import SoftKey
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser, said

PAGE, SECURITY = "/park/second-factors", "/account/security"
DAY = timedelta(days=1)


@pytest.fixture
def people(session, clock):
    found = cast(session)
    for person in (found.bo, found.ops):
        person.password_hash = hash_password(RIGHT)
    session.commit()
    return found


@pytest.fixture
def ops(app, people):
    return browser(app, people.ops)


def ask(client, *roles, on="2026-12-01", grace="0"):
    return client.post(PAGE, data={"roles": list(roles), "from_on": on, "grace_days": grace})


def letters(session):
    session.rollback()
    query = select(Outbox.recipient_id).where(Outbox.kind == "factor_needed")
    return session.scalars(query.order_by(Outbox.id)).all()


def remind(at=NOW):
    write(lambda s: remind_lacking(s, at))


def test_who_lacks_one_is_counted_by_role_and_listed(app, people, ops):
    before = said(ops.get(PAGE).text)
    assert "Company admins not required 1 1" in before
    assert "Everybody of whom a second factor is asked has one." in before
    assert ask(ops, "company_admin", "lab_manager").status_code == 302
    key = SoftKey()
    add_key(browser(app, people.mei), key)

    page = said(ops.get(PAGE).text)
    assert "Company admins Required 1 1" in page
    assert "Lab managers and deputies Required 2 1" in page
    listed = page.split("Who has to add one")[-1]
    assert people.bo.email in listed
    assert people.dee.email in listed
    assert people.mei.email not in listed


def test_before_the_day_it_is_brought_to_mind_and_after_it_nothing_else_opens(
    app, people, ops, clock
):
    ask(ops, "company_admin")
    bo = browser(app)
    sign_in(bo, email=people.bo.email)
    page = bo.get("/pools")
    assert page.status_code == 200
    assert "needs a second factor by Tue 1 Dec" in page.text
    clock.shift(days=8)

    for path in ("/pools", "/account/sessions"):
        assert bo.get(path).headers["Location"] == SECURITY
    bo.post("/account/confirm", data={"password": RIGHT})
    add_key(bo, SoftKey())
    assert bo.get("/pools").status_code == 200
    assert browser(app, people.ada).get("/pools").status_code == 200


def test_what_the_operator_says_stands_before_the_settings(app, people, ops, monkeypatch):
    monkeypatch.setitem(app.config, "SECOND_FACTOR_ROLES", "company_admin")
    assert browser(app, people.bo).get("/pools").headers["Location"] == SECURITY
    ask(ops, "lab_manager")

    assert browser(app, people.bo).get("/pools").status_code == 200
    ask(ops)
    assert browser(app, people.mei).get("/pools").status_code == 200


def test_whoever_lacks_one_is_written_to_at_once_and_twice_before_the_day(session, people, ops):
    ask(ops, "company_admin", on="2026-12-10")
    assert letters(session) == [people.bo.id]
    due = NOW.replace(month=12, day=9, hour=16)  # midnight at the site
    for at in (NOW, NOW, due - 8 * DAY, due - 7 * DAY, due - 6 * DAY, due - DAY, due, due + DAY):
        remind(at)

    assert letters(session) == [people.bo.id] * 3


def test_nobody_else_is_written_to(app, session, people, ops):
    remind()
    for person in (people.mei, people.dee):
        add_key(browser(app, person), SoftKey())
    ask(ops, "lab_manager")
    remind()

    assert letters(session) == []


def test_it_takes_a_fresh_proof_and_is_in_the_audit(session, people, ops, clock):
    ask(ops, "finance")
    ask(ops, "finance")  # the same once more says nothing new
    clock.shift(minutes=16)
    assert ask(ops).headers["Location"].startswith("/account/confirm")
    session.rollback()

    rows = session.execute(
        select(Audit.actor_id, Audit.after).where(Audit.action == "factor_policy.set")
    )
    [(who, after)] = rows
    assert who == people.ops.id
    assert '"roles": "finance"' in after


@pytest.mark.parametrize(
    "wrong", [{"on": "2031-01-01"}, {"on": "soon"}, {"grace": "91"}, {"grace": "-1"}]
)
def test_what_cannot_be_meant_is_refused(ops, wrong):
    assert ask(ops, "finance", **wrong).status_code == 422


def test_nobody_else_sets_it(app, people):
    assert browser(app, people.bo).get(PAGE).status_code == 404
    assert ask(browser(app, people.mei)).status_code == 404


def test_the_later_of_day_and_grace_counts():
    asked = Required(frozenset({"finance"}), NOW, 7)
    by_settings = Required(frozenset({"finance"}), None, 7)

    assert deadline(asked, None) == NOW
    assert deadline(asked, NOW - 30 * DAY) == NOW
    assert deadline(asked, NOW - DAY) == NOW + 6 * DAY
    assert deadline(by_settings, NOW) == NOW + 7 * DAY
    assert deadline(by_settings, None) is None
    assert [reminder_stage(days * DAY) for days in (8, 7, 2, 1, 0)] == [0, 7, 7, 1, 1]
