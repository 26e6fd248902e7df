"""When people are busy by a calendar of theirs: read, shown where they book, forgotten."""

import io

import pytest
from sqlalchemy import select

from booking.feeds.models import BusyCalendar, BusyTime
from tests.cast import cast
from tests.infra.test_calendar_read import calendar
from tests.pages import browser, said

URL = "/account/calendars/busy"
TUESDAY = "DTSTART:20261124T010000Z\nDTEND:20261124T020000Z\nSUMMARY:Dentist"  # 9–10 here


@pytest.fixture
def people(session):
    return cast(session)


def upload(client, *events):
    return client.post(URL, data={"file": (io.BytesIO(calendar(*events)), "mine.ics")})


def test_busy_times_are_a_hint_where_one_books(app, session, people, clock):
    ada, cy = browser(app, people.ada), browser(app, people.cy)
    answer = upload(ada, TUESDAY, "DTSTART;TZID=Nowhere:20261124T010000\nDURATION:PT1H")
    assert "1 busy time until" in said(answer.text)
    assert "1 × in a time zone that is not known" in said(answer.text)

    pool = people.automatic.id
    new = f"/reserve?pool_id={pool}&start=2026-11-24T09:30&end=2026-11-24T11:00"
    shown = said(ada.get(new).text)
    assert "You are busy then" in shown
    assert "Dentist" not in shown
    assert "You are busy then" not in said(cy.get(new).text)  # nobody else's business
    find = "/find?day=2026-11-24&until=2026-11-24&day_from=09:00&minutes=60"
    assert "you are busy then" in said(ada.get(find).text)
    assert "you are busy then" not in said(cy.get(find).text)


def test_only_times_are_kept_and_the_next_file_replaces_them(app, session, people, clock):
    ada = browser(app, people.ada)
    upload(ada, TUESDAY)
    upload(ada, TUESDAY.replace("20261124", "20261125"))

    [row] = session.scalars(select(BusyTime)).all()
    assert row.start_at.day == 25
    ada.post(f"{URL}/forget")
    session.expire_all()
    assert session.scalars(select(BusyTime)).all() == []
    assert session.scalars(select(BusyCalendar)).all() == []


def test_what_cannot_be_read_says_so_and_keeps_what_was_there(app, session, people, clock):
    ada = browser(app, people.ada)
    upload(ada, TUESDAY)
    refused = ada.post(URL, data={"text": "hello"})

    assert refused.status_code == 422
    assert "This is no calendar file" in said(refused.text)
    assert "hello" in refused.text
    assert ada.post(URL, data={}).status_code == 422
    assert len(session.scalars(select(BusyTime)).all()) == 1
