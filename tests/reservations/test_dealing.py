"""What a breakdown, a retirement or the end of sharing hits is moved, kept or cancelled; told."""

import json

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Invalid, RuleViolated, WrongState
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.inventory.models import Contribution, Unit
from booking.inventory.rules.pools import UnitFields
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.dealing import Dealing
from booking.reservations.services.breakdown import edit_unit_in_use, take_out_of_service
from booking.reservations.services.dealing import Dealt
from booking.reservations.services.retiring import end_contribution, retire_pool, retire_unit
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.pages import browser, said
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    assert broken(any_session, NOW) == {}


def book(who, start, end, **more):
    return ask(actor(who), start, end, **more).reservation_id


def fresh(session, reservation):
    return session.get(Reservation, reservation, populate_existing=True)


def unit_of(session, reservation):
    query = select(Allocation.unit_id).where(Allocation.reservation_id == reservation)
    return session.scalars(query.where(Allocation.active == 1)).one()


def told(session, reservation):
    """Return the parameters of each message about a reservation, by kind."""
    rows = session.execute(
        select(Outbox.kind, Outbox.parameters).where(
            Outbox.subject_ref == f"reservation:{reservation}"
        )
    )
    return {row.kind: json.loads(row.parameters) for row in rows}


def break_down(people, unit, now=NOW, **dealing):
    found = Dealing(**{"reason": "激光器故障", **dealing})
    return write(lambda s: take_out_of_service(s, actor(people.mei), unit, "故障", found, now))


@pytest.fixture
def broken_unit(people, any_session):
    """Return the first centrifuge with two reservations on it: any unit, and that unit."""
    first = units_of(any_session, people.automatic)[0].id
    any_unit = book(people.ada, 10, 11, pool_id=people.automatic.id, preferred_unit_ids=(first,))
    named = book(people.cy, 12, 13, unit_id=first)
    return first, any_unit, named


def test_nothing_happens_while_one_reservation_is_undecided(people, any_session, broken_unit):
    unit, any_unit, named = broken_unit
    with pytest.raises(WrongState) as refused:
        break_down(people, unit, fates={any_unit: "move"})
    assert refused.value.code == "has_live_reservations"
    assert {one.id for one in refused.value.parameters["reservations"]} == {any_unit, named}
    assert any_session.get(Unit, unit, populate_existing=True).state == "in_service"
    assert unit_of(any_session, any_unit) == unit


def test_a_breakdown_moves_keeps_and_cancels_as_decided(people, any_session, broken_unit):
    unit, any_unit, named = broken_unit
    later = book(people.ada, 14, 15, unit_id=unit)
    fates = {any_unit: "move", named: "keep", later: "cancel"}
    assert break_down(people, unit, fates=fates) == Dealt(moved=1, kept=1, cancelled=1)
    assert any_session.get(Unit, unit, populate_existing=True).state == "down"
    assert unit_of(any_session, any_unit) != unit
    assert "unit_changed" not in told(any_session, any_unit)  # it was provisional
    assert fresh(any_session, named).status == "approved"
    trouble = told(any_session, named)["unit_trouble"]
    assert trouble["reason"] == "激光器故障"
    assert trouble["other"][0] == [int(at(12).timestamp()), int(at(13).timestamp())]
    assert fresh(any_session, later).status == "cancelled"
    assert told(any_session, later)["cancelled"]["other"]
    actions = set(any_session.scalars(select(Audit.action)))
    assert actions >= {"reservation.reseat", "reservation.keep", "reservation.cancel"}
    with pytest.raises(RuleViolated):
        book(people.ada, 16, 17, unit_id=unit)


def test_who_was_shown_the_unit_as_final_is_told_of_another(people, any_session):
    first = units_of(any_session, people.automatic)[0].id
    near = book(people.ada, 8, 9, pool_id=people.automatic.id, preferred_unit_ids=(first,))
    break_down(people, first, fates={near: "move"})
    assert told(any_session, near)["unit_changed"]["reason"] == "激光器故障"


def test_a_named_one_may_be_moved_by_decision(people, any_session, broken_unit):
    unit, any_unit, named = broken_unit
    break_down(people, unit, fates={named: "move", any_unit: "move"})
    assert unit_of(any_session, named) != unit
    assert "unit_changed" in told(any_session, named)


def test_what_has_nowhere_to_go_cannot_be_moved(people, any_session, broken_unit):
    unit, any_unit, named = broken_unit
    book(people.ada, 10, 11, unit_id=units_of(any_session, people.automatic)[1].id)
    with pytest.raises(WrongState) as refused:
        break_down(people, unit, fates={any_unit: "move", named: "keep"})
    assert refused.value.code == "nowhere_to_go"
    assert unit_of(any_session, any_unit) == unit


def test_what_runs_cannot_be_moved(people, any_session, broken_unit):
    unit, any_unit, named = broken_unit
    with pytest.raises(WrongState) as refused:
        break_down(people, unit, now=at(10.5), fates={any_unit: "move", named: "keep"})
    assert refused.value.code == "already_started"


@pytest.mark.parametrize("reason", ["", "  "])
def test_nobody_loses_a_reservation_without_a_reason(people, broken_unit, reason):
    unit, any_unit, named = broken_unit
    with pytest.raises(Invalid) as refused:
        break_down(people, unit, fates={any_unit: "cancel", named: "keep"}, reason=reason)
    assert (refused.value.code, refused.value.field) == ("reason_needed", "reason")


def test_the_form_of_a_unit_cannot_take_it_out_over_reservations(people, any_session, broken_unit):
    fields = UnitFields(state="down")
    with pytest.raises(WrongState) as refused:
        write(lambda s: edit_unit_in_use(s, actor(people.mei), broken_unit[0], fields, NOW))
    assert refused.value.code == "has_live_reservations"


# --- retiring and the end of sharing --------------------------------------------------------


def test_reducing_a_pool_reports_and_deals_with_what_is_booked(people, any_session, broken_unit):
    unit, any_unit, named = broken_unit
    mei = actor(people.mei)
    with pytest.raises(WrongState) as refused:
        write(lambda s: retire_unit(s, mei, unit, NOW))
    assert refused.value.parameters["count"] == 2
    decided = Dealing({any_unit: "move", named: "cancel"}, reason="报废")
    write(lambda s: retire_unit(s, mei, unit, NOW, decided))
    assert any_session.get(Unit, unit, populate_existing=True).state == "retired"
    assert unit_of(any_session, any_unit) != unit
    assert fresh(any_session, named).status == "cancelled"
    assert told(any_session, named)["cancelled"]["reason"] == "报废"


def test_a_pool_is_retired_when_all_is_dealt_with(people, any_session, broken_unit):
    _unit, any_unit, named = broken_unit
    decided = Dealing({any_unit: "keep"}, rest="cancel", reason="搬迁")
    write(lambda s: retire_pool(s, actor(people.mei), people.automatic.id, NOW, decided))
    assert fresh(any_session, any_unit).status == "approved"
    assert fresh(any_session, named).status == "cancelled"


def test_nothing_moves_from_a_pool_that_goes(people, broken_unit):
    decided = Dealing(rest="move")
    with pytest.raises(WrongState) as refused:
        write(lambda s: retire_pool(s, actor(people.mei), people.automatic.id, NOW, decided))
    assert refused.value.code == "nowhere_to_go"


def test_the_end_of_sharing_deals_with_strangers_only(people, any_session, broken_unit):
    _unit, any_unit, named = broken_unit
    own = book(people.rep, 15, 16, pool_id=people.automatic.id)
    query = select(Contribution.id).where(Contribution.pool_id == people.automatic.id)
    agreement = any_session.scalars(query).one()
    ops = actor(people.ops)
    with pytest.raises(WrongState):
        write(lambda s: end_contribution(s, ops, agreement, None, NOW))
    decided = Dealing({any_unit: "keep", named: "cancel"}, reason="协议到期")
    write(lambda s: end_contribution(s, ops, agreement, None, NOW, decided))
    states = [fresh(any_session, key).status for key in (any_unit, named, own)]
    assert states == ["approved", "cancelled", "approved"]


# --- pages ----------------------------------------------------------------------------------


def form_of(unit, **more):
    return {"kind": "instrument", "state": "down", "state_note": "激光器", **more}


def test_the_page_lists_who_is_hit_before_it_does_anything(
    any_app, people, any_session, broken_unit
):
    unit, any_unit, named = broken_unit
    client = browser(any_app, people.mei)
    answer = client.post(f"/manage/units/{unit}", data=form_of(unit))
    assert answer.location == f"/units/{unit}/out-of-service"
    page = client.get(answer.location).text
    assert "2 reservations are hit" in said(page)
    assert "Ada" in said(page)
    assert f'name="fate-{any_unit}"' in page
    assert any_session.get(Unit, unit, populate_existing=True).state == "in_service"
    data = {f"fate-{any_unit}": "move", f"fate-{named}": "cancel"}
    refused = client.post(answer.location, data=data)
    assert (refused.status_code, "Please give a reason" in refused.text) == (422, True)
    done = client.post(answer.location, data={**data, "reason": "激光器"})
    assert done.status_code == 302
    text = said(client.get(done.location).text)
    assert "is out of service. Reservations: 1 moved, 1 cancelled." in text
    assert any_session.get(Unit, unit, populate_existing=True).state == "down"


def test_retiring_by_page_asks_for_each(any_app, people, any_session, broken_unit):
    unit, any_unit, named = broken_unit
    client = browser(any_app, people.mei)
    undecided = client.post(f"/manage/units/{unit}/retire", data={f"fate-{any_unit}": "move"})
    assert undecided.status_code == 409
    assert "2 reservations are hit" in said(undecided.text)
    data = {f"fate-{any_unit}": "move", f"fate-{named}": "keep"}
    assert client.post(f"/manage/units/{unit}/retire", data=data).status_code == 302
    assert any_session.get(Unit, unit, populate_existing=True).state == "retired"
