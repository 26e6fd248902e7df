"""Suspension and appeal, what a lab accepts of others, reminders of the end; and their pages."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Invalid, NotFound, RuleViolated, WrongState
from booking.infra.db import Base, db, write
from booking.infra.outbox import Outbox
from booking.policies.models import Equivalence, Qualification
from booking.privacy.services.erasing import ask_erasure, erase
from booking.reminders.jobs.deliver import deliver_due
from booking.reminders.rules import TRAINED
from booking.training.jobs import remind
from booking.training.models import Appeal, Evidence, Signup
from booking.training.services.records import request_signature
from booking.training.services.seats import sign_up
from booking.training.services.standing import (
    EquivalenceWanted,
    accept_elsewhere,
    accept_no_longer,
    answer_appeal,
    appeal,
    reinstate,
    suspend,
)
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser
from tests.reminders.steps import header, put, the_row, written
from tests.reservations.ruled import qualify, set_rule
from tests.reservations.steps import ask
from tests.statements import statements
from tests.training.given import course, done, kept, planned, stored_file


@pytest.fixture
def people(session) -> Cast:
    return cast(session)


@pytest.fixture
def held(session, people) -> int:
    """Return the id of Ada's level 3 for the centrifuge, which needs level 2."""
    set_rule(session, "level", 2, pool=people.automatic)
    qualify(session, people.ada, people.automatic, 3)
    return kept(session, Qualification)[0].id


def books(people, hour: float) -> bool:
    try:
        ask(actor(people.ada), hour, hour + 1, pool_id=people.automatic.id)
    except RuleViolated:
        return False
    return True


def test_who_is_suspended_does_not_book_whatever_else_they_hold(session, people, held, clock):
    assert books(people, 10)
    with pytest.raises(NotFound):
        done(suspend, people.dee, held, "x")
    with pytest.raises(Invalid, match="reason_needed"):
        done(suspend, people.mei, held, " ")
    done(suspend, people.mei, held, "left the lid open")
    qualify(session, people.ada, people.automatic, 4)
    assert not books(people, 34)
    done(reinstate, people.mei, held)
    assert books(people, 34)
    actions = [row.action for row in kept(session, Audit) if "qualification" in row.action]
    assert actions == ["qualification.suspend", "qualification.reinstate"]
    assert {row.kind for row in kept(session, Outbox)} >= {"suspended", "reinstated"}


def test_an_appeal_is_answered_once_by_who_may(session, people, held, clock):
    with pytest.raises(WrongState, match="not_suspended"):
        done(appeal, people.ada, held, "no")
    done(suspend, people.mei, held, "x")
    with pytest.raises(NotFound):
        done(appeal, people.bo, held, "not mine")
    done(appeal, people.ada, held, "it was not me")
    with pytest.raises(WrongState, match="appeal_open"):
        done(appeal, people.ada, held, "again")
    [said] = kept(session, Appeal)
    assert kept(session, Outbox, kind="appeal_received")[0].recipient_id == people.mei.id

    def answered(who, *, lift):
        by = actor(who)
        return write(lambda s: answer_appeal(s, by, said.id, "we looked", NOW, lift=lift))

    with pytest.raises(NotFound):
        answered(people.dee, lift=True)
    answered(people.mei, lift=True)
    with pytest.raises(WrongState, match="appeal_answered"):
        answered(people.ops, lift=False)
    assert books(people, 10)


def test_a_lab_accepts_anothers_training_up_to_a_level(session, people, clock):
    set_rule(session, "level", 2, pool=people.automatic)
    qualify(session, people.ada, people.east_pool, 4)
    assert not books(people, 10)
    wanted = EquivalenceWanted(1, pool_id=people.east_pool.id)
    with pytest.raises(NotFound):
        done(accept_elsewhere, people.dee, people.west_lab.id, wanted)
    done(accept_elsewhere, people.mei, people.west_lab.id, wanted)
    assert not books(people, 10)  # only as assisted
    wanted = EquivalenceWanted(3, pool_id=people.east_pool.id)
    done(accept_elsewhere, people.mei, people.west_lab.id, wanted)
    assert books(people, 10)
    [row] = kept(session, Equivalence, retired_at=None)
    done(accept_no_longer, people.mei, row.id)
    assert not books(people, 34)


def test_a_class_above_counts_for_its_pools(session, people, clock):
    set_rule(session, "level", 2, pool=people.automatic)
    top = people.category
    below = people.automatic
    below.category_code = None
    session.add(Qualification(user_id=people.ada.id, category_code=top.code, level=2,
                              granted_at=NOW))  # fmt: skip
    session.commit()
    assert not books(people, 10)
    below.category_code = top.code
    session.commit()
    assert books(people, 10)


def test_without_a_level_nobodys_qualifications_are_read(session, people, clock):
    with statements(db.engine) as asked:
        assert books(people, 10)
    # What labs accept of each other is in the book of rules, read once for each edition of it.
    assert not [one for one in asked if "FROM qualification " in one]


def test_each_end_is_reminded_of_once_and_a_renewal_silences_it(session, people, held, clock):
    row = kept(session, Qualification)[0]
    row.valid_until = NOW + timedelta(days=20)
    session.commit()
    for _ in range(2):
        remind()
    assert [m.dedupe_key.rpartition(":")[2] for m in kept(session, Outbox)] == ["30"]
    clock.shift(days=14)
    remind()
    assert [m.dedupe_key.rpartition(":")[2] for m in kept(session, Outbox)] == ["30", "7"]
    qualify(session, people.ada, people.automatic, 3)  # for ever: both are moot
    session.get_one(Qualification, row.id).revoked_at = clock.now
    session.commit()
    assert deliver_due().sent == 0


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("kind", TRAINED)
def test_each_letter_names_what_it_is_about(app, session, people, held, clock, kind, language):
    row = session.get_one(Qualification, held)
    row.valid_until = NOW + timedelta(days=9)
    about = f"qualification:{held}"
    if kind == "suspended":
        row.suspended_at, row.suspension_reason = NOW, "left the lid open"
    session.commit()
    if kind in ("training_seat", "training_cancelled"):
        place = done(sign_up, people.ada, planned(people, course(people, "session")))
        about = f"signup:{place.id}"
    elif kind.startswith("signoff") or kind == "qualified":
        about = f"record:{done(request_signature, people.ada, course(people, 'signoff'), '', [])}"
    people.ada.locale = language
    session.query(Outbox).delete()
    session.commit()
    put(kind, people.ada, about)
    assert deliver_due().sent == 1, the_row(session).error
    message = written(app, the_row(session).id)
    zh, en = ("离心机", "Centrifuge")
    assert (zh if language != "en" else en) in message.text
    assert "%(" not in header(message, "Subject") + message.text


def test_pages_of_a_suspension_from_both_sides(app, session, people, held, clock):
    mei, ada = browser(app, people.mei), browser(app, people.ada)
    listed = mei.get(f"/manage/labs/{people.west_lab.id}/people").text
    assert f"/manage/qualifications/{held}/suspend" in listed
    page = f"/manage/qualifications/{held}/suspend"
    assert mei.post(page, data={"reason": ""}).status_code == 422
    assert mei.post(page, data={"reason": "lid <open>"}).status_code == 302
    mine = ada.get("/passport").text
    assert "lid &lt;open&gt;" in mine
    ada.post(f"/qualifications/{held}/appeal", data={"text": "not me"})
    [said] = kept(session, Appeal)
    assert "not me" in mei.get(f"/manage/appeals/{said.id}").text
    answer = {"answer": "all right", "lift": "y"}
    assert mei.post(f"/manage/appeals/{said.id}", data=answer).status_code == 302
    assert "Centrifuge" in ada.get("/passport").text
    assert "lid &lt;open" not in ada.get("/passport").text


def test_the_form_of_equivalences_finds_a_pool_by_name(app, session, people, clock):
    mei, page = browser(app, people.mei), f"/manage/labs/{people.west_lab.id}/equivalences"
    typed = {"pool": "nothing", "category_code": "", "for_pool_id": "", "most_level": "2"}
    refused = mei.post(page, data=typed)
    assert refused.status_code == 422
    assert 'href="#pool"' in refused.text
    assert mei.post(page, data={**typed, "pool": "流式细胞仪"}).status_code == 302
    assert "流式细胞仪" in mei.get(page).text


def test_an_erased_person_leaves_no_words_and_no_seat(session, people, held, clock):
    done(suspend, people.mei, held, "zebrafinch")
    done(appeal, people.ada, held, "zebrafinch")
    key = course(people, "session", "signoff")
    done(request_signature, people.ada, key, "zebrafinch", [stored_file(people.ada)])
    meets = planned(people, key)
    done(sign_up, people.ada, meets)
    done(sign_up, people.cy, meets)
    ada = actor(people.ada)
    write(lambda s: ask_erasure(s, ada, 14, NOW))
    write(lambda s: erase(s, None, ada.user_id, NOW))
    assert [row.state for row in kept(session, Signup)] == ["cancelled", "seated"]
    assert kept(session, Evidence) == []
    for table in Base.metadata.sorted_tables:
        assert "zebrafinch" not in str(session.execute(select(table)).all()), table.name
