"""What messages say: to whom, in which language, at whose local time, and when nothing is said."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from booking.core.period import Period
from booking.infra.db import db
from booking.infra.transports import stored
from booking.reminders.jobs import letters
from booking.reminders.jobs.deliver import deliver_due
from booking.reminders.rules import (
    ABSENCE,
    ACCOUNT,
    CARE,
    COMPANIES,
    DRAWN,
    GROUP_KINDS,
    KINDS,
    SPEAKS_OF,
    TO_APPROVER,
    TRAINED,
    WAITING,
)
from tests import factories
from tests.reminders.steps import header, put, the_row, written
from tests.statements import statements

# kind -> parameters the services give besides version, start and end
TOLD = {
    "request_received": {},
    "change_requested": {"asked": True, "quantity": 2},
    "request_waiting": {"step": "lab"},
    "request_escalated": {"step": "lab"},
    "approved": {"by": "梅"},
    "rejected": {"reason": "停电", "by": "梅"},
    "cancelled": {"reason": "停电", "by": "梅", "was": "approved"},
    "moved": {"old": True},
    "unit_changed": {},
    "unit_trouble": {"reason": "停电"},
    "change_rejected": {"asked": True, "reason": "停电"},
    "expired": {},
    "change_expired": {"asked": True},
    "booked_for_you": {"by": "梅"},
    "restored": {"by": "梅"},
    "handed_to_you": {"by": "梅"},
    "handed_on": {"by": "梅"},
    "draw_won": {"rank": 2, "of": 5},
    "joined": {"into": "7K2M4QXA"},
    "missed": {},
    "reminder": {"hours": 24},
}
# language -> pool, local time, zone, a word of the greeting
SHOWN = {
    "zh_Hans_CN": (
        "激光共聚焦显微镜",
        "11月24日 周二 09:00–11:00",
        "中国标准时间，UTC+08:00",
        "您好",
    ),
    "en": (
        "Confocal microscope",
        "Tue 24 Nov 09:00–11:00",
        "China Standard Time, UTC+08:00",
        "Hello",
    ),
}


def send(app, session, kind, reader, reservation, **more):
    """Send one message of a kind as the services would write it, and return it."""
    told = {**TOLD[kind], **more}
    if told.pop("asked", False):
        told |= {
            "new_start": reservation.start_at + timedelta(hours=4),
            "new_end": reservation.end_at + timedelta(hours=4),
        }
    if told.pop("old", False):
        told |= {
            "old_start": reservation.start_at - timedelta(hours=1),
            "old_end": reservation.end_at - timedelta(hours=1),
        }
    put(kind, reader, reservation, **told)
    tally = deliver_due()
    assert (tally.sent, tally.failed, tally.void) == (1, 0, 0), the_row(session).error
    return written(app)


def set_status(session, reservation, status):
    """Give the reservation a state."""
    reservation.status = status
    session.commit()


def test_every_kind_is_told_here():
    assert set(TOLD) == set(SPEAKS_OF) == set(KINDS) - {
        *ACCOUNT, *GROUP_KINDS, *WAITING, *DRAWN, *CARE, *ABSENCE, *COMPANIES, *TRAINED,
    }  # fmt: skip


@pytest.mark.parametrize("locale", SHOWN)
@pytest.mark.parametrize("kind", TOLD)
def test_each_kind_names_pool_local_time_zone_and_link_in_the_readers_language(
    any_app, any_session, park, reservation, kind, locale
):
    set_status(any_session, reservation, SPEAKS_OF[kind][0])
    park.ada.locale = locale
    any_session.commit()

    message = send(any_app, any_session, kind, park.ada, reservation)

    pool, when, zone, greeting = SHOWN[locale]
    path = "/inbox" if kind in TO_APPROVER else (f"/reservations/{reservation.id}")
    assert pool in header(message, "Subject")
    for words in (pool, when, zone, greeting, f"http://localhost{path}", reservation.reference):
        assert words in message.text
        assert words in html_of(any_app)
    assert ("当前状态" in message.text, "Status now" in message.text) == (False, False)


def html_of(app):
    """Return the HTML part of the first message."""
    message = message_from_bytes(stored(app.instance_path, 1), policy=policy.default)
    return message.get_body(("html",)).get_content()


def test_who_chose_no_language_reads_the_parks(any_app, any_session, park, reservation):
    any_app.config["DEFAULT_LOCALE"] = "en"

    message = send(any_app, any_session, "approved", park.ada, reservation)

    assert header(message, "Subject").startswith("Approved: Confocal microscope")
    assert header(message, "From").startswith("Instrument Booking <")


def test_approvers_read_who_for_whom_what_for_and_until_when(
    any_app, any_session, park, reservation, now
):
    reservation.decide_by = now + timedelta(hours=5)
    set_status(any_session, reservation, "pending")

    text = send(any_app, any_session, "request_received", park.mei, reservation).text

    for words in (
        "预约人：Ada",
        "所属单位：甲生物",
        "科学研究",
        "11月23日 周一 14:00",
        "lines <b>",
    ):
        assert words in text


def test_markup_in_what_people_typed_is_text(any_app, any_session, park, reservation):
    send(any_app, any_session, "change_requested", park.mei, reservation)

    assert "lines &lt;b&gt;" in html_of(any_app)


def test_a_move_tells_from_and_to(any_app, any_session, park, reservation):
    text = send(any_app, any_session, "moved", park.ada, reservation).text

    assert "原时间：11月24日 周二 08:00–10:00" in text
    assert "新时间：11月24日 周二 09:00–11:00" in text


def test_a_change_of_units_alone_tells_no_old_time(any_app, any_session, park, reservation):
    old = {"old_start": reservation.start_at, "old_end": reservation.end_at}

    text = send(any_app, any_session, "moved", park.ada, reservation, **old, old=False).text

    assert "原时间" not in text


def test_a_wish_tells_what_is_asked(any_app, any_session, park, reservation):
    message = send(any_app, any_session, "change_requested", park.mei, reservation)

    assert "11月24日 周二 13:00–15:00" in header(message, "Subject")
    assert "申请时间：11月24日 周二 13:00–15:00" in message.text
    assert "申请台套数：2" in message.text


@pytest.mark.parametrize("kind", ["rejected", "cancelled"])
def test_reason_and_who_are_told(any_app, any_session, park, reservation, kind):
    set_status(any_session, reservation, kind)

    text = send(any_app, any_session, kind, park.ada, reservation).text

    assert "：停电" in text
    assert "操作人：梅" in text


def test_a_message_that_was_overtaken_tells_how_things_stand(
    any_app, any_session, park, reservation
):
    set_status(any_session, reservation, "cancelled")

    message = send(any_app, any_session, "approved", park.ada, reservation)

    assert "当前状态：已取消" in message.text
    assert message.calendar == ""


def test_a_late_reminder_tells_the_time_that_is_left(
    any_app, any_session, park, reservation, clock
):
    clock.shift(hours=23, minutes=20)

    message = send(any_app, any_session, "reminder", park.ada, reservation)

    assert "40分钟后" in header(message, "Subject")


def test_units_are_named_once_they_are_final(any_app, any_session, park, now):
    soon = Period(now + timedelta(hours=2), now + timedelta(hours=3))
    unit = park.confocal_units[0]
    row = factories.create_reservation(any_session, park.confocal, soon, user_id=park.ada.id)

    assert unit.asset_no in send(any_app, any_session, "approved", park.ada, row).text


def test_a_unit_that_may_still_change_is_not_promised(any_app, any_session, park, now):
    later = Period(now + timedelta(hours=48), now + timedelta(hours=49))
    unit = park.confocal_units[0]
    row = factories.create_reservation(any_session, park.confocal, later, user_id=park.ada.id)

    assert unit.asset_no not in send(any_app, any_session, "approved", park.ada, row).text


def test_an_invitation_leads_to_the_link_and_is_forgotten(any_app, any_session, park):
    put("invitation", park.cy, f"user:{park.cy.id}", path="/account/set-password/abc")

    assert deliver_due().sent == 1

    assert "http://localhost/account/set-password/abc" in written(any_app).text
    assert the_row(any_session).parameters == "{}"


def test_a_link_to_another_password_invites_nobody(any_app, any_session, park):
    put("invitation", park.cy, f"user:{park.cy.id}", path="/x", was="active")

    deliver_due()

    assert header(written(any_app), "Subject") == "为共享仪器预约设置新密码"
    assert "邀请" not in written(any_app).text


def test_a_reminder_of_a_moved_reservation_is_not_sent(any_app, any_session, park, reservation):
    put("reminder", park.ada, reservation)
    reservation.start_at += timedelta(hours=1)
    any_session.commit()

    assert (deliver_due().void, the_row(any_session).state) == (1, "void")
    assert stored(any_app.instance_path, 1) is None


@pytest.mark.parametrize("status", ["cancelled", "rejected", "expired", "completed", "no_show"])
def test_a_reminder_of_what_ended_is_not_sent(any_session, park, reservation, status):
    put("reminder", park.ada, reservation)
    set_status(any_session, reservation, status)

    assert (deliver_due().sent, the_row(any_session).state) == (0, "void")


def test_who_has_left_gets_nothing(any_session, park, reservation, now):
    put("approved", park.ada, reservation)
    park.ada.retired_at = now
    any_session.commit()

    assert (deliver_due().sent, the_row(any_session).state) == (0, "void")


def test_rendering_takes_three_queries(any_app, any_session, park, reservation):
    put("approved", park.ada, reservation)
    with statements(db.engine) as seen:
        deliver_due()

    reads = [s for s in seen if s.startswith("SELECT") and "FROM outbox" not in s]
    assert len([s for s in reads if "clock_timestamp" not in s]) <= 3


def test_links_lead_to_pages_that_exist(any_app):
    routes = any_app.url_map.bind("localhost")

    assert routes.match(letters.INBOX_PATH)[0] == "approvals.inbox"
    assert routes.match(letters.RESERVATION_PATH.format(id=7)) == (
        "reservations.show",
        {"reservation_id": 7},
    )
