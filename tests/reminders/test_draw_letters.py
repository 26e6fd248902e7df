"""What is said to who asked for a day that opened fairly: the rank, and what is free instead."""

import pytest

from booking.core.period import Period, to_epoch
from booking.infra.outbox import Outbox
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.reminders.steps import header, put, the_row, written
from tests.reservations.steps import ask, at

RANK = {"rank": 2, "of": 5}


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_who_lost_learns_the_rank_and_what_is_free(any_app, any_session, park, language):
    park.ada.locale = language
    day = Period(at(0, 1), at(24, 1))
    entry = factories.create_draw_entry(any_session, park.confocal, park.ada, day)
    entry.state = "lost"
    any_session.commit()
    other = [[to_epoch(at(9, 1)), to_epoch(at(10, 1))]]
    about = f"draw_entry:{entry.id}"
    put("draw_lost", park.ada, about, start=at(0, 1), end=at(1, 1), other=other, **RANK)
    assert deliver_due().sent == 1, the_row(any_session).error
    message = written(any_app, the_row(any_session).id)
    english = language == "en"
    assert (park.confocal.name_en if english else park.confocal.name_zh) in header(
        message, "Subject"
    )
    for words in ("No. 2 of 5" if english else "第 2 位，共 5 位", "09:00–10:00", "/waitlist"):
        assert words in message.text


def test_who_won_learns_the_rank_and_gets_a_calendar_entry(any_app, any_session, park):
    made = ask(factories.actor(park.ada), 9, 10, pool_id=park.automatic.id)
    any_session.query(Outbox).delete()
    any_session.commit()
    put("draw_won", park.ada, f"reservation:{made.reservation_id}", version=1, **RANK)
    assert deliver_due().sent == 1, the_row(any_session).error
    message = written(any_app, the_row(any_session).id)
    assert "第 2 位，共 5 位" in message.text
    assert message.calendar
