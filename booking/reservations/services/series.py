"""Making a series: preview each occurrence, then all, those that pass, or the nearest times."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import Invalid, WrongState
from booking.infra.db import rehearsal
from booking.reservations.models import ReservationGroup
from booking.reservations.queries.facts import visible_pool
from booking.reservations.rules.groups import (
    OnProblem,
    SeriesWanted,
    require_title,
    series_parts,
)
from booking.reservations.rules.proposal import require_form
from booking.reservations.rules.rrule import rule_text
from booking.reservations.services.grouping import (
    GroupMade,
    Opening,
    Outcome,
    Preview,
    book_parts,
    held_digest,
    once,
    refuse,
    tell_group,
)
from booking.reservations.services.locking import pool_id_of


def preview_series(session: Session, actor: Actor, wanted: SeriesWanted, now: datetime) -> Preview:
    """Return what booking the series would come to, as of now: it is done, and undone.

    Every rule counts the occurrences before, as it will. Raises Invalid, NotFound.
    """
    with rehearsal(session):
        _opening, outcomes = _attempt(session, actor, wanted, OnProblem.SHIFT, now)
        return Preview(tuple(outcomes))


def make_series(session: Session, actor: Actor, wanted: SeriesWanted, now: datetime) -> GroupMade:
    """Return the series made in the transaction of the caller: all of it, or what passes.

    Raises Invalid, NotFound; PartsTaken or PartsViolated with every problem where nothing may be
    left out, or nothing is left; WrongState("series_changed") when it is not what was `seen`,
    WrongState("idempotency_mismatch").
    """
    known = once(session, actor, wanted.request, now)
    if known.made is not None:
        return GroupMade(known.made)
    opening, outcomes = _attempt(session, actor, wanted, wanted.on_problem, now)
    if wanted.on_problem is OnProblem.REFUSE or not any(o.plan for o in outcomes):
        refuse(outcomes)
    if wanted.seen and wanted.seen != held_digest(outcomes, wanted.on_problem):
        raise WrongState("series_changed")
    _except_left_out(session, opening, outcomes)
    group_id = tell_group(session, opening, outcomes, {"rule": rule_text(wanted.rule)})
    known.keep(group_id)
    return GroupMade(group_id, tuple(outcomes))


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name. Raises Invalid."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("unknown_zone", field="zone", actual=name[:60]) from None


def _attempt(
    session: Session, actor: Actor, wanted: SeriesWanted, on_problem: OnProblem, now: datetime
) -> tuple[Opening, list[Outcome]]:
    period = require_form(wanted.request)
    title = require_title(wanted.title)
    if wanted.zone is not None:
        zone = zone_of(wanted.zone)
    else:
        zone = visible_pool(session, actor, pool_id_of(session, wanted.request), now).zone
    parts = series_parts(wanted, period, zone)
    columns = {
        "kind": "series", "title": title, "rule": rule_text(wanted.rule), "zone": zone.key,
        "exceptions": _days(day.isoformat() for day in wanted.rule.exceptions),
        "starts_local": f"{period.start.astimezone(zone):%Y-%m-%dT%H:%M}",
        "length_minutes": period.minutes,
    }  # fmt: skip
    opening = Opening(session, actor, columns, now)
    return opening, book_parts(session, actor, parts, on_problem, opening, looks=True)


def _except_left_out(session: Session, opening: Opening, outcomes: Sequence[Outcome]) -> None:
    """Keep what was left out as exceptions: the rule then says what there is."""
    left = {o.part.day for o in outcomes if o.plan is None and o.part.day}
    if left:
        known = {*str(opening.columns["exceptions"]).split(), *left}
        session.execute(
            update(ReservationGroup)
            .where(ReservationGroup.id == opening.group_id)
            .values(exceptions=_days(known))
        )


def _days(days: Iterable[str]) -> str:
    return " ".join(sorted(days))
