"""Two admins of a company decide one step at once: one does, and the lab still has its say."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bench.drills.ground import lay
from bench.drills.harness import race, truly_overlapped
from booking.core.actor import Party
from booking.infra.db import db
from booking.reservations.models import ApprovalStep
from tests.races.contestants import approve_one, book
from tests.reservations.ruled import set_rule

ROUNDS = 3
GAP_MS = 15  # wide enough for every round to meet


@pytest.fixture
def settings():
    return {"ARGON2_MEMORY_KIB": 8}


def test_a_step_is_decided_once_and_not_the_next_one_with_it(any_app, any_session):
    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    park = lay(given, units=1, bookers=3, approval="manual")
    set_rule(any_session, "company_decides", value=True)
    booker = park.bookers[0]
    asked = [book(n, booker, pool_id=park.pool_id) for n in range(ROUNDS)]
    admin = Party(booker.parties[0].company_id, None, frozenset({"member", "admin"}))
    admins = [replace(who, parties=(admin,)) for who in park.bookers[1:]]

    rounds = race(given, [(approve_one, (who, asked)) for who in admins], ROUNDS, GAP_MS)

    for attempts in rounds:
        assert sorted(str(a.answer) for a in attempts) == ["already_decided", "approved"]
    assert sum(bool(truly_overlapped(attempts)) for attempts in rounds) >= ROUNDS // 2
    db.session.rollback()
    states = select(ApprovalStep.kind, ApprovalStep.state).order_by(ApprovalStep.id)
    assert [tuple(row) for row in db.session.execute(states)] == [
        ("company", "approved"), ("lab", "waiting"),
    ] * ROUNDS  # fmt: skip
