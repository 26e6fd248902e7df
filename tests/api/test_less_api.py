"""Giving something up through the API: a change taken back, a former member."""

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
