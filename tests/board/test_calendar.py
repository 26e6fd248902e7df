"""The calendar of a group: what is free for whom, why not, and what it costs."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from booking.board.rules.calendar import all_taken, beside, frame_of
from booking.core.period import Period
from booking.infra.db import db, write
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.services.closing import close_unit
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser
from tests.reservations.steps import ask, at
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("clock")
CHINA = ZoneInfo("Asia/Shanghai")
VIEWS = ("day", "week", "month", "agenda", None)


@pytest.fixture
def people(session, clock):
    """Return the cast."""
    return cast(session)


def opened(app, who, pool, **asked):
    """Return the page as `who` reads it."""
    query = {name: value for name, value in asked.items() if value is not None}
    answer = browser(app, who).get(f"/pools/{pool.id}/calendar", query_string=query)
    assert answer.status_code == 200
    return answer.text


def lanes(app, who, pool, **asked):
    """Return the lanes of the week or day with Tuesday."""
    query = {"view": "week", "date": "2026-11-24", **asked}
    answer = browser(app, who).get(f"/pools/{pool.id}/calendar/lanes", query_string=query)
    assert answer.status_code == 200
    return answer.get_json()["lanes"]


def hours(pairs):
    """Return pairs of epoch seconds in hours of Tuesday."""
    midnight = at(0).timestamp()
    return [((one[0] - midnight) / 3600, (one[1] - midnight) / 3600) for one in pairs]


def test_a_week_has_a_lane_a_day_with_the_number_free_in_each_hour(app, people):
    ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)
    ask(actor(people.bo), 11, 13, pool_id=people.automatic.id)

    week = lanes(app, people.cy, people.automatic)
    tuesday = next(lane for lane in week if lane["id"] == "2026-11-24")
    cells = zip(hours(tuesday["cells"]), tuesday["cells"], strict=True)
    counts = {hour: cell[2:] for (hour, _end), cell in cells}
    assert [lane["id"][-2:] for lane in week] == ["23", "24", "25", "26", "27", "28", "29"]
    assert [counts[hour][0] for hour in (9, 10, 11, 12, 13)] == [2, 1, 0, 1, 2]
    before, after = hours(tuesday["open"])
    assert (before[1], after[0]) == (11, 12)
    assert [one["kind"] for one in tuesday["held"]] == ["full"]


def test_own_reservations_are_named_and_others_are_not(app, people):
    ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)

    def held(who):
        return [
            one for lane in lanes(app, who, people.automatic, view="day") for one in lane["held"]
        ]

    assert {one["title"] for one in held(people.ada)} == {"You"}
    assert len(held(people.ada)) == 2  # with all units together, and on its own
    assert [(one["title"], "id" in one) for one in held(people.cy)] == [("taken", False)]
    assert people.ada.name not in opened(
        app, people.cy, people.automatic, view="day", date="2026-11-24"
    )


def test_one_unit_shows_its_buffers_and_what_is_kept_for_them(app, people, session):
    people.automatic.warmup_minutes = 30
    session.commit()
    booked = ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)
    shown = lanes(app, people.cy, people.automatic, view="day")
    lane = next(lane for lane in shown[1:] if lane["held"])

    assert booked.reservation_id
    assert hours(lane["open"]) == [(0, 9.5), (12.5, 24)]
    assert [(pair, lane["shut"][0][2]) for pair in hours(lane["shut"])] == [
        ((12, 12.5), "Kept free for warm-up or clean-up.")
    ]
    alone = lanes(app, people.cy, people.automatic, unit=lane["id"])
    assert [one["when"] for day in alone for one in day["held"]] == [lane["held"][0]["when"]]


def test_what_is_closed_to_the_reader_says_so_in_the_words_of_the_rules(app, people, session):
    people.automatic.opening_hours = "2 09:00-17:00"
    session.commit()

    tuesday = lanes(app, people.cy, people.automatic)[1]
    page = opened(app, people.cy, people.automatic, view="agenda", date="2026-11-24")

    assert hours(tuesday["shut"]) == [(0, 9), (17, 24)]
    assert "Outside the opening hours (Tue 09:00–17:00)" in tuesday["shut"][0][2]
    assert "Outside the opening hours (Tue 09:00–17:00)" in page


def test_a_closure_takes_a_unit_out_of_the_count(app, people):
    unit, day = people.confocal_units[0].id, Period(at(0), at(24))
    write(lambda s: close_unit(s, actor(people.mei), unit, day, "fault", "", NOW))

    cells = lanes(app, people.ada, people.confocal)[1]["cells"]

    assert {tuple(cell[2:]) for cell in cells} == {(2, 3)}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_a_page_without_a_script(app, people, view):
    booked = ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)

    html = opened(app, people.ada, people.automatic, view=view, date="2026-11-24")

    if view != "week":  # counts alone; what is one's own stands in the others
        assert f"/reservations/{booked.reservation_id}" in html
    assert "start=2026-11-2" in html or view == "month"
    assert 'aria-current="page"' in html


def test_a_month_says_how_much_is_free_each_day(app, people, session):
    people.automatic.opening_hours = "2 09:00-12:00"
    session.commit()
    ask(actor(people.ada), 9, 10, pool_id=people.automatic.id, quantity=2)

    html = opened(app, people.cy, people.automatic, view="month", date="2026-11-24")

    assert "2 h free, up to 2 of 2" in html
    assert "3 h free, up to 2 of 2" in html  # a Tuesday later
    assert "Outside the opening hours" in html


def test_a_week_to_print_names_nobody(app, people):
    unit = people.confocal_units[0].id
    ask(actor(people.ada), 22, 26, unit_id=unit)
    write(lambda s: close_unit(s, actor(people.mei), unit, Period(at(9), at(12)), "fault", "", NOW))

    html = browser(app, people.mei).get(f"/units/{unit}/week?date=2026-11-24").text

    assert "<b>22:00–24:00</b> Reserved" in html
    assert "<b>00:00–02:00</b> Reserved" in html
    assert "<b>09:00–12:00</b> Fault" in html
    assert people.ada.name not in html


def test_what_has_not_changed_is_not_sent_again(app, people):
    client, path = browser(app, people.cy), f"/pools/{people.automatic.id}/calendar/lanes?view=day"
    tag = {"If-None-Match": client.get(path).headers["ETag"]}

    assert client.get(path, headers=tag).status_code == 304
    ask(actor(people.ada), -4, -3, pool_id=people.automatic.id)
    assert client.get(path, headers=tag).status_code == 200


def test_many_units_cost_the_statements_of_few(app, people, session):
    def count():
        client, found = browser(app, people.cy), []
        for view in ("day", "week", "month", "agenda"):
            with statements(db.engine) as sent:
                path = f"/pools/{people.confocal.id}/calendar"
                assert client.get(f"{path}?view={view}&date=2026-11-24").status_code == 200
                assert client.get(f"{path}/lanes?view={view}&date=2026-11-24").status_code == 200
            found.append(len(sent))
        return found

    count()  # what is read once a process
    few = count()
    with factories.together(session):
        for _ in range(40):
            factories.create_unit(session, people.confocal)
    ask(actor(people.ada), 9, 10, pool_id=people.confocal.id, quantity=3)

    assert count() == few


def test_a_unit_of_another_group_is_not_found(app, people):
    client, other = browser(app, people.ada), people.confocal_units[0].id

    assert client.get(f"/pools/{people.automatic.id}/calendar?unit={other}").status_code == 404


@pytest.mark.parametrize(
    ("view", "asked", "first", "length", "before", "after"),
    [
        ("day", "2026-11-24", "2026-11-24", 1, "2026-11-23", "2026-11-25"),
        ("week", "2026-11-29", "2026-11-23", 7, "2026-11-22", "2026-12-06"),
        ("month", "2026-12-31", "2026-11-30", 35, "2026-11-01", "2027-01-01"),
        ("agenda", "nonsense", "2026-11-23", 14, "2026-11-09", "2026-12-07"),
        ("what", "2099-01-01", "2027-12-27", 7, "2027-12-21", "2028-01-04"),
    ],
)
def test_a_view_begins_where_its_kind_begins(view, asked, first, length, before, after):
    frame = frame_of(view, asked, CHINA, NOW)

    assert (frame.first, frame.length) == (date.fromisoformat(first), length)
    assert [beside(frame, by).isoformat() for by in (-1, 1)] == [before, after]


def test_all_are_taken_only_while_each_is():
    units = [UnitFacts(1, "in_service", 0, 0), UnitFacts(2, "in_service", 30, 0)]
    busy = {1: [Period(at(9), at(11)), Period(at(11), at(12))], 2: [Period(at(10), at(11))]}

    assert all_taken(units, busy) == [Period(at(10), at(11.5))]
    assert all_taken(units, {1: busy[1]}) == []
    assert all_taken([], {}) == []
