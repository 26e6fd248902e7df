"""What is said to who waits: each kind in both languages, and nothing that is over."""

import pytest

from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reminders.jobs.deliver import deliver_due
from booking.reminders.rules import WAITING
from booking.reservations.models import WaitlistEntry
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.waiting import decline, join
from tests.conftest import NOW
from tests.factories import actor
from tests.reminders.steps import header, put, the_row, written
from tests.reservations.steps import at


@pytest.fixture
def waiting(any_session, park):
    """Return the id of Ada's entry, who is offered Tuesday 08:00–10:00 at once."""
    wish = Wish("offer", at(8), at(10), 120, pool_id=park.confocal.id)
    return write(lambda s: join(s, actor(park.ada), wish, NOW))


def test_an_offer_names_pool_time_and_until_when(any_app, any_session, park, waiting):
    assert deliver_due().sent == 1
    message = written(any_app)
    assert header(message, "Subject").startswith("候补到位，保留至 ")
    for words in ("激光共聚焦显微镜", "11月24日 周二 08:00–10:00", "http://localhost/waitlist"):
        assert words in message.text


def test_what_was_answered_meanwhile_is_not_offered(any_app, any_session, park, waiting):
    write(lambda s: decline(s, actor(park.ada), waiting, NOW))
    tally = deliver_due()
    assert (tally.sent, tally.void) == (0, 1)
    assert the_row(any_session).error == "answered or over meanwhile"


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("kind", WAITING)
def test_each_kind_names_pool_and_time(any_app, any_session, park, waiting, kind, language):
    any_session.get(WaitlistEntry, waiting).state = WAITING[kind]
    park.ada.locale = language
    any_session.query(Outbox).delete()
    any_session.commit()
    about = f"waitlist:{waiting}"
    put(kind, park.ada, about, start=at(8), end=at(10), until=at(7))
    assert deliver_due().sent == 1, the_row(any_session).error
    message = written(any_app, the_row(any_session).id)  # PostgreSQL counts on after a delete
    pool = park.confocal.name_en if language == "en" else park.confocal.name_zh
    assert pool in header(message, "Subject")
    assert "08:00–10:00" in message.text
    path = f"/pools/{park.confocal.id}" if kind == "time_freed" else "/waitlist"
    assert f"http://localhost{path}" in message.text
