"""Days that open fairly, in words."""

from datetime import datetime

from flask_babel import gettext

from booking.policies.rules.horizon import collected_day
from booking.reservations.queries.facts import PoolFacts
from booking.web.formats import day_text, instant_text


def collected_text(pool: PoolFacts, now: datetime) -> tuple[str, str] | None:
    """Return which day requests are collected for now, and how they are decided; None: no day."""
    found = collected_day(pool.rules, now, pool.zone)
    if found is None:
        return None
    day, until = found
    return (
        gettext(
            "%(day)s opens fairly.",
            day=day_text(day.start.astimezone(pool.zone).date().isoformat()),
        ),
        gettext(
            "Requests until %(until)s are drawn by least recent use, not by who comes first.",
            until=instant_text(until, pool.zone),
        ),
    )
