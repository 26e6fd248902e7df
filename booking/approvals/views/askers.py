"""Who asks, in words: their record in the lab, and what they may operate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.approvals.queries.askers import fitnesses, records, told_to
from booking.approvals.rules.askers import Fitness, Record
from booking.core.actor import Actor
from booking.infra.db import db
from booking.reservations.queries.named import Named
from booking.web.formats import instant_text
from booking.web.level_words import level_text


@dataclass(frozen=True, slots=True)
class Asker:
    """Two lines about who asks, and whether either should make one look twice."""

    record: str
    doubtful: bool
    fitness: str
    unfit: bool


def askers_of(actor: Actor, found: Sequence[Named], now: datetime) -> dict[int, Asker]:
    """Return by reservation what the lab's decider is told of who asks. Three queries."""
    told = told_to(actor, found)
    if not told:
        return {}
    session = db.session()
    known, fit = records(session, told, now), fitnesses(session, told, now)
    return {
        one.row.id: _asker(
            known.get((one.row.user_id, one.subject.lab_id), Record()),
            fit.get(one.row.id),
            one.zone,
        )
        for one in told
    }


def _asker(record: Record, fit: Fitness | None, zone: ZoneInfo) -> Asker:
    return Asker(
        _record_text(record),
        bool(record.missed or record.late),
        _fitness_text(fit, zone) if fit else "",
        fit is not None and fit.state != "enough",
    )


def _record_text(record: Record) -> str:
    """Return a record in words, only what there was."""
    parts = []
    if record.used:
        parts.append(ngettext("%(num)s used", "%(num)s used", record.used))
    if record.missed:
        parts.append(ngettext("%(num)s no-show", "%(num)s no-shows", record.missed))
    if record.late:
        parts.append(ngettext("%(num)s cancelled late", "%(num)s cancelled late", record.late))
    return " · ".join(parts) or _("New here")


def _fitness_text(fit: Fitness, zone: ZoneInfo) -> str:
    until = instant_text(fit.until, zone) if fit.until else ""
    level = level_text(fit.level)
    if fit.state == "expired":
        return _("Qualification ended %(until)s", until=until)
    if fit.state in ("none", "suspended"):
        return _("Not qualified") if fit.state == "none" else _("Qualification suspended")
    if fit.state == "low":
        return _("Level %(level)s is too low", level=level)
    if fit.state == "ends":
        return _("Level %(level)s ends before, %(until)s", level=level, until=until)
    if until:
        return _("Level %(level)s until %(until)s", level=level, until=until)
    return _("Level %(level)s", level=level)
