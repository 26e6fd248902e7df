"""A calibration that is coming due: who is told, when, and once; what people who book read."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reminders.jobs.deliver import deliver_due
from booking.reservations.rules.calibration import warns
from booking.reservations.rules.dealing import Dealing
from booking.reservations.services.calibrating import Calibration, set_calibration, tell_due
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, create_lab_member, create_user, units_of
from tests.reminders.steps import header, written

TODAY = date(2026, 11, 23)


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def unit(people, any_session):
    return units_of(any_session, people.automatic)[0].id


def set_due(people, unit, day, warn=30):
    wanted = Calibration(day, None, warn)
    write(lambda s: set_calibration(s, actor(people.mei), unit, wanted, Dealing(), NOW))


def told(session):
    """Return (recipient, day) of every message about a calibration."""
    session.rollback()
    query = select(Outbox).where(Outbox.kind == "calibration_due").order_by(Outbox.id)
    return [(m.recipient_id, m.dedupe_key.split(":")[3]) for m in session.scalars(query)]


@pytest.mark.parametrize(
    ("days", "warned"), [(31, False), (30, True), (1, True), (0, True), (-1, False)]
)
def test_it_is_told_from_so_many_days_before_until_the_last_day(days, warned):
    assert warns(TODAY + timedelta(days=days), 30, TODAY) is warned


def test_the_labs_managers_are_told_once_of_each_due_day(people, any_session, unit):
    deputy = create_user(any_session, name="Deputy")
    create_lab_member(any_session, people.west_lab, deputy, "deputy")
    both = [people.mei.id, deputy.id]
    day = NOW.date() + timedelta(days=20)
    set_due(people, unit, day)
    assert [write(lambda s: tell_due(s, NOW)) for _again in range(2)] == [2, 0]
    assert write(lambda s: tell_due(s, NOW + timedelta(days=3))) == 0
    assert told(any_session) == [(who, day.isoformat()) for who in both]
    later = day + timedelta(days=1)
    set_due(people, unit, later)
    assert write(lambda s: tell_due(s, NOW)) == 2
    assert told(any_session)[2:] == [(who, later.isoformat()) for who in both]


def test_nobody_is_told_long_before_nor_of_what_is_closed_already(people, any_session, unit):
    for day, warn in ((31, 30), (-1, 30), (1, 0)):
        set_due(people, unit, NOW.date() + timedelta(days=day), warn)
        assert write(lambda s: tell_due(s, NOW)) == 0
    assert told(any_session) == []


@pytest.mark.parametrize("meanwhile", [None, date(2027, 3, 1)])
def test_what_was_calibrated_meanwhile_is_not_mailed(any_app, people, any_session, unit, meanwhile):
    set_due(people, unit, NOW.date() + timedelta(days=5))
    write(lambda s: tell_due(s, NOW))
    set_due(people, unit, meanwhile)
    tally = deliver_due()
    assert (tally.sent, tally.void) == (0, 1)


def test_the_mail_says_which_unit_until_when_and_where_to_go(any_app, people, any_session, unit):
    set_due(people, unit, NOW.date() + timedelta(days=5))
    write(lambda s: tell_due(s, NOW))
    assert deliver_due().sent == 1
    message = written(any_app)
    assert "离心机" in header(message, "Subject")
    assert f"/units/{unit}/care" in message.text
