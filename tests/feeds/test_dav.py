"""The CalDAV collection, asked by the client library that others use, over a real connection."""

import base64
import threading
from datetime import UTC, datetime, timedelta

import caldav
import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from booking.accounts.models import ApiToken
from booking.accounts.services.tokens import create_token, end_token
from booking.core.period import Period
from booking.infra.db import write
from booking.infra.xml_read import NotXml, read_xml
from tests import factories
from tests.answers import lacking
from tests.cast import cast
from tests.feeds.readers import by_icalendar
from tests.pages import browser

SOON = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
LAUGHS = (
    b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>"""
)


@pytest.fixture
def people(session):
    return cast(session)


def booked(session, people, user, company, days=0):
    start = SOON + timedelta(days=days)
    return factories.create_reservation(
        session, people.automatic, Period(start, start + timedelta(hours=1)),
        user_id=user.id, company_id=company.id,
    )  # fmt: skip


def token(user, *scopes):
    now = datetime.now(UTC)
    return write(lambda s: create_token(s, None, user.id, scopes or ("calendar",), now))


def ask(app, method, path, user=None, password="", **more):
    pair = base64.b64encode(f"{user.email if user else ''}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", **more.pop("headers", {})} if user else {}
    return app.test_client().open(path, method=method, headers=headers, **more)


@pytest.fixture
def server(app):
    running = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()


def test_a_real_client_finds_and_reads_what_is_booked(session, people, server):
    own = booked(session, people, people.mei, people.company_a)
    booked(session, people, people.cy, people.company_b, days=1)
    session.commit()
    name, lab = people.mei.email, f"lab-{people.west_lab.id}"
    client = caldav.DAVClient(url=f"{server}/caldav/", username=name, password=token(people.mei))

    calendars = {each.url.path.split("/")[-2]: each for each in client.principal().calendars()}
    assert set(calendars) == {"own", lab}
    [event] = calendars["own"].events()
    [(uid, (start, end, _))] = by_icalendar(event.data.encode()).items()
    assert own.reference in uid
    assert (start, end) == (own.start_at, own.end_at)
    assert len(calendars[lab].events()) == 2
    found = calendars[lab].search(
        start=SOON + timedelta(days=1), end=SOON + timedelta(days=2), event=True
    )
    assert len(found) == 1
    with pytest.raises(caldav.lib.error.DAVError):
        calendars["own"].save_event(event.data)


def test_whoever_is_not_proven_is_told_nothing(app, session, people):
    good, other = token(people.ada), token(people.cy)
    books = token(people.ada, "book")

    for user, password in ((None, ""), (people.ada, "x"), (people.ada, other), (people.ada, books)):
        answer = ask(app, "PROPFIND", "/caldav/", user, password)
        assert (answer.status_code, answer.data) == (401, b"")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert ask(app, "PROPFIND", "/caldav/", people.ada, good).status_code == 207


PATHS = ("", "calendars/", "calendars/own/", "calendars/own/nothing.ics")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PROPFIND", "REPORT"])
def test_a_browsers_session_proves_nothing_here(app, session, people, method, path):
    answer = browser(app, people.ops).open(f"/caldav/{path}", method=method)

    assert (answer.status_code, answer.data) == (401, b"")
    assert lacking(answer) == {}


def test_every_address_is_one_of_these(app):
    rules = {r.rule for r in app.url_map.iter_rules() if r.rule.startswith("/caldav/")}
    assert len(rules) == len(PATHS)
    answer = app.test_client().open("/.well-known/caldav", method="PROPFIND")
    assert answer.headers["Location"] == "/caldav/"


def test_a_calendar_is_there_for_who_may_read_it_and_as_long(app, session, people):
    password = token(people.ada)
    for name in (f"lab-{people.west_lab.id}", f"company-{people.company_a.id}", "lab-x", "own-1"):
        path = f"/caldav/calendars/{name}/"
        assert ask(app, "PROPFIND", path, people.ada, password).status_code == 404
    assert ask(app, "REPORT", "/caldav/calendars/own/", people.ada, password).status_code == 403

    row = booked(session, people, people.cy, people.company_b)
    path = f"/caldav/calendars/own/{row.reference}.ics"
    assert ask(app, "GET", path, people.ada, password).status_code == 404
    mine = booked(session, people, people.ada, people.company_a, days=1)
    path = f"/caldav/calendars/own/{mine.reference}.ics"
    first = ask(app, "GET", path, people.ada, password)
    assert b"METHOD" not in first.data
    tag = {"If-None-Match": first.headers["ETag"]}
    assert ask(app, "GET", path, people.ada, password, headers=tag).status_code == 304
    who = factories.actor(people.ada)
    ended = session.scalars(select(ApiToken.id).where(ApiToken.user_id == people.ada.id)).one()
    write(lambda s: end_token(s, who, ended, datetime.now(UTC)))
    assert ask(app, "GET", path, people.ada, password).status_code == 401


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "PATCH", "MKCALENDAR", "PROPPATCH"])
def test_nothing_is_written_through_it(app, session, people, method):
    password = token(people.ada)

    assert ask(app, method, "/caldav/calendars/own/", people.ada, password).status_code == 405


@pytest.mark.parametrize("body", [LAUGHS, b"<a", b"<a>" * 70_000, b"\x00", b"hello"])
def test_hostile_documents_are_refused(app, session, people, body):
    password = token(people.ada)
    answer = ask(app, "REPORT", "/caldav/calendars/own/", people.ada, password, data=body)

    assert answer.status_code == 422
    with pytest.raises(NotXml):
        read_xml(body, 64 * 1024)
