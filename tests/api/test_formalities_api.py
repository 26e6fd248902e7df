"""Agreements, questions, quotas and rules about the person, through the API on both engines."""

import pytest

from booking.infra.db import write
from booking.policies.rules.questions import Question
from booking.policies.services.questions import set_agreement, set_questions
from booking.reservations.models import Reservation
from tests import factories
from tests.conftest import NOW
from tests.reservations.ruled import qualify, set_quota, set_rule

SAMPLE = Question("sample", "text", "样品", "Sample", required=True)


def broken(answer):
    """Return the codes of a refused booking."""
    assert answer.status_code == 422, answer.json
    return [v["code"] for v in answer.json["violations"]]


def test_what_is_to_be_accepted_and_answered_is_told_and_asked(api, people, any_session):
    pool, mei, ops = people.automatic.id, factories.actor(people.mei), factories.actor(people.ops)
    write(lambda s: set_questions(s, mei, pool, [SAMPLE], NOW))
    write(lambda s: set_agreement(s, ops, ("park", ""), "Rules", "Keep clean.", NOW))

    assert broken(api.ada.book(10, 11, pool_id=pool)) == ["agreement_needed", "answer_needed"]
    asked = api.ada.get(f"/pools/{pool}/formalities").json
    assert [q["key"] for q in asked["questions"]] == ["sample"]
    [agreement] = asked["agreements"]
    assert (agreement["title"], agreement["text"], agreement["version"]) == (
        "Rules", "Keep clean.", 1,
    )  # fmt: skip
    assert api.ada.post(f"/agreements/{agreement['id']}/accept").status_code == 200
    assert api.ada.get(f"/pools/{pool}/formalities").json["agreements"] == []
    unfit = api.ada.book(10, 11, pool_id=pool, answers={"sample": 7})
    assert broken(unfit) == ["answer_unfit"]
    assert unfit.json["violations"][0]["field"] == "answers.sample"
    assert api.ada.book(10, 11, pool_id=pool, answers={"sample": "A"}).status_code == 201
    assert api.ada.book(12, 13, pool_id=pool, answers=[]).status_code == 422


def test_one_coming_reservation_and_cancelling_it_frees_the_quota(api, people, any_session):
    set_quota(any_session)
    pool = people.automatic.id
    first = api.ada.book(10, 11, pool_id=pool)
    refused = api.ada.book(12, 13, pool_id=pool)
    assert broken(refused) == ["quota_count_future"]
    assert {"limit": 1, "used": 1, "left": 0, "source": "park"}.items() <= refused.json[
        "violations"
    ][0].items()
    api.ada.post(f"/reservations/{first.json['id']}/cancel")
    assert api.ada.book(12, 13, pool_id=pool).status_code == 201


def test_what_was_missed_may_count_all_the_same(api, people, any_session):
    set_quota(any_session, period="day", counts_no_show=1)
    booked = api.ada.book(10, 11, pool_id=people.automatic.id)
    any_session.get_one(Reservation, booked.json["id"]).status = "no_show"
    any_session.commit()
    assert broken(api.ada.book(12, 13, pool_id=people.automatic.id)) == ["quota_count_day"]
    assert api.ada.book(34, 35, pool_id=people.automatic.id).status_code == 201


def test_the_gap_between_ones_own_names_its_side(api, people, any_session):
    pool = people.automatic
    set_rule(any_session, "own_gap_minutes", 120, pool=pool)
    api.ada.book(12, 13, pool_id=pool.id)
    assert broken(api.ada.book(10.5, 11.5, pool_id=pool.id)) == ["gap_after"]
    assert broken(api.ada.book(14.5, 15.5, pool_id=pool.id)) == ["gap_before"]
    [slot] = api.ada.get(
        "/availability/next", pool=pool.id, duration_minutes=60, limit=1,
        from_="2026-11-24T02:30:00Z",
    ).json["slots"]  # fmt: skip
    assert slot["start"] == "2026-11-24T07:00:00+00:00"


def test_ninety_coming_minutes(api, people, any_session):
    set_quota(any_session, measure="minutes", amount=90)
    api.ada.book(10, 11, pool_id=people.automatic.id)
    refused = api.ada.book(12, 13, pool_id=people.automatic.id)
    assert broken(refused) == ["quota_minutes_future"]
    assert refused.json["violations"][0]["left"] == 30


@pytest.mark.parametrize(("week_start", "status"), [(1, 422), (4, 201), (2, 422)])
def test_the_first_day_of_the_week(api, people, any_session, week_start, status):
    set_quota(any_session, measure="minutes", period="week", amount=90, week_start=week_start)
    api.ada.book(34, 35, pool_id=people.automatic.id)
    assert api.ada.book(58, 59, pool_id=people.automatic.id).status_code == status


def test_a_person_who_is_not_qualified_hears_everything_at_once(api, people, any_session):
    pool = people.automatic
    set_rule(any_session, "level", 2, pool=pool)
    set_rule(any_session, "note_needed", True, pool=pool)
    refused = api.ada.book(10, 11, pool_id=pool.id)
    assert broken(refused) == ["level_needed", "note_needed"]
    assert "level 2" in refused.json["violations"][0]["message"]
    qualify(any_session, people.ada, pool, 2)
    assert api.ada.book(10, 11, pool_id=pool.id, note="why").status_code == 201


def test_changing_and_cancelling_end_before_the_start(api, people, any_session):
    booked = api.ada.book(8, 10, pool_id=people.automatic.id)
    set_rule(any_session, "edit_latest_minutes", 24 * 60)
    set_rule(any_session, "cancel_latest_minutes", 24 * 60)
    assert broken(api.ada.move(booked, 8, 9)) == ["too_late_to_change"]
    path = f"/reservations/{booked.json['id']}/cancel"
    assert broken(api.ada.post(path)) == ["too_late_to_cancel"]
    assert api.mei.post(path, {"reason": "broken"}).status_code == 200


# --- buffers, durations, notice, horizon -----------------------------------------------------


def test_a_buffer_keeps_the_next_away(api, people, any_session):
    people.sequencer.cleanup_minutes = 30
    any_session.commit()
    api.ada.book(10, 11, pool_id=people.sequencer.id)
    assert api.ada.book(11.25, 12.25, pool_id=people.sequencer.id).status_code == 409
    assert api.ada.book(11.5, 12.5, pool_id=people.sequencer.id).status_code == 201


def test_both_broken_lengths_are_told(api, people, any_session):
    people.automatic.min_minutes, people.automatic.max_minutes = 90, 30
    any_session.commit()
    assert broken(api.ada.book(10, 11, pool_id=people.automatic.id)) == ["too_short", "too_long"]


def test_times_are_on_the_grid_and_ahead_within_the_horizon(api, people, any_session):
    people.automatic.granularity_minutes, people.automatic.horizon_days = 30, 2
    any_session.commit()
    pool = people.automatic.id
    assert broken(api.ada.book(10, 10.75, pool_id=pool)) == ["granularity_length"]
    assert broken(api.ada.book(-16, -15, pool_id=pool)) == ["past"]
    far = api.ada.book(58, 59, pool_id=pool)
    assert broken(far) == ["horizon"]
    assert "2" in far.json["violations"][0]["message"]


def test_the_end_comes_after_the_start(api, people, any_session):
    for end in (10, 9):
        refused = api.ada.book(10, end, pool_id=people.automatic.id)
        assert (refused.status_code, refused.json["code"]) == (422, "invalid")
    assert any_session.query(Reservation).count() == 0


def test_closed_hours_bind_people_but_not_a_manager_with_a_reason(api, people, any_session):
    people.automatic.opening_hours = "2 09:00-12:00"
    any_session.commit()
    pool = people.automatic.id
    assert broken(api.ada.book(13, 14, pool_id=pool)) == ["closed_hours"]
    made = api.mei.book(13, 14, pool_id=pool, override_reason="night run")
    assert made.status_code == 201


def test_midnight_is_that_of_the_site(api, people, any_session):
    set_rule(any_session, "overnight", False)
    pool = people.automatic.id
    assert broken(api.ada.book(23, 24.5, pool_id=pool)) == ["overnight"]
    assert api.ada.book(7.5, 8.5, pool_id=pool).status_code == 201
