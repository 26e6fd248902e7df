"""Notices through the service: who writes and reads them, versions, the tick before booking."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Invalid, NotFound, RuleViolated, Stale, WrongState
from booking.infra.db import write
from booking.notices.models import NoticeRead
from booking.notices.queries import (
    notices_at_hand,
    notices_of_pool,
    unread_count,
    versions_of,
    visible_notice,
)
from booking.notices.rules import Wording, state
from booking.notices.services import (
    change_notice,
    draft_notice,
    publish_notice,
    read_all_notices,
    read_notice,
    withdraw_notice,
)
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask

DAY = timedelta(days=1)
CLEAN = Wording("停机清洁", "周五下午停机。", NOW, NOW + 7 * DAY, must_read=True)


@pytest.fixture
def people(any_session) -> Cast:
    return cast(any_session)


def tell(who, place=(None, None), wording=CLEAN):
    """Return a notice published by somebody."""

    def work(session):
        key = draft_notice(session, actor(who), place, wording, NOW)
        publish_notice(session, actor(who), key, 1, NOW)
        return key

    return write(work)


def read(who, key, version=None):
    write(lambda s: read_notice(s, actor(who), key, NOW, version))


def refused(who, pool):
    """Return the codes and notices for which a booking is refused; empty when it is made."""
    try:
        ask(actor(who), 10, 11, pool_id=pool.id)
    except RuleViolated as refusal:
        return [(v.code, v.more["notice_id"], v.origin) for v in refusal.violations]
    return []


def test_what_must_be_read_is_ticked_before_booking_and_anew_when_it_changed(any_session, people):
    key = tell(people.mei, (people.west_lab.id, None))
    assert refused(people.ada, people.automatic) == [("notice_unread", key, "lab")]

    read(people.ada, key, 1)
    assert refused(people.ada, people.automatic) == []

    changed = replace(CLEAN, text_zh="周六下午停机。")
    assert write(lambda s: change_notice(s, actor(people.mei), key, 2, changed, NOW)) == 2
    assert refused(people.ada, people.automatic) == [("notice_unread", key, "lab")]
    with pytest.raises(Stale):
        read(people.ada, key, 1)
    any_session.rollback()
    kept = any_session.scalars(select(NoticeRead)).one()
    assert (kept.user_id, kept.version, kept.read_at) == (people.ada.id, 1, NOW)


def test_other_days_ask_nobody_anew(people):
    key = tell(people.mei, (None, people.automatic.id))
    read(people.ada, key)
    longer = replace(CLEAN, until_at=NOW + 9 * DAY)

    assert write(lambda s: change_notice(s, actor(people.mei), key, 2, longer, NOW)) == 1
    assert refused(people.ada, people.automatic) == []


@pytest.mark.parametrize(
    ("wording", "asks"),
    [
        (CLEAN, True),
        (replace(CLEAN, must_read=False), False),
        (replace(CLEAN, from_at=NOW + DAY), False),  # not yet
        (replace(CLEAN, from_at=NOW - 2 * DAY, until_at=NOW), False),  # no longer
        (replace(CLEAN, until_at=None), True),
    ],
)
def test_it_is_asked_for_while_it_stands(people, wording, asks):
    tell(people.ops, wording=wording)

    assert bool(refused(people.ada, people.automatic)) is asks


def test_of_another_lab_or_a_draft_or_withdrawn_nothing_is_asked(people):
    tell(people.dee, (people.east_lab.id, None))
    write(lambda s: draft_notice(s, actor(people.ops), (None, None), CLEAN, NOW))
    key = tell(people.ops)
    write(lambda s: withdraw_notice(s, actor(people.ops), key, NOW))

    assert refused(people.ada, people.automatic) == []
    with pytest.raises(WrongState, match="notice_withdrawn"):
        write(lambda s: change_notice(s, actor(people.ops), key, 3, CLEAN, NOW))


def test_a_withdrawn_notice_asks_for_nothing_at_once(people):
    key = tell(people.ops)
    assert refused(people.ada, people.automatic) != []
    write(lambda s: withdraw_notice(s, actor(people.ops), key, NOW))

    assert refused(people.ada, people.automatic) == []


def test_a_manager_books_for_another_past_it_with_a_reason(people):
    tell(people.mei, (people.west_lab.id, None))
    for_ada = {"pool_id": people.automatic.id, "on_behalf_of": people.ada.id,
               "company_id": people.company_a.id}  # fmt: skip

    with pytest.raises(RuleViolated):
        ask(actor(people.mei), 10, 11, **for_ada)
    assert ask(actor(people.mei), 10, 11, override_reason="电话已告知", **for_ada)


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ("ada", "park"), ("mei", "park"), ("ada", "lab"), ("rep", "lab"), ("dee", "lab"),
        ("ada", "pool"), ("dee", "pool"),
    ],
)  # fmt: skip
def test_only_operators_and_the_labs_managers_write(people, who, place):
    places = {"park": (None, None), "lab": (people.west_lab.id, None),
              "pool": (None, people.confocal.id)}  # fmt: skip
    with pytest.raises(NotFound):
        tell(getattr(people, who), places[place])
    key = tell(people.ops, places[place])
    with pytest.raises(NotFound):
        write(lambda s: change_notice(s, actor(getattr(people, who)), key, 2, CLEAN, NOW))


def test_a_notice_is_read_by_whoever_sees_what_it_is_about(any_session, people):
    hidden = tell(people.mei, (None, people.unshared.id))
    shared = tell(people.mei, (None, people.confocal.id))
    draft = write(lambda s: draft_notice(s, actor(people.mei), (people.west_lab.id, None), CLEAN,
                                         NOW))  # fmt: skip
    coming = tell(people.ops, wording=replace(CLEAN, from_at=NOW + DAY))

    def seen(who):
        found = set()
        for key in (hidden, shared, draft, coming):
            try:
                found.add(visible_notice(any_session, actor(who), key, NOW).notice.id)
            except NotFound:
                continue
        return found

    any_session.rollback()
    assert seen(people.ada) == {shared}
    assert seen(people.mei) == {hidden, shared, draft}
    assert seen(people.rep) == {hidden, shared}
    assert seen(people.ops) == {hidden, shared, draft, coming}
    for key in (hidden, draft, coming):
        with pytest.raises(NotFound):
            read(people.ada, key)


def test_unread_are_counted_until_read_and_what_must_be_read_alone(any_session, people):
    plain = replace(CLEAN, must_read=False)
    tell(people.ops), tell(people.mei, (people.west_lab.id, None), plain)
    ada = actor(people.ada)
    any_session.rollback()
    assert unread_count(any_session, ada, NOW) == 2
    assert notices_at_hand(any_session, ada, [], NOW)[1] == 1  # the lab's is not at hand
    assert notices_at_hand(any_session, ada, [people.confocal.id], NOW)[1] == 2
    kinds = [one.kind for one in notices_of_pool(
        any_session, ada, people.confocal.id, people.west_lab.id, NOW)]  # fmt: skip
    assert kinds == ["lab", "park"]

    assert write(lambda s: read_all_notices(s, ada, NOW)) == 1
    any_session.rollback()
    assert unread_count(any_session, ada, NOW) == 1
    assert unread_count(any_session, actor(people.bo), NOW) == 2


def test_every_version_stays_with_its_readers_and_changes_are_audited(any_session, people):
    key = tell(people.ops)
    read(people.ada, key), read(people.ada, key)
    other = replace(CLEAN, title_en="Cleaning", text_en="Closed on Friday.")
    write(lambda s: change_notice(s, actor(people.ops), key, 2, other, NOW))
    with pytest.raises(Stale):  # somebody else's change is not overwritten
        write(lambda s: change_notice(s, actor(people.ops), key, 2, CLEAN, NOW))
    write(lambda s: withdraw_notice(s, actor(people.ops), key, NOW))

    any_session.rollback()
    found = [(r.NoticeVersion.version, r.NoticeVersion.title_en, r.readers)
             for r in versions_of(any_session, key)]  # fmt: skip
    assert found == [(2, "Cleaning", 0), (1, "", 1)]
    actions = any_session.scalars(
        select(Audit.action).where(Audit.subject_type == "notice").order_by(Audit.id)
    ).all()
    assert actions == ["notice.draft", "notice.publish", "notice.read", "notice.change",
                       "notice.withdraw"]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title_zh": " "}, "required"),
        ({"text_zh": ""}, "required"),
        ({"title_en": "Only a title"}, "notice_half_english"),
        ({"text_zh": "x" * 10_001}, "too_long_text"),
        ({"title_zh": "a\x00\ud800"}, "too_long_text"),
        ({"until_at": NOW}, "end_before_start"),
    ],
)
def test_a_notice_has_its_bounds(people, change, code):
    with pytest.raises(Invalid) as refusal:
        tell(people.ops, wording=replace(CLEAN, **change))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("published", "withdrawn", "begins", "ends", "expected"),
    [
        (None, None, NOW, None, "draft"),
        (NOW, NOW, NOW, None, "withdrawn"),
        (NOW, None, NOW + DAY, None, "coming"),
        (NOW, None, NOW, None, "current"),
        (NOW, None, NOW - DAY, NOW, "past"),  # its end is not included
    ],
)
def test_state(published, withdrawn, begins, ends, expected):
    assert state(published, withdrawn, begins, ends, NOW) == expected
