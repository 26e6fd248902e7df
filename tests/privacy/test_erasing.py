"""A person exported and erased: nothing of them is left, history stays, the seals hold."""

import io
import json
import zipfile

import pytest
from sqlalchemy import func, select

from booking.accounts.jobs import forget_files
from booking.accounts.models import User, UserSession
from booking.accounts.services.tokens import create_token
from booking.audit.jobs import seal_all
from booking.audit.models import AuditPersonal
from booking.audit.queries.seals import verify
from booking.audit.services import record
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.db import Base, write
from booking.infra.outbox import Outbox
from booking.infra.passwords import hash_password
from booking.infra.storage.kinds import EVERY
from booking.policies.rules.questions import Question
from booking.policies.services.questions import set_questions
from booking.privacy.jobs import erase_due
from booking.privacy.models import Erasure
from booking.privacy.queries import due_requests, tables_of_people
from booking.privacy.rules import decided
from booking.privacy.services.erasing import ask_erasure, erase, refuse_erasure, withdraw_erasure
from booking.reminders.jobs.deliver import deliver_due
from booking.reservations.models import Reservation
from booking.reservations.services.answering import give_file
from booking.reservations.services.cancelling import cancel
from booking.web.uploads import checked, keep
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.pages import browser
from tests.reservations.steps import ask

UNIQUE = "zebrafinch"  # stands in everything Ada writes
PASSWORD = "correct horse battery"


@pytest.fixture
def park(any_session, any_app, clock) -> Cast:
    """Return the cast; Ada's traces are everywhere, each with the unique word."""
    people = cast(any_session)
    row = any_session.get_one(User, people.ada.id)
    row.name, row.email = f"Ada {UNIQUE}", f"{UNIQUE}@test.example"
    row.phone, row.password_hash = f"139{UNIQUE}", hash_password(PASSWORD)
    any_session.commit()
    return people


@pytest.fixture
def ada(any_app, park):
    """Let Ada book with an answer, a file and a note, cancel with a reason, and have a token."""
    who, mei, pool_id = factories.actor(park.ada), factories.actor(park.mei), park.automatic.id
    asked = (Question("q", "text", "样品", "Sample"), Question("f", "file", "表", "Sheet"))
    write(lambda s: set_questions(s, mei, pool_id, asked, NOW))
    with any_app.test_request_context():
        kept = keep(checked(f"{UNIQUE}.txt", UNIQUE.encode(), EVERY), who.user_id)
    file_id = write(lambda s: give_file(s, who, kept, f"{UNIQUE}.txt", NOW))
    done = ask(who, 9, 10, pool_id=pool_id, note=UNIQUE, answers={"q": UNIQUE, "f": file_id})
    write(lambda s: cancel(s, who, done.reservation_id, UNIQUE, NOW))
    write(lambda s: record(s, mei, "user.edit", ("user", who.user_id), NOW, reason=UNIQUE))
    write(lambda s: create_token(s, who, who.user_id, ("read",), NOW))
    seal_all()
    return who


def traces(session):
    """Return the columns in which the unique word still stands."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            found += [f"{table.name}.{k}" for k, v in row.items() if UNIQUE in str(v)]
    return sorted(set(found))


def test_nothing_of_an_erased_person_is_left(any_app, any_session, park, ada, tmp_path):
    browser(any_app, park.ada)  # a session with an address
    assert len(traces(any_session)) > 8
    write(lambda s: ask_erasure(s, ada, 14, NOW))
    ops = factories.actor(park.ops)
    write(lambda s: erase(s, ops, ada.user_id, NOW))
    forget_files()

    assert traces(any_session) == []
    assert list((tmp_path / "uploads").glob("*/*")) == []
    assert any_session.scalar(
        select(func.count()).select_from(UserSession).where(UserSession.user_id == ada.user_id)
    ) == 0  # fmt: skip
    kept = any_session.scalars(select(Reservation).where(Reservation.user_id == ada.user_id)).one()
    assert (kept.status, kept.company_id) == ("cancelled", park.company_a.id)
    seal_all()
    assert verify(any_session).broken is None


def test_others_keep_what_is_theirs(any_session, park, ada):
    cy = factories.actor(park.cy)
    theirs = ask(cy, 11, 12, pool_id=park.confocal.id, note="Cy's own").reservation_id
    write(lambda s: record(s, cy, "pool.edit", ("pool", 1), NOW, reason="Cy's reason"))
    write(lambda s: ask_erasure(s, ada, 14, NOW))
    write(lambda s: erase(s, None, ada.user_id, NOW))

    assert any_session.get_one(Reservation, theirs).note == "Cy's own"
    assert "Cy's reason" in any_session.scalars(select(AuditPersonal.text)).all()


def test_every_table_that_names_a_person_says_what_erasing_does(app):
    named = {(table.name, column.name) for table, column in tables_of_people()}

    assert sorted(named - decided()) == [], "say in privacy/rules.py what erasing does with these"


def test_coming_reservations_are_dealt_with_first(any_session, park):
    ada, pool_id = factories.actor(park.ada), park.confocal.id
    ask(ada, 9, 10, pool_id=pool_id)
    with pytest.raises(WrongState) as refused:
        write(lambda s: ask_erasure(s, ada, 14, NOW))
    assert refused.value.code == "has_live_reservations"


def test_a_request_waits_is_taken_back_or_carried_out_in_time(any_session, park, clock):
    ada = factories.actor(park.ada)
    write(lambda s: ask_erasure(s, ada, 14, NOW))
    write(lambda s: ask_erasure(s, ada, 14, NOW))
    write(lambda s: withdraw_erasure(s, ada, NOW))
    with pytest.raises(NotFound):
        write(lambda s: erase(s, None, ada.user_id, NOW))
    write(lambda s: ask_erasure(s, ada, 14, NOW))
    clock.shift(days=13)
    erase_due()
    assert due_requests(any_session, clock.now) == []
    clock.shift(days=1)
    erase_due()

    states = any_session.scalars(select(Erasure.state).order_by(Erasure.id)).all()
    assert states == ["withdrawn", "done"]
    assert any_session.get_one(User, ada.user_id).email.endswith("@erased.invalid")


def test_who_books_again_meanwhile_is_not_erased_before_that_is_over(any_session, park, clock):
    ada, pool_id = factories.actor(park.ada), park.confocal.id
    write(lambda s: ask_erasure(s, ada, 0, NOW))
    ask(ada, 9, 10, pool_id=pool_id)
    ops = factories.actor(park.ops)
    with pytest.raises(WrongState):
        write(lambda s: erase(s, ops, ada.user_id, NOW))
    with pytest.raises(NotFound):
        write(lambda s: erase(s, factories.actor(park.mei), ada.user_id, NOW))


def test_the_page_asks_for_the_password(any_app, any_session, park):
    client = browser(any_app, park.ada)
    page = client.get("/account/privacy").text
    assert "Download my data" in page
    assert "180 days" in page
    for wrong in ("", "wrong"):
        refused = client.post("/account/privacy/erase", data={"current_password": wrong})
        assert refused.status_code == 422
    done = client.post("/account/privacy/erase", data={"current_password": PASSWORD})
    assert done.status_code == 302
    assert "You asked to be erased" in client.get("/account/privacy").text
    ops = browser(any_app, park.ops)
    assert UNIQUE in ops.get("/park/erasures").text
    assert client.post("/account/privacy/withdraw").status_code == 302
    client.post("/account/privacy/erase", data={"current_password": PASSWORD})
    ops.post(f"/park/erasures/{park.ada.id}")
    assert UNIQUE not in ops.get("/park/erasures").text
    assert client.get("/reservations").status_code == 302  # signed out for good


def test_who_has_no_password_types_the_address(any_app, any_session, park):
    client = browser(any_app, park.cy)
    wrong = client.post("/account/privacy/erase", data={"email": "ada@test.example"})
    assert wrong.status_code == 422
    done = client.post("/account/privacy/erase", data={"email": "Cy@test.example"})
    assert done.status_code == 302


def test_the_archive_holds_everything_and_no_secret(any_app, any_session, park, ada):
    client = browser(any_app, park.ada)
    answer = client.post("/account/privacy/export")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    data = json.loads(archive.read("data.json"))

    assert data["user_account"][0]["name"] == f"Ada {UNIQUE}"
    assert {"reservation", "reservation_answer", "api_token", "stored_file", "audit"} <= set(data)
    assert {row["action"] for row in data["audit"]} >= {"reservation.cancel", "user.edit"}
    [name] = [n for n in archive.namelist() if n.startswith("files/")]
    assert archive.read(name) == UNIQUE.encode()
    whole = archive.read("data.json").decode()
    assert "argon2" not in whole
    assert "_hash" not in whole
    assert f"Ada {UNIQUE}" in archive.read("readable.html").decode()
    for _ in range(4):
        client.post("/account/privacy/export")
    assert client.post("/account/privacy/export").status_code == 429


def test_a_request_may_be_refused_with_a_reason(any_app, any_session, park, ada):
    ops, mei = factories.actor(park.ops), factories.actor(park.mei)
    write(lambda s: ask_erasure(s, ada, 14, NOW))
    with pytest.raises(NotFound):
        write(lambda s: refuse_erasure(s, mei, ada.user_id, "no", NOW))
    with pytest.raises(Invalid):
        write(lambda s: refuse_erasure(s, ops, ada.user_id, " ", NOW))

    write(lambda s: refuse_erasure(s, ops, ada.user_id, "tax records, 10 years", NOW))

    assert due_requests(any_session, NOW.replace(year=2030)) == []
    with pytest.raises(NotFound):  # nothing is open any more
        write(lambda s: erase(s, ops, ada.user_id, NOW))
    assert "tax records, 10 years" in any_session.scalars(select(AuditPersonal.text)).all()
    assert "tax records, 10 years" in browser(any_app, park.ada).get("/account/privacy").text
    deliver_due()
    any_session.rollback()
    told = select(Outbox.state).where(Outbox.kind == "erasure_refused")
    assert any_session.scalars(told).all() == ["sent"]
    write(lambda s: ask_erasure(s, ada, 14, NOW))  # they may ask again
