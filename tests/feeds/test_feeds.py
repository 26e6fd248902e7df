"""Feeds: what stands in them, for whom, until when, and how they are asked for again."""

import re
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.companies.models import Membership
from booking.core.errors import NotFound, WrongState
from booking.core.period import Period
from booking.feeds.models import CalendarFeed
from booking.feeds.rules.scopes import Scope
from booking.feeds.services.feeds import make_feed, renew_feed, revoke_feed
from booking.infra.db import db, write
from booking.infra.secret import token_hash
from booking.reservations.services.cancelling import cancel as cancel_reservation
from tests import factories
from tests.cast import cast, others
from tests.conftest import NOW
from tests.feeds.readers import by_icalendar, read
from tests.pages import browser, said
from tests.reservations.steps import ask, at, shift
from tests.statements import statements


@pytest.fixture
def people(session):
    return cast(session)


def made(user, kind="own", subject_id=None, detail="full"):
    who = factories.actor(user)
    return write(lambda s: make_feed(s, who, Scope(kind, subject_id), detail, NOW))


def booked(user, people, start=9, end=10, **more):
    return ask(
        factories.actor(user), start, end, pool_id=people.automatic.id, **more
    ).reservation_id


def fetched(app, secret, ending="ics", **headers):
    return app.test_client().get(f"/feeds/{secret}.{ending}", headers=headers)


def titles(answer):
    return sorted(title for _, _, title in read(answer.data).values())


def test_a_person_reads_their_own_and_nobody_elses(app, session, people, clock):
    booked(people.ada, people)
    booked(people.cy, people, 11, 12)
    answer = fetched(app, made(people.ada))

    assert answer.content_type == "text/calendar; charset=utf-8"
    [(start, end, title)] = read(answer.data).values()
    assert (start, end) == (at(9), at(10))
    assert "Ada" not in title  # it is hers
    assert b"BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai" in answer.data
    assert answer.headers["Cache-Control"] == "no-store"


def test_moving_keeps_the_uid_and_raises_the_sequence(app, session, people, clock):
    key, secret = booked(people.ada, people), made(people.ada)
    [before] = icalendar.Calendar.from_ical(fetched(app, secret).data).walk("VEVENT")
    shift(db.session(), factories.actor(people.ada), key, 9, 9.5)
    [after] = icalendar.Calendar.from_ical(fetched(app, secret).data).walk("VEVENT")

    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    who = factories.actor(people.ada)
    write(lambda s: cancel_reservation(s, who, key, "", NOW, None))
    assert read(fetched(app, secret).data) == {}


def test_what_was_asked_for_is_tentative_until_decided(app, session, people, clock):
    ask(factories.actor(people.ada), 9, 10, pool_id=people.confocal.id)
    secret = made(people.ada)

    assert b"STATUS:TENTATIVE" in fetched(app, secret).data
    clock.shift(hours=30)  # nobody decided; whether the job came by does not matter
    assert read(fetched(app, secret).data) == {}


def test_a_company_feed_names_people_to_who_may_know(app, session, people, clock):
    other = others(session, people)
    booked(people.ada, people)
    by_booker, by_finance = (
        fetched(app, made(other[who], "company", people.company_a.id)) for who in ("kim", "fin")
    )

    assert people.ada.name in titles(by_booker)[0]
    assert people.ada.name not in by_finance.text
    assert len(titles(by_finance)) == 1


def test_only_what_one_may_read_can_be_fed(session, people, clock):
    for user, scope in (
        (people.ada, Scope("company", people.company_a.id)),  # a member sees their own
        (people.bo, Scope("company", people.company_b.id)),
        (people.bo, Scope("lab", people.west_lab.id)),
        (people.cy, Scope("unit", factories.units_of(session, people.unshared)[0].id)),
        (people.bo, Scope("company", 471147)),
    ):
        who = factories.actor(user)
        with pytest.raises(NotFound):
            write(lambda s, who=who, scope=scope: make_feed(s, who, scope, "full", NOW))


def test_a_feed_stops_with_the_membership(app, session, people, clock):
    booked(people.ada, people)
    secret = made(people.bo, "company", people.company_a.id)
    assert len(titles(fetched(app, secret))) == 1

    row = session.scalars(select(Membership).where(Membership.user_id == people.bo.id)).one()
    row.until_at = NOW
    session.commit()

    assert fetched(app, secret).status_code == 404
    assert fetched(app, secret, "ifb").status_code == 404


def test_a_feed_stops_when_it_is_renewed_revoked_or_its_owner_leaves(app, session, people, clock):
    who, first = factories.actor(people.ada), made(people.ada)
    key = session.scalars(select(CalendarFeed.id)).one()
    second = write(lambda s: renew_feed(s, who, key, NOW))
    assert [fetched(app, each).status_code for each in (first, second)] == [404, 200]

    session.get(type(people.ada), people.ada.id).retired_at = NOW
    session.commit()
    assert fetched(app, second).status_code == 404

    session.get(type(people.ada), people.ada.id).retired_at = None
    session.commit()
    write(lambda s: revoke_feed(s, who, key, NOW))
    assert fetched(app, second).status_code == 404
    kinds = session.scalars(select(Audit.action).where(Audit.action.like("feed.%")))
    assert sorted(kinds) == ["feed.make", "feed.renew", "feed.revoke"]


def test_the_secret_is_kept_as_a_hash_alone(session, people, clock):
    secret = made(people.ada)
    row = session.scalars(select(CalendarFeed)).one()

    assert row.token_hash == token_hash(secret)
    assert len(secret) == 43  # 256 bits
    values = [getattr(row, c.key) for c in CalendarFeed.__table__.c]
    assert secret not in map(str, values)
    assert secret not in str(session.scalars(select(Audit.after)).all())


def test_a_unit_says_occupied_of_what_is_hidden_from_the_reader(app, session, people, clock):
    [unit, _] = factories.units_of(session, people.automatic)
    factories.create_reservation(
        session, people.automatic, Period(at(9), at(10)), [unit],
        user_id=people.ada.id, company_id=people.company_a.id, reference="HIDDEN01",
    )  # fmt: skip
    own = factories.create_reservation(
        session, people.automatic, Period(at(11), at(12)), [unit],
        user_id=people.cy.id, company_id=people.company_b.id,
    )  # fmt: skip

    answer = fetched(app, made(people.cy, "unit", unit.id))

    found = {start: (uid, title) for uid, (start, _, title) in read(answer.data).items()}
    assert sorted(found) == [at(9), at(11)]
    assert found[at(9)][1] == "已占用"
    assert own.reference in found[at(11)][0]
    for word in ("HIDDEN01", people.ada.name):
        assert word not in answer.text


def test_a_busy_feed_names_nobody_and_nothing(app, session, people, clock):
    booked(people.ada, people)
    secret = made(people.mei, "lab", people.west_lab.id, "busy")

    for ending in ("ics", "ifb"):
        text = fetched(app, secret, ending).text
        for word in (people.ada.name, "/reservations/", "DESCRIPTION", people.automatic.name_zh):
            assert word not in text
    [(start, end, _)] = read(fetched(app, secret).data).values()
    assert (start, end) == (at(9), at(10))
    assert f"FREEBUSY;FBTYPE=BUSY:{at(9):%Y%m%dT%H%M%SZ}/" in fetched(app, secret, "ifb").text


def test_what_has_not_changed_is_not_sent_again(app, session, people, clock):
    key, secret = booked(people.ada, people), made(people.ada)
    first = fetched(app, secret)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]

    same = fetched(app, secret, **{"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    assert fetched(app, secret, **{"If-Modified-Since": date}).status_code == 304
    clock.shift(minutes=5)
    assert fetched(app, secret, **{"If-None-Match": tag}).status_code == 304
    assert fetched(app, secret).data == first.data  # nothing in it is of the moment
    shift(db.session(), factories.actor(people.ada), key, 9, 9.5)
    assert fetched(app, secret, **{"If-None-Match": tag}).status_code == 200
    assert fetched(app, secret, **{"If-None-Match": first.headers["ETag"], "If-Modified-Since":
                                   date}).status_code == 200  # fmt: skip


@pytest.mark.parametrize("count", [2, 30])
def test_a_feed_asks_as_often_however_much_is_in_it(app, session, people, clock, count):
    for n in range(count):
        start = NOW + timedelta(hours=2 * n)
        factories.create_reservation(
            session, people.automatic, Period(start, start + timedelta(hours=1)),
            user_id=people.ada.id, company_id=people.company_a.id,
        )  # fmt: skip
    secret = made(people.bo, "company", people.company_a.id)
    with statements(db.engine) as sent:
        assert len(titles(fetched(app, secret))) == count

    assert len(sent) <= 8


def test_a_feed_reaches_a_month_back_and_holds_what_is_long(app, session, people, clock):
    unit = factories.units_of(session, people.automatic)
    for start, end, held in ((-40, -35, 0), (-50, -20, 0), (-29, -28, 1), (500, 501, 1)):
        period = Period(NOW + timedelta(days=start), NOW + timedelta(days=end))
        factories.create_reservation(
            session, people.automatic, period,
            [unit[held]], user_id=people.ada.id, company_id=people.company_a.id,
            status="completed" if end < 0 else "approved",
        )  # fmt: skip

    days = sorted((start - NOW).days for start, _, _ in
                  by_icalendar(fetched(app, made(people.ada)).data).values())  # fmt: skip
    assert days == [-50, -29]


def test_a_feed_is_fetched_so_often_and_no_more(app, session, people, clock):
    app.config["FEED_READS_PER_HOUR"] = 3
    secret = made(people.ada)

    answers = [fetched(app, secret).status_code for _ in range(5)]

    assert answers == [200, 200, 200, 429, 429]


def test_a_person_has_so_many_feeds(session, people, clock):
    for _ in range(20):
        made(people.ada)

    with pytest.raises(WrongState, match="too_many_feeds"):
        made(people.ada)


def test_the_page_shows_an_address_once(app, session, people, clock):
    ada = browser(app, people.ada)
    answer = ada.post("/account/calendars", data={"scope": "own", "detail": "full"})
    [secret] = set(re.findall(r"/feeds/([\w-]{43})\.ics", answer.text))

    assert f"webcal://localhost/feeds/{secret}.ics" in answer.text
    assert fetched(app, secret).status_code == 200
    listed = ada.get("/account/calendars").text
    assert secret not in listed
    assert "My reservations" in said(listed)
    key = session.scalars(select(CalendarFeed.id)).one()
    renewed = ada.post(f"/account/calendars/{key}/renew").text
    assert secret not in renewed
    assert fetched(app, secret).status_code == 404
    ada.post(f"/account/calendars/{key}/revoke")
    assert "No calendar yet" in ada.get("/account/calendars").text


def test_the_page_offers_what_one_may_read(app, session, people, clock):
    unit = factories.units_of(session, people.automatic)[0].id
    hidden = factories.units_of(session, people.unshared)[0].id
    cy, mei = browser(app, people.cy), browser(app, people.mei)

    assert "lab-" not in cy.get("/account/calendars").text
    assert f"lab-{people.west_lab.id}" in mei.get("/account/calendars").text
    assert f"unit-{unit}" in cy.get(f"/account/calendars?scope=unit-{unit}").text
    assert f'value="unit-{hidden}"' not in cy.get(f"/account/calendars?scope=unit-{hidden}").text
    other = {"scope": f"company-{people.company_b.id}", "detail": "full"}
    assert mei.post("/account/calendars", data=other).status_code == 422


def test_one_reservation_is_a_request_then_its_cancellation(app, session, people, clock):
    key = booked(people.ada, people)
    ada = browser(app, people.ada)
    first = ada.get(f"/reservations/{key}/calendar.ics")
    who = factories.actor(people.ada)
    write(lambda s: cancel_reservation(s, who, key, "", NOW, None))
    after = ada.get(f"/reservations/{key}/calendar.ics")

    assert b"METHOD:REQUEST" in first.data
    assert b"METHOD:CANCEL" in after.data
    assert set(read(first.data)) == set(read(after.data))
    assert browser(app, people.cy).get(f"/reservations/{key}/calendar.ics").status_code == 404
