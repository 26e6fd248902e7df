"""Whether a reservation may start before its time, in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import Forbidden, Taken, WrongState
from booking.core.period import Period
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import booker_of, rules_for
from booking.reservations.queries.extending import before_start
from booking.reservations.queries.facts import PoolFacts, pool_facts
from booking.reservations.queries.groups import parts_beside
from booking.reservations.queries.named import Named
from booking.reservations.rules.using import early_from, require_early_start, started_now
from booking.web.formats import instant_text, length_text
from booking.web.locale import named
from booking.web.messages import text_of

# Sooner than this before it opens, nobody asks for it yet.
TOLD_BEFORE = timedelta(days=1)


def early_start(
    session: Session, actor: Actor, found: Named, pool: PoolFacts, now: datetime
) -> tuple[bool, str]:
    """Return whether it may start now, and what to tell of it; two queries where it may.

    With the other parts of its bundle, which must be free to start too: two more for each.
    """
    may_start, text = _alone(session, found, pool, now)
    beside = parts_beside(session, found.row) if may_start else []
    if not beside:
        return may_start, text
    pools = pool_facts(session, sorted({part.pool_id for part in beside}))
    for part in beside:
        other = pools[part.pool_id]
        if not _is_theirs(actor, part, other):
            return False, text_of(Forbidden("parts_of_others"))
        why = _why_not(session, part, other, now)
        if why:
            told = _(
                "It starts early with its bundle or not at all, and “%(name)s” cannot: %(why)s"
            )
            return False, told % {"name": named(other.name_zh, other.name_en), "why": why}
    return True, f"{text} {_('The other parts of its bundle start with it.')}"


def _is_theirs(actor: Actor, part: Reservation, pool: PoolFacts) -> bool:
    whose = replace(
        pool.subject(), user_id=part.user_id, company_id=part.company_id,
        party_institution_id=part.institution_id,
    )  # fmt: skip
    return may(actor, "reservation.use", whose)


def _why_not(session: Session, part: Reservation, pool: PoolFacts, now: datetime) -> str:
    period = Period(part.start_at, part.end_at)
    try:
        require_early_start(
            part.status, period, rules_for(session, pool, booker_of(part), now), now
        )
    except WrongState as refusal:
        return text_of(refusal)
    taken = before_start(session, part.id, period, started_now(period, now))
    return _until(taken, pool.zone) if taken else ""


def _until(taken: Sequence[Taken], zone: ZoneInfo) -> str:
    until = max(one.period.end for one in taken)
    return _("The unit is taken until %(until)s.") % {"until": instant_text(until, zone)}


def _alone(session: Session, found: Named, pool: PoolFacts, now: datetime) -> tuple[bool, str]:
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
