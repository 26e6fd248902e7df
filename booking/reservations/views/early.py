"""Whether a reservation may start before its time, in words."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.core.errors import WrongState
from booking.reservations.queries.asking import booker_of, rules_for
from booking.reservations.queries.extending import before_start
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.named import Named
from booking.reservations.rules.using import early_from, require_early_start, started_now
from booking.web.formats import instant_text, length_text

# Sooner than this before it opens, nobody asks for it yet.
TOLD_BEFORE = timedelta(days=1)


def early_start(session: Session, found: Named, pool: PoolFacts, now: datetime) -> tuple[bool, str]:
    """Return whether it may start now, and what to tell of it; two queries where it may."""
    row, period = found.row, found.period
    rules = rules_for(session, pool, booker_of(row), now)
    opens = early_from(period, rules)
    if opens == period.start or row.status not in ("approved", "in_use") or period.start <= now:
        return False, ""
    try:
        require_early_start(row.status, period, rules, now)
    except WrongState:
        if opens - now > TOLD_BEFORE:
            return False, ""
        text = _("It may start from %(opens)s on, if nobody else has the unit then.")
        return False, text % {"opens": instant_text(opens, found.zone)}
    taken = before_start(session, row.id, period, started_now(period, now))
    if taken:
        until = max(one.period.end for one in taken)
        text = _("It could start early, but the unit is taken until %(until)s.")
        return False, text % {"until": instant_text(until, found.zone)}
    sooner = period.start - started_now(period, now).start
    text = _("Nobody has the unit: it may start %(length)s early, and counts from then on.")
    return True, text % {"length": length_text(int(sooner.total_seconds()) // 60)}
