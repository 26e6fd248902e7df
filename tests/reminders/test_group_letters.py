"""One letter for a group: every time in it, in both languages; a calendar of many entries."""

from email import message_from_bytes, policy

import pytest
from icalendar import Calendar

from booking.infra.transports import stored
from booking.reminders.jobs.deliver import deliver_due
from booking.reminders.rules import GROUP_KINDS
from booking.reservations.queries.groups import visible_group
from tests.factories import actor
from tests.reminders.steps import header, put, written
from tests.reservations.grouped import end, repeat


@pytest.fixture
def made(any_session, park):
    """Return (group id, ids of its reservations): five Tuesdays of Ada's."""
    ada = actor(park.ada)
    group_id = repeat(
        ada, "FREQ=WEEKLY;COUNT=5", pool_id=park.automatic.id, title="每周离心"
    ).group_id
    deliver_due()
    ids = [member.row.id for member in visible_group(any_session, ada, group_id).members]
    any_session.rollback()
    return group_id, ids


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("kind", GROUP_KINDS)
def test_each_kind_lists_the_times(any_app, any_session, park, made, kind, locale):
    group_id, ids = made
    park.ada.locale = locale
    any_session.commit()

    put(
        kind,
        park.ada,
        f"group:{group_id}",
        reservations=ids,
        reason="停电",
        by="梅",
        was="approved",
    )
    assert deliver_due().sent == 1

    message = written(any_app, _latest(any_app))
    assert "每周离心" in header(message, "Subject")
    assert message.text.count("09:00–10:00") == 5
    assert (
        "每周二 09:00，共 5 次" if locale == "zh_Hans_CN" else "every week on Tue"
    ) in message.text
    assert f"/reservation-groups/{group_id}" in message.text


def test_a_series_is_one_mail_with_an_entry_for_each(any_app, any_session, park, made):
    number = _latest(any_app)
    raw = stored(any_app.instance_path, number)

    found = Calendar.from_ical(_ics(raw))
    assert found["METHOD"] == "PUBLISH"
    assert len({str(event["UID"]) for event in found.events}) == 5
    assert {str(event["STATUS"]) for event in found.events} == {"CONFIRMED"}
    assert all("ATTENDEE" not in event for event in found.events)


def test_cancelling_all_updates_the_same_entries(any_app, any_session, park, made):
    before = Calendar.from_ical(_ics(stored(any_app.instance_path, _latest(any_app))))
    end(actor(park.ada), made[0])
    assert deliver_due().sent == 1

    after = Calendar.from_ical(_ics(stored(any_app.instance_path, _latest(any_app))))
    assert {str(event["STATUS"]) for event in after.events} == {"CANCELLED"}
    versions = {str(event["UID"]): event["SEQUENCE"] for event in before.events}
    for event in after.events:
        assert event["SEQUENCE"] > versions[str(event["UID"])]


def _latest(app):
    numbers = [n for n in range(1, 40) if stored(app.instance_path, n) is not None]
    return numbers[-1]


def _ics(raw):
    parts = message_from_bytes(raw, policy=policy.default).iter_attachments()
    return next(part.get_content() for part in parts)
