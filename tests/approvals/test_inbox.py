"""The lab manager's inbox: what waits, and deciding it, one by one or several at once."""

from datetime import timedelta

import pytest

from booking.approvals.services.deciding import approve
from booking.core.period import Period
from booking.infra.db import write
from booking.reservations.models import Reservation
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.grouped import members, repeat
from tests.reservations.steps import ask, at, shift
from tests.statements import statements


@pytest.fixture
def people(clock, session):
    return cast(session)


def request(people, start=10, end=11, who="ada", **more):
    """Return a new request for the confocal pool as a value of the inbox's boxes."""
    booked = ask(actor(getattr(people, who)), start, end, pool_id=people.confocal.id, **more)
    return f"{booked.reservation_id}:1"


def status(session, item):
    session.rollback()
    row = session.get(Reservation, int(item.split(":")[0]), populate_existing=True)
    return row.status, row.reason


def test_one_line_holds_everything_needed_to_decide(app, session, people):
    request(people, note="第三批样品", quantity=2)

    text = said(browser(app, people.mei).get("/inbox").text)

    for words in (
        "Alpha Bio Ada · now", "Confocal microscope 2 × A", "Tue 24 Nov 10:00–11:00 1 h",
        "Research 第三批样品", "1 of 3", "in 1 day Tue 24 Nov 09:00",
    ):  # fmt: skip
        assert words in text


def test_the_most_urgent_comes_first(app, session, people, clock):
    request(people, 12, 13)
    request(people, -9, -8, who="cy")  # today, so to be decided by its start

    text = said(browser(app, people.mei).get("/inbox").text)

    assert text.index("15:00–16:00") < text.index("12:00–13:00")


def test_a_change_shows_both_times_and_is_decided_there(app, session, people):
    item = request(people)
    write(lambda s: approve(s, actor(people.mei), int(item.split(":")[0]), NOW))
    shift(session, actor(people.ada), int(item.split(":")[0]), 14, 15)
    client = browser(app, people.mei)

    text = said(client.get("/inbox").text)
    assert "Change Tue 24 Nov 14:00–15:00 1 h · now Tue 24 Nov 10:00–11:00" in text

    client.post("/inbox/decide", data={"approve": item.replace(":1", ":3")})
    assert session.get(Reservation, int(item.split(":")[0])).start_at == at(14)


@pytest.mark.parametrize(("who", "sees"), [("mei", True), ("ops", True), ("dee", False)])
def test_each_approver_sees_the_requests_of_their_labs(app, people, who, sees):
    request(people)

    page = browser(app, getattr(people, who)).get("/inbox")

    assert ("Confocal microscope" in said(page.text)) == sees
    assert ('<span class="count">1</span>' in page.text) == sees


@pytest.mark.parametrize("who", ["ada", "cy", "rep"])
def test_who_decides_on_nothing_has_no_inbox(app, people, who):
    client = browser(app, getattr(people, who))

    assert client.get("/inbox").status_code == 404
    assert "/inbox" not in client.get("/reservations").text


@pytest.mark.parametrize(("allowed", "expected"), [(0, 404), (1, 200)])
def test_staff_have_an_inbox_where_their_lab_lets_them_approve(
    app, session, people, allowed, expected
):
    staff = factories.create_user(session)
    factories.create_lab_member(session, people.west_lab, staff, "staff")
    people.west_lab.staff_may_approve = allowed
    session.commit()
    request(people)

    page = browser(app, staff).get("/inbox")

    assert page.status_code == expected
    assert ("Confocal microscope" in page.text) == bool(allowed)


def test_several_are_approved_at_once_and_each_result_is_told(app, session, people):
    items = [request(people, hour, hour + 1) for hour in (9, 11, 13, 15)]
    decided, moved = items[0], items[1]
    write(lambda s: approve(s, actor(people.mei), int(decided.split(":")[0]), NOW))
    shift(session, actor(people.ada), int(moved.split(":")[0]), 17, 18)
    client = browser(app, people.mei)

    client.post("/inbox/decide", data={"item": items, "do": "approve"})

    text = said(client.get("/inbox").text)
    assert "2 approved." in text
    assert "1 not decided: was already decided" in text
    assert "1 not decided: changed meanwhile" in text
    found = [status(session, item)[0] for item in items]
    assert found == ["approved", "pending", "approved", "approved"]


def test_rejecting_asks_for_one_reason_for_all(app, session, people):
    items = [request(people, hour, hour + 1) for hour in (9, 11)]
    client = browser(app, people.mei)

    asked = client.post("/inbox/decide", data={"item": items, "do": "reject"})
    assert asked.status_code == 200
    assert "Reject 2 requests?" in said(asked.text)
    empty = client.post("/inbox/decide", data={"item": items, "do": "reject", "reason": " "})
    assert empty.status_code == 422
    assert [status(session, item)[0] for item in items] == ["pending", "pending"]

    client.post("/inbox/decide", data={"item": items, "do": "reject", "reason": "设备检修"})
    assert [status(session, item) for item in items] == [("rejected", "设备检修")] * 2
    assert "2 rejected." in said(client.get("/inbox").text)


def test_one_is_rejected_from_its_line(app, session, people):
    item = request(people)
    client = browser(app, people.mei)

    asked = client.post("/inbox/decide", data={"reject": item})

    assert "Reject 1 request?" in said(asked.text)
    assert f'value="{item}"' in asked.text


def test_pressing_enter_decides_nothing(app, session, people):
    item = request(people)
    client = browser(app, people.mei)

    client.post("/inbox/decide", data={"item": item, "do": ""})

    assert status(session, item)[0] == "pending"
    assert "Nothing was chosen." in said(client.get("/inbox").text)


@pytest.mark.parametrize("who", ["ada", "bo", "cy", "rep", "dee"])
def test_who_may_not_decide_changes_nothing(app, session, people, who):
    item = request(people)
    client = browser(app, getattr(people, who))

    client.post("/inbox/decide", data={"approve": item})
    client.post("/inbox/decide", data={"item": item, "do": "reject", "reason": "x"})
    asked = client.post("/inbox/decide", data={"reject": item})

    assert status(session, item)[0] == "pending"
    assert asked.status_code == 404


def test_what_is_past_its_deadline_waits_no_longer(app, session, people, clock):
    item = request(people)
    clock.shift(hours=24)
    client = browser(app, people.mei)

    assert "All decided" in said(client.get("/inbox").text)
    client.post("/inbox/decide", data={"approve": item})

    assert "1 not decided: had expired" in said(client.get("/inbox").text)
    assert status(session, item)[0] == "pending"


def test_values_that_name_nothing_do_no_harm(app, people):
    client = browser(app, people.mei)
    hostile = ["", "1", "x:y", "1:2:3", f"{2**70}:1", "4711:1", "-1:1", "٣:1"]

    answer = client.post("/inbox/decide", data={"item": hostile, "do": "approve"})

    assert answer.status_code == 302


def test_the_inbox_takes_as_many_statements_for_fifty_as_for_two(app, session, people):
    client = browser(app, people.mei)
    waiting = {
        "status": "pending", "decide_by": NOW + timedelta(hours=9), "user_id": people.ada.id,
        "company_id": people.company_a.id, "source": "booked",
    }  # fmt: skip

    def seen():
        with statements(session.get_bind()) as sent:
            assert client.get("/inbox").status_code == 200
        return len(sent)

    def add(n):
        for day in range(n):
            pool = factories.create_pool(session, lab_id=people.west_lab.id, site_id=people.site.id)
            period = Period(at(12, day), at(13, day))
            factories.create_reservation(session, pool, period, **waiting)

    add(2)
    seen()  # looks once a process for the database's guards
    few = seen()
    add(58)

    assert seen() == few
    assert "1–50 of 60" in said(client.get("/inbox").text)


def test_hostile_names_and_notes_stay_text(app, session, people):
    hostile = "<img src=x onerror=alert(1)>"
    people.company_a.name_en = people.ada.name = hostile
    session.commit()
    item = request(people, note=hostile)
    client = browser(app, people.mei)

    pages = [client.get("/inbox"), client.post("/inbox/decide", data={"reject": item})]

    for page in pages:
        assert "<img src=x" not in page.text
        assert "&lt;img src=x" in page.text


# --- a series in one line -------------------------------------------------------------------


@pytest.fixture
def series(people):
    """Return the id of Ada's four Tuesdays at the confocal pool, which wait for Mei."""
    who, rule = actor(people.ada), "FREQ=WEEKLY;COUNT=4"
    return repeat(who, rule, pool_id=people.confocal.id).group_id


def test_a_series_is_one_line_approved_as_one(app, session, people, series):
    client = browser(app, people.mei)
    page = client.get("/inbox").text
    assert page.count('name="item"') == 1
    assert "every week on Tue at 09:00, 4 times" in said(page)
    assert page.count('name="part"') == 4

    value = page.split('name="item" value="')[1].split('"')[0]
    client.post("/inbox/decide", data={"approve": value})
    assert "4 approved." in said(client.get("/inbox").text)
    states = {row.status for row in members(session, actor(people.ada), series)}
    assert states == {"approved"}


def test_some_of_a_series_are_decided_and_the_whole_needs_a_reason(app, session, people, series):
    client = browser(app, people.mei)
    page = client.get("/inbox").text
    parts = [part.split('"')[0] for part in page.split('name="part" value="')[1:]]
    client.post("/inbox/decide", data={"part": parts[:2], "do": "approve"})
    page = client.get("/inbox").text
    assert page.count('name="part"') == 2

    whole = page.split('name="item" value="')[1].split('"')[0]
    every = {"item": whole, "part": parts[2:], "do": "reject"}
    assert "Reject 2 requests?" in said(client.post("/inbox/decide", data=every).text)
    client.post("/inbox/decide", data={**every, "reason": "检修"})
    states = [row.status for row in members(session, actor(people.ada), series)]
    assert states == ["approved", "approved", "rejected", "rejected"]
