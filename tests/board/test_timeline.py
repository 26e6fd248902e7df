"""The timeline's answers: who sees what, what is moved, and what it costs."""

import pytest

from booking.core.period import Period
from booking.infra.db import db, write
from booking.reservations.services.closing import close_unit
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser
from tests.reservations.steps import ask, at
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def people(session, clock):
    """Return the cast, with a reservation of Ada's on Tuesday from 10 to 12."""
    return cast(session)


@pytest.fixture
def booked(people):
    """Return Ada's reservation."""
    return ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)


def lanes(app, who, **asked):
    """Return what `who` is answered for Tuesday."""
    query = {"from": "2026-11-24", "lab": "all", **asked}
    response = browser(app, who).get("/timeline/lanes", query_string=query)
    assert response.status_code == 200
    return response.get_json()


def held(answer):
    """Return all that holds a lane."""
    return [one for lane in answer["lanes"] for one in lane["held"]]


def move(app, who, **form):
    """Return what comes of a drag."""
    client = browser(app, who)
    return client.post("/timeline/move", data=form)


def test_lanes_are_the_units_one_sees_by_the_name_of_their_group(app, people):
    answer = lanes(app, people.mei)

    groups = [lane["pool_id"] for lane in answer["lanes"]]
    assert answer["total"] == len(groups) == 8
    assert groups == sorted(groups, key=groups.index)  # each group together
    assert people.unshared.id in groups
    assert people.unshared.id not in [lane["pool_id"] for lane in lanes(app, people.cy)["lanes"]]


def test_a_lab_begins_with_its_own_instruments(app, people):
    answer = browser(app, people.mei).get("/timeline/lanes").get_json()

    assert people.east_pool.id not in [lane["pool_id"] for lane in answer["lanes"]]
    assert people.confocal.id in [lane["pool_id"] for lane in answer["lanes"]]


def test_each_is_told_what_they_may_know(app, people, booked):
    (own,) = held(lanes(app, people.ada))
    (led,) = held(lanes(app, people.mei))
    (other,) = held(lanes(app, people.cy))

    assert (own["id"], own["status"], "move" in own) == (booked.reservation_id, "approved", True)
    assert people.ada.name in led["title"]
    assert "Alpha Bio" in led["more"]
    assert set(other) == {"s", "e", "b", "f", "kind", "title", "more", "when"}
    assert (other["title"], other["more"]) == ("taken", "")


def test_closures_are_shown_with_their_kind_and_no_note(app, people):
    unit, day = people.confocal_units[0].id, Period(at(9), at(12))
    write(lambda s: close_unit(s, actor(people.mei), unit, day, "fault", "小张弄坏", NOW))

    (closed,) = held(lanes(app, people.ada))

    assert (closed["kind"], closed["title"], closed["more"]) == ("closure", "Fault", "")


def test_times_are_epoch_seconds_with_buffers_around(app, people, session):
    people.automatic.warmup_minutes = 30
    session.commit()
    ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)

    (one,) = held(lanes(app, people.ada))

    assert (one["e"] - one["s"], one["s"] - one["b"], one["f"] - one["e"]) == (7200, 1800, 0)
    assert one["s"] == int(at(10).timestamp())


def test_parts_are_parts_of_the_same_order(app, people):
    every = [lane["id"] for lane in lanes(app, people.mei)["lanes"]]

    assert [lane["id"] for lane in lanes(app, people.mei, first=2, count=3)["lanes"]] == every[2:5]
    assert lanes(app, people.mei, first=10**12)["lanes"] == []


def test_it_is_narrowed_by_words_site_and_group(app, people, session):
    one = lanes(app, people.mei, pool=people.confocal.id)

    assert {lane["pool_id"] for lane in one["lanes"]} == {people.confocal.id}
    assert lanes(app, people.mei, site=999)["lanes"] == []
    assert lanes(app, people.mei, q="没有这种")["total"] == 0


def test_what_has_not_changed_is_not_sent_again(app, people, booked):
    client = browser(app, people.ada)
    first = client.get("/timeline/lanes?from=2026-11-24")
    tag = {"If-None-Match": first.headers["ETag"]}

    assert client.get("/timeline/lanes?from=2026-11-24", headers=tag).status_code == 304
    ask(actor(people.ada), 14, 15, pool_id=people.automatic.id)
    assert client.get("/timeline/lanes?from=2026-11-24", headers=tag).status_code == 200


def test_a_drag_moves_it_and_can_be_undone(app, people, booked):
    (one,) = held(lanes(app, people.ada))
    to = {"start": int(at(13).timestamp()), "end": int(at(15).timestamp())}

    moved = move(app, people.ada, id=one["id"], version=one["version"], **to)
    assert moved.status_code == 200
    (after,) = held(lanes(app, people.ada))
    assert (after["s"], after["e"]) == (to["start"], to["end"])

    assert move(app, people.ada, **moved.get_json()["undo"]).status_code == 200
    (again,) = held(lanes(app, people.ada))
    assert (again["s"], again["e"]) == (one["s"], one["e"])


def test_what_cannot_be_there_stays_and_says_why(app, people, booked):
    for _ in range(2):
        ask(actor(people.ada), 14, 15, pool_id=people.automatic.id)
    one = next(o for o in held(lanes(app, people.ada)) if o["id"] == booked.reservation_id)
    to = {"start": int(at(14).timestamp()), "end": int(at(16).timestamp())}

    refused = move(app, people.ada, id=one["id"], version=one["version"], **to)

    assert refused.status_code in (409, 422)
    assert refused.get_json()["page"].endswith(f"/reservations/{one['id']}/move")
    assert refused.get_json()["text"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"version": "99"}, 412), ({"start": "x"}, 422), ({"end": "9" * 18}, 422), ({"id": "x"}, 422)],
)
def test_what_is_old_or_unreadable_changes_nothing(app, people, booked, changed, status):
    (one,) = held(lanes(app, people.ada))
    form = {"id": one["id"], "version": one["version"], "start": one["s"], "end": one["e"]}

    answer = move(app, people.ada, **(form | changed))

    assert answer.status_code == status
    assert answer.get_json()["text"]


def test_nobody_moves_what_is_not_theirs(app, people, booked):
    form = {"id": booked.reservation_id, "version": 1, "start": 1, "end": 2}

    assert move(app, people.cy, **form).status_code == 404
    assert move(app, people.cy, **(form | {"id": 4711})).status_code == 404


def test_many_lanes_cost_the_statements_of_few(app, people, session):
    def count():
        client = browser(app, people.ops)
        with statements(db.engine) as sent:
            assert client.get("/timeline/lanes?from=2026-11-24").status_code == 200
        with statements(db.engine) as page:
            assert client.get("/timeline?from=2026-11-24").status_code == 200
        return len(sent), len(page)

    count()  # what is read once a process
    few = count()
    with factories.together(session):
        for _ in range(60):
            factories.create_unit(session, people.confocal)
    ask(actor(people.ada), 9, 10, pool_id=people.confocal.id, quantity=3)

    assert count() == few


def test_without_a_script_the_day_is_a_table(app, people, booked):
    html = browser(app, people.mei).get("/timeline?from=2026-11-24").text

    assert f"/reservations/{booked.reservation_id}" in html
    assert people.ada.name in html
    assert "/reservations/new" not in html or "start=" in html
    assert "unit_id=" in html


def test_a_closure_drawn_on_the_timeline_fills_the_form(app, people):
    unit = people.confocal_units[0].id
    path = f"/units/{unit}/close?start=2026-11-24T13:00&end=2026-11-24T15:30"

    html = browser(app, people.mei).get(path).text

    assert 'value="2026-11-24T13:00"' in html
    assert 'value="2026-11-24T15:30"' in html
