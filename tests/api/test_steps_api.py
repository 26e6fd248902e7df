"""Who decides on a reservation now, by the API; and everything kept about oneself."""

from sqlalchemy import select

from booking.audit.models import Audit
from booking.infra.db import db
from tests.api.caller import Caller


def test_a_request_waits_for_its_lab(api, people):
    made = api.ada.book(10, 11, pool_id=people.confocal.id).json
    url = f"/reservations/{made['id']}/steps"

    [step] = api.ada.get(url).json["items"]

    assert (step["kind"], step["state"], step["decided_by"]) == ("lab", "waiting", None)
    assert step["decide_by"] is not None
    assert api.cy.get(url).status_code == 404


def test_where_nobody_has_to_agree_there_is_no_step(api, people):
    made = api.ada.book(10, 11, pool_id=people.automatic.id).json
    assert api.ada.get(f"/reservations/{made['id']}/steps").json == {"items": []}


def test_everything_kept_is_handed_out_to_oneself_only(api, people):
    api.ada.book(10, 11, pool_id=people.confocal.id, note="zebrafinch")
    api.cy.book(12, 13, pool_id=people.confocal.id, note="axolotl")

    answer = api.ada.post("/me/export")

    assert answer.json["person_id"] == people.ada.id
    assert "zebrafinch" in answer.text
    assert "axolotl" not in answer.text
    assert "hash" not in answer.text
    actions = db.session.scalars(select(Audit.action).where(Audit.actor_id == people.ada.id))
    assert "privacy.export" in set(actions)


def test_it_is_handed_out_a_few_times_an_hour(api, people):
    assert [api.ada.post("/me/export").status_code for _ in range(6)] == [200] * 5 + [429]


def test_a_token_without_the_scope_exports_nothing(people, any_client):
    usual = Caller(any_client, people.ada, ("read", "book", "approve"))
    assert usual.post("/me/export").status_code == 403
