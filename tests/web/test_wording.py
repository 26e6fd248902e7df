"""How refusals are worded."""

from datetime import UTC, datetime

import pytest
from flask_babel import force_locale

from booking.web.messages import message

START = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "limit", "actual", "text"),
    [
        ("too_long", 480, 8045, "At most 8 h; this is 5 d 14 h 5 min."),
        ("too_short", 30, 0, "At least 30 min; this is 0 min."),
        ("too_late", 90, START, "Book at least 1 h 30 min before the start."),
    ],
)
def test_lengths_are_told_in_hours(app, code, limit, actual, text):
    with app.test_request_context(), force_locale("en"):
        assert message(code, {"limit": limit, "actual": actual}) == text
