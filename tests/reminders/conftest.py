"""Fixtures for messages: a reservation to speak of, and a mail server that listens."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking.core.period import Period
from booking.reservations.models import Reservation
from tests import factories
from tests.cast import Cast, cast
from tests.reminders.sink import Sink, listening


@pytest.fixture
def park(any_session, clock) -> Cast:
    """Return the cast, on each engine, the clock stopped."""
    return cast(any_session)


@pytest.fixture
def period(now: datetime) -> Period:
    """Return Tuesday 09:00–11:00 in Asia/Shanghai."""
    return Period(now + timedelta(hours=24), now + timedelta(hours=26))


@pytest.fixture
def reservation(any_session, park: Cast, period: Period) -> Reservation:
    """Return Ada's approved reservation of the confocal microscope."""
    return factories.create_reservation(
        any_session,
        park.confocal,
        period,
        user_id=park.ada.id,
        company_id=park.company_a.id,
        source="booked",
        note="two\nlines <b>",
    )


@pytest.fixture
def sink(any_app: Flask) -> Iterator[Sink]:
    """Return a mail server on a loopback port that the app sends to."""
    handler = Sink()
    with listening(handler) as port:
        any_app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=port, SMTP_TLS="none")
        yield handler
