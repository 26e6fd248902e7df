"""Groups as the API shows them: the group, its reservations, and what became of each part."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response

from booking.core.actor import Actor
from booking.infra.db import db
from booking.reservations.queries.groups import Group, visible_group
from booking.reservations.queries.reservations import unit_ids_of
from booking.reservations.services.grouping import Outcome
from booking.reservations.services.rerule import Reruled, Step
from booking.web.api.answers import ReservationAnswer, answer, reservation_items
from booking.web.api.blueprint import PREFIX
from booking.web.api.spec import PartProblemAnswer
from booking.web.problem import instant, part_problem


class MemberAnswer(ReservationAnswer):
    """A reservation of a group."""

    position = ma.fields.Integer(metadata={"description": "from 0"})
    day = ma.fields.String(
        allow_none=True, metadata={"description": "the local day a series means, 2026-11-24"}
    )


class GroupAnswer(ma.Schema):
    """A series, bundle or chain, with those of its reservations that you may see."""

    id = ma.fields.Integer()
    kind = ma.fields.String(metadata={"enum": ["series", "bundle", "chain"]})
    title = ma.fields.String()
    ended = ma.fields.Boolean(metadata={"description": "its last live reservation has ended"})
    version = ma.fields.Integer(metadata={"description": "grows with each change; If-Match"})
    rule = ma.fields.String(allow_none=True, metadata={"description": "of a series: RFC 5545"})
    exceptions = ma.fields.List(ma.fields.String(), metadata={"description": "days left out"})
    zone = ma.fields.String()
    local_start = ma.fields.String(
        allow_none=True, metadata={"description": "of a series: first day and time in the zone"}
    )
    split_from_id = ma.fields.Integer(allow_none=True)
    created_at = ma.fields.DateTime()
    reservations = ma.fields.List(ma.fields.Nested(MemberAnswer))


class OutcomeAnswer(ma.Schema):
    """What becomes of one part: booked as asked, shifted to another time, or left out."""

    position = ma.fields.Integer()
    day = ma.fields.String(allow_none=True)
    how = ma.fields.String(metadata={"enum": ["booked", "shifted", "left_out"]})
    start = ma.fields.DateTime(metadata={"description": "when it is booked, else was asked for"})
    end = ma.fields.DateTime()
    problem = ma.fields.Nested(PartProblemAnswer, allow_none=True)


class MadeAnswer(ma.Schema):
    """The group (null of a dry run) and what becomes of each part (none of a repeated call)."""

    group = ma.fields.Nested(GroupAnswer, allow_none=True)
    outcomes = ma.fields.List(ma.fields.Nested(OutcomeAnswer))


class ChangedAnswer(ma.Schema):
    """The group that now holds what was changed, and what became of it."""

    group = ma.fields.Nested(GroupAnswer)
    changed = ma.fields.Integer()
    waiting = ma.fields.Integer(metadata={"description": "of them, wait for a decision"})
    kept = ma.fields.List(
        ma.fields.Nested(PartProblemAnswer), metadata={"description": "which kept their time"}
    )


class StepAnswer(ma.Schema):
    """What becomes of one reservation, or of a day the new rule adds."""

    how = ma.fields.String(
        metadata={"enum": ["stays", "moves", "asked", "comes", "goes", "kept", "left_out"]}
    )
    was_start = ma.fields.DateTime(allow_none=True)
    was_end = ma.fields.DateTime(allow_none=True)
    start = ma.fields.DateTime(allow_none=True, metadata={"description": "by the new rule"})
    end = ma.fields.DateTime(allow_none=True)
    problem = ma.fields.Nested(PartProblemAnswer, allow_none=True)


class RuledAnswer(ma.Schema):
    """The group that follows the new rule (null of a dry run), and what became of each."""

    group = ma.fields.Nested(GroupAnswer, allow_none=True)
    steps = ma.fields.List(ma.fields.Nested(StepAnswer))


def ruled_answer(actor: Actor, done: Reruled, now: datetime, *, dry_run: bool) -> Response:
    """Return what a new rule came to, or would."""
    steps = [_step_item(step) for step in done.steps]
    if dry_run:
        return answer({"group": None, "steps": steps})
    group = visible_group(db.session(), actor, done.group_id)
    return with_version(answer({"group": group_item(group, now), "steps": steps}), group)


def _step_item(step: Step) -> dict[str, Any]:
    was, period = step.was, step.period
    return {
        "how": step.how,
        "was_start": instant(was.start) if was else None,
        "was_end": instant(was.end) if was else None,
        "start": instant(period.start) if period else None,
        "end": instant(period.end) if period else None,
        "problem": part_problem(step.problem) if step.problem else None,
    }


def group_answer(actor: Actor, group_id: int, now: datetime) -> Response:
    """Return a group the actor may see, its version as ETag. Raises NotFound."""
    group = visible_group(db.session(), actor, group_id)
    return with_version(answer(group_item(group, now)), group)


def made_answer(
    actor: Actor, group_id: int | None, outcomes: Sequence[Outcome], now: datetime, status: int
) -> Response:
    """Return a new group with its address, or what a dry run found."""
    items = [outcome_item(outcome) for outcome in outcomes]
    if group_id is None:
        return answer({"group": None, "outcomes": items}, status)
    group = visible_group(db.session(), actor, group_id)
    response = answer({"group": group_item(group, now), "outcomes": items}, status)
    if status == 201:
        response.headers["Location"] = f"{PREFIX}/reservation-groups/{group_id}"
    return with_version(response, group)


def with_version(response: Response, group: Group) -> Response:
    """Return the response with the group's version as ETag."""
    response.headers["ETag"] = f'"{group.version}"'
    return response


def group_item(group: Group, now: datetime) -> dict[str, Any]:
    """Return a group as every operation shows it. One query, for its units."""
    row = group.row
    rows = [member.row for member in group.members]
    shown = reservation_items(rows, unit_ids_of(db.session(), [r.id for r in rows]), now)
    series = row.kind == "series"
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "ended": row.ended_at is not None,
        "version": group.version,
        "rule": row.rule if series else None,
        "exceptions": row.exceptions.split(),
        "zone": row.zone,
        "local_start": row.starts_local if series else None,
        "split_from_id": row.split_from_id,
        "created_at": instant(row.created_at),
        "reservations": [
            {**item, "position": r.group_position, "day": r.occurrence_day}
            for item, r in zip(shown, rows, strict=True)
        ],
    }


def outcome_item(outcome: Outcome) -> dict[str, Any]:
    """Return what became of one part."""
    return {
        "position": outcome.part.position,
        "day": outcome.part.day,
        "how": outcome.how,
        "start": instant(outcome.period.start),
        "end": instant(outcome.period.end),
        "problem": part_problem(outcome.problem) if outcome.problem else None,
    }
