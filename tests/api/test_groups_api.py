"""Groups through the API: scenarios 25, 27 and 37–42, bundles, chains, retries, refusals."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.api.caller import series, timed, wanted
from tests.reservations.steps import at

GROUPS = "/reservation-groups"


@pytest.fixture
def pool(people):
    return people.automatic.id


def group(caller, group_id):
    return caller.get(f"{GROUPS}/{group_id}").json


def starts(body):
    return [r["start"] for r in body["reservations"]]


def change(caller, body, **more):
    return caller.patch(f"{GROUPS}/{body['id']}", more, body["version"])


def iso(hour, day=0):
    return at(hour, day).isoformat()


@pytest.fixture
def daily(api, pool):
    """Return Ada's five days from Tuesday on, 9 to 10."""
    made = api.ada.post(
        GROUPS, series(9, 10, pool_id=pool, rule="FREQ=DAILY;COUNT=5", title="培养")
    )
    assert made.status_code == 201, made.json
    return made.json["group"]


def test_a_series_is_made_and_shown(api, daily):
    shown = api.ada.get(f"{GROUPS}/{daily['id']}")

    assert shown.json == daily
    assert shown.headers["ETag"] == f'"{daily["version"]}"'
    assert (daily["kind"], daily["title"], daily["rule"]) == (
        "series", "培养", "FREQ=DAILY;COUNT=5",
    )  # fmt: skip
    assert (daily["zone"], daily["local_start"]) == ("Asia/Shanghai", "2026-11-24T09:00")
    assert starts(daily) == [iso(9, day) for day in range(5)]
    assert [r["day"] for r in daily["reservations"]][:2] == ["2026-11-24", "2026-11-25"]


def test_the_occurrence_past_the_horizon_is_named(api, people, pool, any_session):
    people.automatic.horizon_days = 5
    any_session.commit()

    refused = api.ada.post(GROUPS, series(9, 10, pool_id=pool, rule="FREQ=DAILY;COUNT=6"))

    assert (refused.status_code, refused.json["code"]) == (422, "rule_violation")
    [part] = refused.json["parts"]
    assert (part["position"], part["start"]) == (5, iso(9, 5))
    assert [(v["code"], v["limit"]) for v in part["violations"]] == [("horizon", 5)]


def test_hours_of_some_weekdays_refuse_a_series_of_others(api, people, pool, any_session):
    people.automatic.opening_hours = (
        "1 11:00-12:00;2 11:00-14:00;3 11:00-14:00;4 11:00-12:00;5 11:00-12:00"
    )
    any_session.commit()
    days = "FREQ=WEEKLY;BYDAY=MO,TU,WE;COUNT=3"

    assert api.ada.book(24 + 12, 24 + 14, pool_id=pool).status_code == 201
    refused = api.ada.post(GROUPS, series(12, 14, pool_id=pool, rule=days))

    assert refused.status_code == 422
    [part] = refused.json["parts"]
    assert (part["start"], part["violations"][0]["code"]) == (iso(12, 6), "closed_hours")


def test_every_second_day_keeps_its_local_time_across_daylight_saving(
    api, people, pool, any_session, clock
):
    people.automatic.horizon_days = 200
    any_session.commit()
    chicago = ZoneInfo("America/Chicago")
    first = datetime(2027, 2, 12, 8, 30, tzinfo=chicago)

    times = {"start": first.isoformat(), "end": first.replace(hour=9).isoformat()}
    rule = {"zone": "America/Chicago", "rule": "FREQ=DAILY;INTERVAL=2;UNTIL=20270402"}

    made = api.ada.post(GROUPS, {**series(9, 10, pool_id=pool), **times, **rule})

    local = [datetime.fromisoformat(s).astimezone(chicago) for s in starts(made.json["group"])]
    assert {f"{moment:%H:%M}" for moment in local} == {"08:30"}
    assert len(local[1:]) == 24
    assert local[-1].date().isoformat() == "2027-04-01"


def test_the_end_is_inclusive(api, pool):
    made = api.ada.post(GROUPS, series(9, 10, pool_id=pool, rule="FREQ=DAILY;UNTIL=20261126"))

    assert starts(made.json["group"]) == [iso(9), iso(9, 1), iso(9, 2)]


def test_a_31st_and_a_fifth_monday_skip_months_without_one(api, people, pool, any_session):
    people.automatic.horizon_days = 400
    any_session.commit()

    def days(rule):
        body = series(9, 10, pool_id=pool, rule=rule, dry_run=True)
        return [o["day"] for o in api.ada.post(GROUPS, body).json["outcomes"]]

    assert days("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3") == ["2026-12-31", "2027-01-31", "2027-03-31"]
    assert days("FREQ=MONTHLY;BYDAY=5MO;COUNT=2") == ["2026-11-30", "2027-03-29"]
    assert days("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2") == ["2026-11-30", "2026-12-31"]


def test_one_of_eight_refuses_all_or_is_left_out_or_shifted(api, people, any_session):
    unit = people.confocal_units[0].id
    api.cy.book(72 + 9.5, 72 + 11, unit_id=unit)
    body = series(9, 10, unit_id=unit, rule="FREQ=DAILY;COUNT=8")

    refused = api.ada.post(GROUPS, body)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    [part] = refused.json["parts"]
    assert (part["position"], part["nearest"]["start"]) == (3, iso(8.5, 3))
    assert part["conflicts"][0]["unit_id"] == unit
    assert "Cy" not in refused.text

    looked = api.ada.post(GROUPS, {**body, "dry_run": True})
    assert (looked.status_code, looked.json["group"]) == (200, None)
    assert [o["how"] for o in looked.json["outcomes"]] == ["booked"] * 3 + ["shifted"] + [
        "booked"
    ] * 4
    assert api.ada.get("/reservations", mine="true").json["total"] == 0

    made = api.ada.post(GROUPS, {**body, "on_problem": "skip"})
    assert made.status_code == 201
    assert len(made.json["group"]["reservations"]) == 7
    assert [o["how"] for o in made.json["outcomes"]].count("left_out") == 1
    assert made.json["group"]["exceptions"] == ["2026-11-27"]


def test_one_is_cancelled_and_the_last_ends_the_series(api, daily):
    path, ids = f"{GROUPS}/{daily['id']}", [r["id"] for r in daily["reservations"]]

    done = api.ada.post(f"{path}/cancel", {"scope": "one", "reservation_id": ids[2]}).json
    states = [r["status"] for r in done["reservations"]]
    assert states == ["approved", "approved", "cancelled", "approved", "approved"]

    for key in (ids[0], ids[1], ids[3]):
        api.ada.post(f"/reservations/{key}/cancel")
    assert group(api.ada, daily["id"])["ended"] is False
    api.ada.post(f"/reservations/{ids[4]}/cancel")
    assert group(api.ada, daily["id"])["ended"] is True

    again = api.ada.post(f"{path}/cancel")
    assert (again.status_code, again.json["reason"]) == (409, "nothing_coming")


def test_what_is_past_stays_when_a_running_series_changes(api, daily, clock):
    clock.move_to(at(12, 1))
    third = daily["reservations"][2]["id"]

    done = change(
        api.ada, daily, scope="all", reservation_id=third, start=iso(14, 2), end=iso(15, 2)
    )

    assert done.status_code == 200, done.json
    assert done.json["changed"] == 3
    assert done.json["group"]["split_from_id"] == daily["id"]
    assert starts(done.json["group"]) == [iso(14, day) for day in (2, 3, 4)]
    assert starts(group(api.ada, daily["id"])) == [iso(9), iso(9, 1)]


def test_a_change_names_the_version_it_was_seen_in(api, daily):
    path = f"{GROUPS}/{daily['id']}"
    body = {"scope": "all", "title": "x"}

    assert api.ada.patch(path, body, None).status_code == 428
    assert api.ada.patch(path, body, daily["version"] - 1).status_code == 412
    assert api.ada.patch(path, body, daily["version"]).status_code == 200
    assert api.ada.patch(path, body, daily["version"]).status_code == 412


def test_the_same_key_makes_one_group(api, pool):
    body = series(9, 10, pool_id=pool, exceptions=["2026-11-25"], rule="FREQ=DAILY;COUNT=3")

    first = api.ada.post(GROUPS, body, Idempotency_Key="k")
    again = api.ada.post(GROUPS, body, Idempotency_Key="k")
    other = api.ada.post(GROUPS, {**body, "title": "x"}, Idempotency_Key="k")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["group"] == first.json["group"]
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")


def test_bundles_are_booked_moved_and_ended_as_one(api, people, pool):
    parts = [{"pool_id": pool}, {"unit_id": people.confocal_units[0].id}]
    body = {**wanted(9, 11), "kind": "bundle", "parts": parts}

    made = api.ada.post(GROUPS, body)
    assert made.status_code == 201, made.json
    assert starts(made.json["group"]) == [iso(9)] * 2

    taken = api.cy.post(GROUPS, body)
    assert taken.status_code == 409
    assert [p["position"] for p in taken.json["parts"]] == [1]
    assert taken.json["parts"][0]["nearest"]["start"] == iso(11)

    moved = change(api.ada, made.json["group"], scope="all", start=iso(14), end=iso(15))
    assert starts(moved.json["group"]) == [iso(14)] * 2
    ended = api.ada.post(f"{GROUPS}/{made.json['group']['id']}/cancel").json
    assert {r["status"] for r in ended["reservations"]} == {"cancelled"}


def test_chains_are_found_and_booked(api, people, pool):
    api.cy.book(9, 12, pool_id=people.sequencer.id)
    parts = [
        {"pool_id": pool, "minutes": 60},
        {"pool_id": people.sequencer.id, "minutes": 120, "most_gap_minutes": 30},
    ]
    body = {"kind": "chain", "purpose": "research", "start": iso(9), "parts": parts}

    seen = api.ada.post(GROUPS, {**body, "dry_run": True}).json
    assert [o["start"] for o in seen["outcomes"]] == [iso(10.5), iso(12)]
    assert starts(api.ada.post(GROUPS, body).json["group"]) == [iso(10.5), iso(12)]
    late = api.cy.post(GROUPS, {**body, "until": iso(13)})
    assert (late.status_code, late.json["code"]) == (409, "conflict")


def test_a_group_is_decided_as_one(api, people):
    made = api.ada.post(GROUPS, series(9, 10, pool_id=people.confocal.id)).json["group"]
    other = api.ada.post(GROUPS, series(12, 13, pool_id=people.confocal.id)).json["group"]

    agreed = api.mei.post(f"{GROUPS}/{made['id']}/approve").json
    assert {r["status"] for r in agreed["reservations"]} == {"approved"}
    again = api.mei.post(f"{GROUPS}/{made['id']}/reject", {"reason": "x"})
    assert (again.status_code, again.json["reason"]) == (409, "already_decided")

    path = f"{GROUPS}/{other['id']}/reject"
    assert api.mei.post(path).status_code == 422
    refused = api.mei.post(path, {"reason": "停电"}).json
    assert {r["status"] for r in refused["reservations"]} == {"rejected"}
    assert refused["ended"] is True


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"rule": "FREQ=HOURLY;COUNT=2"}, "rule", "rule_part"),
        ({"rule": "FREQ=DAILY;INTERVAL=0;COUNT=2"}, "interval", "out_of_range"),
        ({"rule": "FREQ=DAILY;UNTIL=99991231"}, "rule", "series_too_far"),
        ({"rule": None}, "rule", "required"),
        ({"exceptions": ["2026-13-01"]}, "exceptions.0", "not_a_day"),
        ({"exceptions": ["2026-01-01"] * 400}, "exceptions", "invalid"),
        ({"zone": "../../etc/passwd"}, "zone", "unknown_zone"),
        ({"parts": []}, "parts", "unknown_field"),
        ({"kind": "bundle"}, "parts", "required"),
        ({"kind": "bundle", "parts": [{"pool": 1}]}, "parts.0.pool", "unknown_field"),
        ({"on_problem": "x"}, "on_problem", "unknown_choice"),
        ({"start": "9999-12-31T10:00:00Z", "end": "9999-12-31T11:00:00Z"}, "start", "out_of_reach"),
    ],
)
def test_an_unfit_body_names_its_field(api, pool, more, field, code):
    refused = api.ada.post(GROUPS, {**series(9, 10, pool_id=pool), **more})

    assert refused.status_code == 422
    assert (field, code) in [(v.get("field"), v["code"]) for v in refused.json["violations"]]


def test_a_hostile_series_costs_less_than_two_seconds(api, people, pool, any_session):
    """366 days of which none is free: the bound on looked-for times holds."""

    people.automatic.horizon_days = 400
    people.automatic.opening_hours = ""
    any_session.commit()
    body = series(9, 10, pool_id=pool, rule="FREQ=DAILY;COUNT=366", dry_run=True)
    began = time.process_time()

    seen = api.ada.post(GROUPS, body)

    assert seen.status_code == 200
    assert {o["how"] for o in seen.json["outcomes"]} == {"left_out"}
    assert time.process_time() - began < 2


def test_what_a_member_of_another_lab_sees_of_a_bundle(api, people, pool, any_session):
    """The manager of one part's lab sees that part alone."""
    parts = [{"pool_id": pool}, {"pool_id": people.east_pool.id}]
    made = api.ada.post(GROUPS, {**wanted(9, 11), "kind": "bundle", "parts": parts}).json["group"]

    assert [r["pool_id"] for r in group(api.mei, made["id"])["reservations"]] == [pool]
    assert group(api.dee, made["id"])["version"] == made["version"]
    assert datetime.fromisoformat(made["created_at"]).tzinfo == UTC


def test_a_series_gets_another_rule(api, people):
    made = api.ada.post(GROUPS, series(9, 10, pool_id=people.automatic.id)).json["group"]
    path, first = f"{GROUPS}/{made['id']}/rule", made["reservations"][0]
    count = len(made["reservations"])
    later = {**timed(14, 15), "rule": f"FREQ=DAILY;COUNT={count + 1}"}
    looked = api.ada.post(path, {**later, "dry_run": True}).json
    assert looked["group"] is None
    assert [step["how"] for step in looked["steps"]] == ["moves"] * count + ["comes"]
    assert api.ada.post(path, later).status_code == 428
    tag = {"If_Match": f'"{made["version"]}"'}
    done = api.ada._send("POST", path, later, tag)
    assert (done.status_code, len(done.json["group"]["reservations"])) == (200, count + 1)
    assert done.json["steps"][0]["was_start"] == first["start"]
    assert api.ada._send("POST", path, later, tag).status_code == 412
