"""What a group is asked for in JSON, and the request that it means."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import marshmallow as ma

from booking.core.errors import Invalid, InvalidFields
from booking.reservations.rules.groups import (
    MOST_PARTS,
    MOST_TITLE,
    BundleWanted,
    ChainWanted,
    OnProblem,
    Scope,
    SeriesWanted,
)
from booking.reservations.rules.proposal import MAX_NOTE, PURPOSES, BookingRequest
from booking.reservations.rules.recurrence import MOST_OCCURRENCES
from booking.reservations.rules.rrule import MOST_TEXT, parse_rule
from booking.web.api.fields import Choice, Day, Flag, Id, Instant, Part, Rows, Schema, Text, Whole

KINDS = ("series", "bundle", "chain")
LONGEST_STEP = 366 * 24 * 60
# kind → fields it needs; further ones it may have
FIELDS = {
    "series": (("start", "end", "rule"), ("pool_id", "unit_id", "quantity", "exceptions", "zone",
                                          "on_problem")),
    "bundle": (("start", "end", "parts"), ()),
    "chain": (("start", "parts"), ("until",)),
}  # fmt: skip


class PartWanted(Schema):
    """One part: a pool (any of its units) or one unit. `minutes` and gaps are for chains."""

    pool_id = Id(allow_none=True)
    unit_id = Id(allow_none=True)
    quantity = Whole(metadata={"minimum": 1})
    minutes = Whole(least=1, most=LONGEST_STEP, metadata={"description": "of a chain's step"})
    least_gap_minutes = Whole(metadata={"description": "since the step before; default 0"})
    most_gap_minutes = Whole(
        allow_none=True, metadata={"description": "since the step before; null or none: any"}
    )


class GroupWanted(Schema):
    """A series (one pool by a rule), a bundle (several at once) or a chain (one after another)."""

    kind = Choice(KINDS, required=True)
    title = Text(most=MOST_TITLE, allow_none=True)
    pool_id = Id(allow_none=True, metadata={"description": "of a series"})
    unit_id = Id(allow_none=True, metadata={"description": "of a series"})
    quantity = Whole(metadata={"description": "of a series", "minimum": 1})
    start = Instant(
        required=True, metadata={"description": "of the first time; of a chain: not before"}
    )
    end = Instant(metadata={"description": "of the first time; not for chains"})
    until = Instant(metadata={"description": "of a chain: when its last step must have ended"})
    rule = Text(most=MOST_TEXT, metadata={"description": "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=8"})
    exceptions = Rows(Day(), validate=ma.validate.Length(max=MOST_OCCURRENCES, error="invalid"))
    zone = Text(most=60, metadata={"description": "whose local time a series keeps"})
    on_problem = Choice(
        tuple(each.value for each in OnProblem),
        metadata={"description": "of a series; default refuse: all or nothing"},
    )
    parts = Rows(
        Part(PartWanted),
        validate=ma.validate.Length(max=MOST_PARTS, error="invalid"),
        metadata={"description": "of a bundle or chain, in order"},
    )
    purpose = Text(required=True, metadata={"enum": list(PURPOSES)})
    note = Text(most=MAX_NOTE, allow_none=True)
    company_id = Id(allow_none=True)
    institution_id = Id(allow_none=True)
    on_behalf_of = Id(
        allow_none=True,
        metadata={"description": "user id; who may book for others"},
    )
    override_reason = Text(
        most=MAX_NOTE,
        allow_none=True,
        metadata={"description": "managers and operators"},
    )
    dry_run = Flag(metadata={"description": "only tell what would become of each part"})


class GroupPatch(Schema):
    """What to change, and how far it reaches; what has begun never changes."""

    scope = Choice(tuple(each.value for each in Scope), required=True)
    reservation_id = Id(metadata={"description": "which one: of scope one and following"})
    start = Instant(metadata={"description": "of that one, else of the first that is coming"})
    end = Instant()
    quantity = Whole(metadata={"minimum": 1})
    note = Text(most=MAX_NOTE)
    title = Text(most=MOST_TITLE)
    override_reason = Text(most=MAX_NOTE)
    on_problem = Choice(
        ("refuse", "skip"), metadata={"description": "of a series; skip: it keeps its time"}
    )


class GroupRule(Schema):
    """The rule a series is to follow, and the times of its first day by it."""

    reservation_id = Id(metadata={"description": "from this one on; else from the next coming"})
    start = Instant(required=True)
    end = Instant(required=True)
    rule = Text(required=True, most=MOST_TEXT, metadata={"description": "FREQ=WEEKLY;COUNT=8"})
    exceptions = Rows(
        Day(), validate=ma.validate.Length(max=MOST_OCCURRENCES, error="invalid"), load_default=[]
    )
    reason = Text(most=MAX_NOTE, load_default="")
    on_problem = Choice(
        ("refuse", "skip"),
        load_default="refuse",
        metadata={"description": "skip: what cannot move keeps its time, new days are left out"},
    )
    dry_run = Flag(metadata={"description": "only tell what would become of each"})


class GroupEnd(Schema):
    """How far cancelling reaches, and why; another person's needs a reason."""

    scope = Choice(tuple(each.value for each in Scope), load_default="all")
    reservation_id = Id(metadata={"description": "which one: of scope one and following"})
    reason = Text(most=MAX_NOTE, load_default="")


_COMMON = ("purpose", "note", "company_id", "institution_id", "on_behalf_of", "override_reason")


def wanted_of(
    body: dict[str, Any], key: str | None, digest: str
) -> SeriesWanted | BundleWanted | ChainWanted:
    """Return the group a body means. Raises InvalidFields, or Invalid of its rule."""
    given = {name: value for name, value in body.items() if value is not None}
    _require_fields(given)
    shared = {name: given[name] for name in _COMMON if name in given}
    more = {**shared, "idempotency_key": key, "body_hash": digest}
    title, start = given.get("title", ""), given["start"]
    if given["kind"] == "series":
        what = {n: given[n] for n in ("pool_id", "unit_id", "quantity") if n in given}
        return SeriesWanted(
            BookingRequest(start, given["end"], **what, **more),
            parse_rule(given["rule"], given.get("exceptions", ())), given.get("zone"), title,
            OnProblem(given.get("on_problem", "refuse")),
        )  # fmt: skip
    parts = [{n: v for n, v in part.items() if v is not None} for part in given["parts"]]
    if given["kind"] == "bundle":
        return BundleWanted(tuple(_request(p, start, given["end"], more) for p in parts), title)
    steps = [_step(n, part, start, more) for n, part in enumerate(parts)]
    gaps = tuple((p.get("least_gap_minutes", 0), p.get("most_gap_minutes")) for p in parts[1:])
    return ChainWanted(tuple(steps), gaps, given.get("until"), title)


def _require_fields(given: dict[str, Any]) -> None:
    needed, possible = FIELDS[given["kind"]]
    known = {"kind", "title", "dry_run", *_COMMON, *needed, *possible}
    problems = [Invalid("required", field=name) for name in needed if name not in given]
    problems += [Invalid("unknown_field", field=name) for name in given if name not in known]
    if problems:
        raise InvalidFields(tuple(problems))


def _request(part: dict[str, Any], start: Any, end: Any, more: dict[str, Any]) -> BookingRequest:
    unknown = [n for n in part if n not in ("pool_id", "unit_id", "quantity")]
    if unknown:
        raise InvalidFields(tuple(Invalid("unknown_field", field=f"parts.{n}") for n in unknown))
    return BookingRequest(start, end, **part, **more)


def _step(number: int, part: dict[str, Any], start: Any, more: dict[str, Any]) -> BookingRequest:
    what = {n: part[n] for n in ("pool_id", "unit_id", "quantity") if n in part}
    if "minutes" not in part:
        raise InvalidFields((Invalid("required", field=f"parts.{number}.minutes"),))
    end = start + timedelta(minutes=part["minutes"])
    return replace(BookingRequest(start, end, **what), **more)
