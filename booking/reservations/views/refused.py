"""A refusal as the booking and moving forms show it: what is wrong, and one-click ways on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from booking.core.errors import Alternative, Conflict, Refusal, RuleViolated, Violation
from booking.core.local import exact_text, local_text
from booking.core.period import Period
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.named import UnitName
from booking.web.formats import length_text, period_text
from booking.web.messages import text_of, violation_text
from booking.web.wording import unit_text

MOST_SPANS = 6
Units = Mapping[int, UnitName]
Typed = dict[str, str]  # what the form holds, by field name


@dataclass(frozen=True, slots=True)
class Broken:
    """One violation in words, and where its limit is set."""

    message: str
    origin: str
    fix: tuple[str, str] | None = None  # what to do about it: label, address


@dataclass(frozen=True, slots=True)
class Offer:
    """What would pass: a button that sends what was typed, but for the fields that change."""

    reason: str  # rules_allow, or that of an Alternative
    when: str
    where: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """What the page says; `spans` are the times taken, never by whom."""

    text: str
    broken: tuple[Broken, ...] = ()
    spans: tuple[str, ...] = ()
    more_spans: int = 0
    offers: tuple[Offer, ...] = ()
    why: str = ""  # where every rule for this time is explained


def broken_rules(refusal: RuleViolated, zone: ZoneInfo, passing: Offer | None) -> Refused:
    """Return every violation in words, and the one offer that would pass, if there is any."""
    found = tuple(Broken(violation_text(v, zone), _origin(v)) for v in refusal.violations)
    return Refused(text_of(refusal), broken=found, offers=(passing,) if passing else ())


def with_ways_out(refused: Refused, refusal: RuleViolated, pool: PoolFacts) -> Refused:
    """Return the same with a way on beside each qualification, agreement or notice missing."""
    fixes = [_way_out(violation, pool) for violation in refusal.violations]
    broken = [replace(one, fix=fix) for one, fix in zip(refused.broken, fixes, strict=True)]
    return replace(refused, broken=tuple(broken))


def with_why(refused: Refused, pool: PoolFacts, period: Period, person: str = "") -> Refused:
    """Return the same with the way to the page that explains every rule for this time."""
    url = url_for(
        "explain.pool", pool_id=pool.pool_id, start=local_text(period.start, pool.zone),
        end=local_text(period.end, pool.zone), person=person or None,
    )  # fmt: skip
    return replace(refused, why=url)


def _way_out(violation: Violation, pool: PoolFacts) -> tuple[str, str] | None:
    if violation.code == "agreement_needed":
        url = url_for("questions.show", agreement_id=violation.more["agreement_id"])
        return (_("Read it"), url)
    if violation.code == "notice_unread":
        return (_("Read it"), url_for("notices.show", notice_id=violation.more["notice_id"]))
    if not violation.code.startswith("level_"):
        return None
    return (_("How to qualify"), url_for("training.ways", pool_id=pool.pool_id))


def time_taken(conflict: Conflict, zone: ZoneInfo, units: Units, typed: Typed) -> Refused:
    """Return what is in the way and up to three alternatives, times in the pool's zone."""
    taken = dict.fromkeys((t.unit_id, t.period) for t in conflict.conflicts)
    spans = [
        _(
            "%(unit)s: taken %(when)s",
            unit=unit_text(units[unit_id]) if unit_id in units else f"#{unit_id}",
            when=period_text(period, zone),
        )
        for unit_id, period in taken
    ]
    return Refused(
        text_of(conflict),
        spans=tuple(spans[:MOST_SPANS]),
        more_spans=max(0, len(spans) - MOST_SPANS),
        offers=tuple(_alternative(a, zone, units, typed) for a in conflict.alternatives),
    )


def other(refusal: Refusal) -> Refused:
    """Return a refusal that has only its sentence."""
    return Refused(text_of(refusal))


def passing_offer(
    refusal: RuleViolated, period: Period, quantity: int, zone: ZoneInfo, typed: Typed
) -> Offer:
    """Return the offer of a period and quantity that pass, in place of those refused."""
    fields = {**typed, **times_fields(period, zone), "quantity": str(quantity)}
    where = [length_text(period.minutes)]
    if any(v.field == "quantity" for v in refusal.violations):
        where.append(ngettext("%(num)s unit", "%(num)s units", quantity))
    if any(v.field == "unit_id" for v in refusal.violations):
        fields["unit_id"] = ""
        where.append(_("any free unit"))
    shown = _(", ").join(where)
    return Offer("rules_allow", period_text(period, zone), shown, tuple(fields.items()))


def times_fields(period: Period, zone: ZoneInfo) -> Typed:
    """Return the form fields of a period, exact in the hour that comes twice."""
    return {"start": exact_text(period.start, zone), "end": exact_text(period.end, zone)}


def _alternative(offer: Alternative, zone: ZoneInfo, units: Units, typed: Typed) -> Offer:
    fields = {**typed, **times_fields(offer.period, zone)}
    if offer.reason == "next_in_pool":
        fields["unit_id"], where = "", _("any free unit")
    else:
        fields["unit_id"] = str(offer.unit_id)
        where = unit_text(units[offer.unit_id]) if offer.unit_id in units else ""
    return Offer(offer.reason, period_text(offer.period, zone), where, tuple(fields.items()))


def _origin(violation: Violation) -> str:
    return {
        "default": _("Rule of the park"),
        "pool": _("Rule of this instrument"),
        "unit": _("State of this unit"),
        "contribution": _("Sharing agreement"),
    }.get(violation.origin, "")
