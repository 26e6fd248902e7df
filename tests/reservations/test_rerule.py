"""The rule of a series changed from one day on: what stays, moves, comes and goes."""

from datetime import date, datetime, timedelta

import pytest

from booking.approvals.services.deciding import decide_group
from booking.core.errors import Forbidden, PartsTaken, Stale, WrongState
from booking.core.period import Period
from booking.infra.db import write
from booking.policies.rules.settings import Change as Setting
from booking.policies.services.settings import set_rule
from booking.reservations.models import ReservationGroup
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.groups import OnProblem
from booking.reservations.rules.recurrence import Occurrence
from booking.reservations.rules.rerule import paired
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.services.rerule import NewRule, change_rule, preview_rule
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, fields, said
from tests.reservations.grouped import members, repeat, times
from tests.reservations.steps import ask, at

TUESDAYS = "FREQ=WEEKLY;BYDAY=TU;COUNT=4"


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def ada(people):
    return actor(people.ada)


@pytest.fixture
def weekly(people, ada):
    """Return the id of Ada's four Tuesdays, 9 to 10."""
    return repeat(ada, TUESDAYS, pool_id=people.automatic.id).group_id


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def wanted(rule, day=0, start=9, end=10, of=None, how="refuse", **more):
    return NewRule(at(start, day), at(end, day), parse_rule(rule), of, OnProblem(how), **more)


def rerule(who, group_id, *asked, now=NOW, version=None, **more):
    new = wanted(*asked, **more)
    return write(lambda s: change_rule(s, who, group_id, version, new, now))


def hows(done):
    return [step.how for step in done.steps]


def live(session, who, group_id):
    return [(d, h) for d, h, status in times(session, who, group_id) if status != "cancelled"]


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ([1, 2, 3], [1, 2, 3], (3, 0, 0, 0)),
        ([1, 2, 3], [1, 2, 3, 4], (3, 0, 1, 0)),  # longer
        ([1, 2, 3], [1], (1, 0, 0, 2)),  # shorter
        ([1, 8, 15], [3, 10, 17], (0, 3, 0, 0)),  # another weekday
        ([1, 8, 15], [8, 15, 22], (2, 1, 0, 0)),  # a week later: only the first moves
    ],
)
def test_each_old_time_becomes_at_most_one_new(old, new, counts):
    begin = datetime(2026, 12, 1, tzinfo=NOW.tzinfo)
    at_day = lambda n: Period(begin + timedelta(days=n), begin + timedelta(days=n, hours=1))  # noqa: E731
    days = [Occurrence(date(2026, 12, 1) + timedelta(days=n), at_day(n)) for n in new]
    found = paired([at_day(n) for n in old], days)
    assert tuple(map(len, (found.stay, found.move, found.come, found.go))) == counts


def test_another_weekday_moves_all_and_keeps_who_they_are(any_session, ada, weekly):
    before = [row.reference for row in members(any_session, ada, weekly)]
    done = rerule(ada, weekly, "FREQ=WEEKLY;BYDAY=TH;COUNT=4", 2, 14, 16)
    assert (done.group_id, hows(done)) == (weekly, ["moves"] * 4)
    assert live(any_session, ada, weekly) == [(2, 14), (9, 14), (16, 14), (23, 14)]
    assert [row.reference for row in members(any_session, ada, weekly)] == before
    row = any_session.get(ReservationGroup, weekly)
    assert (row.rule, row.starts_local, row.length_minutes) == (
        "FREQ=WEEKLY;BYDAY=TH;COUNT=4", "2026-11-26T14:00", 120,
    )  # fmt: skip


def test_following_days_get_a_rule_of_their_own(any_session, ada, weekly):
    third = members(any_session, ada, weekly)[2].id
    done = rerule(ada, weekly, "FREQ=WEEKLY;BYDAY=TU,FR;UNTIL=20261222", 14, of=third)
    assert hows(done) == ["stays", "comes", "stays", "comes", "comes"]
    assert live(any_session, ada, weekly) == [(0, 9), (7, 9)]
    assert live(any_session, ada, done.group_id) == [(14, 9), (17, 9), (21, 9), (24, 9), (28, 9)]
    assert any_session.get(ReservationGroup, weekly).rule == "FREQ=WEEKLY;BYDAY=TU;COUNT=2"


def test_a_shorter_rule_cancels_what_is_left_over(any_session, ada, weekly):
    assert hows(rerule(ada, weekly, "FREQ=WEEKLY;BYDAY=TU;COUNT=2")) == [
        "stays", "stays", "goes", "goes",
    ]  # fmt: skip
    assert live(any_session, ada, weekly) == [(0, 9), (7, 9)]


def test_what_is_past_stays(any_session, ada, weekly, clock):
    clock.move_to(at(12))
    done = rerule(ada, weekly, "FREQ=WEEKLY;BYDAY=TU;COUNT=3", 7, 15, 16, now=clock.now)
    assert done.group_id != weekly
    assert live(any_session, ada, weekly) == [(0, 9)]
    assert [hour for _day, hour in live(any_session, ada, done.group_id)] == [15] * 3


def test_a_taken_day_refuses_all_or_keeps_its_time(any_session, people, ada, weekly):
    for _ in range(2):
        ask(actor(people.cy), 7 * 24 + 14, 7 * 24 + 15, pool_id=people.automatic.id)
    rule = "FREQ=WEEKLY;BYDAY=TU;COUNT=4"
    with pytest.raises(PartsTaken):
        rerule(ada, weekly, rule, 0, 14, 15)
    assert {hour for _day, hour in live(any_session, ada, weekly)} == {9}
    done = rerule(ada, weekly, rule, 0, 14, 15, how="skip")
    assert hows(done) == ["moves", "kept", "moves", "moves"]
    assert live(any_session, ada, weekly) == [(0, 14), (7, 9), (14, 14), (21, 14)]


def test_a_preview_changes_nothing_and_binds_what_is_done(any_session, ada, weekly):
    new = wanted("FREQ=WEEKLY;BYDAY=TH;COUNT=4", 2)
    seen = write(lambda s: preview_rule(s, ada, weekly, new, NOW))
    assert hows(seen) == ["moves"] * 4
    assert live(any_session, ada, weekly) == [(0, 9), (7, 9), (14, 9), (21, 9)]
    with pytest.raises(WrongState, match="series_changed"):
        rerule(ada, weekly, TUESDAYS, seen=seen.digest)
    done = rerule(ada, weekly, "FREQ=WEEKLY;BYDAY=TH;COUNT=4", 2, seen=seen.digest)
    assert done.digest == seen.digest


def test_what_was_approved_stays_so_until_the_change_is(any_session, people, ada):
    made = repeat(ada, "FREQ=WEEKLY;BYDAY=TU;COUNT=2", pool_id=people.confocal.id).group_id
    write(lambda s: decide_group(s, actor(people.mei), made, NOW))
    done = rerule(ada, made, "FREQ=WEEKLY;BYDAY=TU;COUNT=3", 0, 14, 15)
    assert hows(done) == ["asked", "asked", "comes"]
    assert [status for *_, status in times(any_session, ada, made)] == [
        "approved", "approved", "pending",
    ]  # fmt: skip


def test_only_who_may_and_only_what_was_seen(any_session, people, weekly, ada):
    with pytest.raises(Forbidden):
        rerule(actor(people.bo), weekly, TUESDAYS)
    with pytest.raises(Stale):
        rerule(ada, weekly, TUESDAYS, version=1)


# --- page -----------------------------------------------------------------------------------


def test_the_page_shows_each_day_before_it_changes_them(any_app, people, any_session, ada, weekly):
    client, address = browser(any_app, people.ada), f"/reservation-groups/{weekly}/rule"
    form = fields(client.get(address).text)
    assert (form["start"], form["repeats"], form["count"]) == ("2026-11-24T09:00", "weekly", "4")
    data = {**form, "start": "2026-11-26T09:00", "end": "2026-11-26T10:00", "weekdays": "4"}
    page = client.post(address, data=data)
    assert (page.status_code, said(page.text).count("instead of")) == (200, 4)
    assert live(any_session, ada, weekly)[0] == (0, 9)
    change = page.text.split('name="book" value="')[1].split('"')[0]
    done = client.post(address, data={**fields(page.text), "weekdays": "4", "book": change})
    assert done.status_code == 302
    assert "4 moved" in said(client.get(done.location).text)
    assert live(any_session, ada, weekly)[0] == (2, 9)


def test_the_page_says_what_cannot_be(any_app, people, weekly):
    mei, scope = actor(people.mei), ("pool", str(people.automatic.id))
    write(lambda s: set_rule(s, mei, scope, Setting("max_minutes", 60), NOW))
    client, address = browser(any_app, people.ada), f"/reservation-groups/{weekly}/rule"
    page = client.post(address, data={**fields(client.get(address).text),
                                      "end": "2026-11-24T12:00", "weekdays": "2"})  # fmt: skip
    assert said(page.text).count("Not possible") == 4
    both = client.post(address, data={**fields(page.text), "weekdays": "2", "until": "2027-01-01"})
    assert both.status_code == 422


def test_a_day_that_is_none_is_left_out(any_app, people, weekly):
    client, address = browser(any_app, people.ada), f"/reservation-groups/{weekly}/rule"
    sent = {**fields(client.get(address).text), "weekdays": ["", "12", "2"]}
    assert client.post(address, data=sent).status_code < 500
