"""Through the API: a change taken back, and what the clock has done before any job wrote it."""

import pytest

from tests.reservations.steps import at


def test_moving_back_to_the_present_times_takes_the_change_back(api, people):
    unit = people.confocal_units[0].id
    booked = api.ada.book(10, 11, unit_id=unit)
    approved = api.mei.post(f"/reservations/{booked.json['id']}/approve")
    asked = api.ada.move(approved, 13, 14)
    assert (asked.status_code, asked.json["start"]) == (200, at(10).isoformat())
    assert api.cy.book(13, 14, unit_id=unit).status_code == 409

    back = api.ada.move(asked, 10, 11)

    assert (back.status_code, back.json["status"], back.json["version"]) == (200, "approved", 4)
    assert api.cy.book(13, 14, unit_id=unit).status_code == 201


def statuses(caller, **asked):
    items = caller.get("/reservations", **asked).json["items"]
    return [item["status"] for item in items]


@pytest.mark.parametrize(
    ("hours", "status"), [(23.9, "pending"), (24, "expired"), (200, "expired")]
)
def test_a_request_past_its_deadline_is_shown_as_expired_at_once(api, people, clock, hours, status):
    booked = api.ada.book(82, 83, pool_id=people.confocal.id)  # Friday
    path = f"/reservations/{booked.json['id']}"
    clock.shift(hours=hours)

    assert api.ada.get(path).json["status"] == status
    assert statuses(api.ada) == statuses(api.ada, status=status) == [status]
    for other in {"pending", "expired", "approved", "cancelled"} - {status}:
        assert statuses(api.ada, status=other) == []
    answer = api.mei.post(f"{path}/approve")
    assert answer.status_code == (200 if status == "pending" else 409)


def test_what_has_ended_is_shown_as_completed_at_once(api, people, clock):
    booked = api.ada.book(10, 11, pool_id=people.automatic.id)
    for moment, status in ((at(10.9), "approved"), (at(11), "completed")):
        clock.move_to(moment)
        assert api.ada.get(f"/reservations/{booked.json['id']}").json["status"] == status
        assert statuses(api.ada, status=status) == [status]
    assert statuses(api.ada, status="approved") == []
