"""The chain of seals: what is committed gets sealed, and whatever is changed is found."""

import json

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bench.drills.harness import race
from booking.audit.jobs import seal_new
from booking.audit.models import Audit, AuditSeal
from booking.audit.queries.seals import complaints_of_seals, unsealed, verify
from booking.audit.rules import SEALED, Head, first_break
from booking.infra.addresses import kept_address
from booking.infra.db import db
from tests.audit.steps import forging, sealed, written
from tests.conftest import NOW
from tests.races.contestants import audit_and_seal

TEXT = "'x'"
# What is done behind the guards' back → the seal that breaks, and the words for it.
FORGERIES = {
    **{
        "UPDATE audit SET CHANGE WHERE id = 2".replace("CHANGE", change): (2, "row changed")
        for change in (
            "at = at + 1", "actor_id = 8", "action = 'x'", "subject_type = 'x'", "subject_id = 9",
            "before = 'x'", "after = NULL", "personal_hash = 'x'", "via = 'x'", "address = 'x'",
        )
    },
    "UPDATE audit SET id = 99 WHERE id = 2": (2, "row missing"),
    "DELETE FROM audit WHERE id = 2": (2, "row missing"),
    "DELETE FROM audit_seal WHERE seal_no = 2": (2, "seal missing"),
    "UPDATE audit_seal SET seal_no = 9 WHERE seal_no = 2": (2, "seal missing"),
    "UPDATE audit_seal SET hash = 'x' WHERE seal_no = 2": (2, "row changed"),
    "UPDATE audit_seal SET prev_hash = 'x' WHERE seal_no = 2": (
        2, "does not follow the seal before",
    ),
    # Two rows change places.
    "UPDATE audit_seal SET audit_id = CASE audit_id WHEN 2 THEN -3 ELSE -2 END "
    "WHERE audit_id IN (2, 3); UPDATE audit_seal SET audit_id = -audit_id WHERE audit_id < 0": (
        2, "row changed",
    ),
    # A row with a seal of its own in the middle.
    "INSERT INTO audit (id, at, action, subject_type, subject_id) VALUES (77, 1, 'a', 'b', 1); "
    "UPDATE audit_seal SET seal_no = 4 WHERE seal_no = 3; INSERT INTO audit_seal "
    "SELECT 3, 77, hash, 'x' FROM audit_seal WHERE seal_no = 2": (3, "row changed"),
    "UPDATE audit_personal SET text = 'kinder' WHERE audit_id = 2": (2, "personal text changed"),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_whatever_is_changed_is_found_where_it_is(any_session, forgery):
    sealed(reason="because" if "personal " in forgery else None)
    assert verify(any_session).broken is None

    with forging(any_session) as execute:
        for statement in forgery.replace("id = 2", f"id = {_second(any_session)}").split(";"):
            execute(_ids(any_session, statement))

    found = verify(db.session())
    assert (found.broken.seal_no, found.broken.what) == FORGERIES[forgery]
    assert found.checked == found.broken.seal_no - 1
    assert complaints_of_seals(db.session(), NOW)[0].startswith("audit broken at seal")


def _second(session):
    """Return the id of the second audit row: PostgreSQL counts on between tests."""
    return session.scalar(select(AuditSeal.audit_id).where(AuditSeal.seal_no == 2)) or 2


def _ids(session, statement):
    second = _second(session)
    if "CASE audit_id" not in statement:
        return statement
    return (
        statement.replace("WHEN 2 THEN -3 ELSE -2", f"WHEN {second} THEN -{second + 1} "
                          f"ELSE -{second}")
        .replace("IN (2, 3)", f"IN ({second}, {second + 1})")
    )  # fmt: skip


def test_every_column_of_an_audit_row_is_sealed():
    assert set(SEALED) == set(Audit.__table__.columns.keys())


def test_erasing_personal_text_breaks_nothing(any_session):
    sealed(reason="because")
    any_session.execute(text("DELETE FROM audit_personal"))
    any_session.commit()

    assert verify(any_session).broken is None


def test_the_end_cannot_be_cut_off_unseen_by_who_noted_a_seal(any_session):
    sealed()
    head = verify(any_session).head
    with forging(any_session) as execute:
        execute("DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_seal WHERE seal_no > 1)")
        execute("DELETE FROM audit_seal WHERE seal_no > 1")

    assert verify(db.session()).broken is None
    assert verify(db.session(), head).broken.what == "the expected seal is not there"
    assert verify(db.session(), Head(1, "0" * 64)).broken.seal_no == 1


@pytest.mark.parametrize("table", ["audit", "audit_seal"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_rows_and_seals_are_neither_changed_nor_removed(any_session, table, change):
    sealed(1)
    column = "action" if table == "audit" else "hash"
    with pytest.raises(DBAPIError, match="append_only"):
        any_session.execute(text(change.format(table, column, TEXT)))
    any_session.rollback()


def test_what_is_sealed_is_not_sealed_again(any_session):
    sealed()
    seal_new()
    written(2)
    seal_new()

    assert any_session.scalar(select(func.count()).select_from(AuditSeal)) == 5
    assert verify(any_session).checked == 5
    assert unsealed(any_session).count == 0


@pytest.mark.postgres
def test_rows_committed_out_of_the_order_of_ids_are_sealed_when_they_are(pg_app):
    with pg_app.app_context(), db.engine.connect() as slow:
        add = text("INSERT INTO audit (at, action, subject_type, subject_id) VALUES (1,'a','b',1)")
        slow.execute(add)  # it has its id and is not committed
        written(2)
        seal_new()
        assert verify(db.session()).checked == 2
        slow.commit()
        seal_new()

        assert verify(db.session()).broken is None
        order = db.session.scalars(select(AuditSeal.audit_id).order_by(AuditSeal.seal_no)).all()
        assert order[2] < order[0]


def test_of_several_sealers_none_seals_what_another_does(any_app):
    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    with any_app.app_context():
        race(given, [(audit_and_seal, ())] * 3, rounds=8)
        seal_new()

        found = verify(db.session())
        assert (found.checked, found.broken) == (3 * 8, None)
        assert unsealed(db.session()).count == 0


def test_rows_that_wait_too_long_are_told(any_session):
    written()

    assert complaints_of_seals(any_session, NOW) == []
    late = NOW.replace(hour=NOW.hour + 2)
    assert complaints_of_seals(any_session, late) == [
        "audit rows not sealed for more than an hour: 3"
    ]


def test_an_empty_chain_holds():
    assert first_break([], Head()) == (Head(), None)


@pytest.fixture
def run(app, clock):
    """Return a runner of commands on SQLite."""
    return lambda *words: app.test_cli_runner().invoke(args=["audit", "verify", *words])


def test_the_command_says_sound_broken_or_late(app, run, clock):
    with app.app_context():
        sealed()
    done = run("--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["sound"], report["checked"]) == (0, True, 3)
    assert run("--expect", report["head"]).exit_code == 0
    assert run("--expect", "3:beef").exit_code == 2

    with app.app_context():
        written(1)
    clock.shift(hours=2)
    assert run().exit_code == 3
    assert "1 rows unsealed, the oldest for 7200 s" in run().stdout

    with app.app_context(), forging(db.session()) as execute:
        execute("DELETE FROM audit WHERE id = 2")
    done = run()
    assert done.exit_code == 1
    assert "broken at seal 2, audit row 2: row missing" in done.stdout
    assert json.loads(run("--json").stdout)["broken"]["what"] == "row missing"


KEPT = [
    ("203.0.113.7", "full", "203.0.113.7"),
    ("203.0.113.7", "network", "203.0.113.0/24"),
    ("2001:db8:1:2::3", "network", "2001:db8:1::/48"),
    ("203.0.113.7", "none", ""),
    ("unix", "network", ""),
    ("", "full", ""),
]


@pytest.mark.parametrize(("address", "how", "kept"), KEPT)
def test_an_address_is_kept_as_far_as_the_park_wants(address, how, kept):
    assert kept_address(address, how) == kept
