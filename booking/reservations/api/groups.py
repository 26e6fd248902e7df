"""/api/v1/reservation-groups: series, bundles and chains as one. The services are the pages'."""

from typing import Any

from flask import Response

from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.api.group_fields import (
    GroupEnd,
    GroupPatch,
    GroupRule,
    GroupWanted,
    wanted_of,
)
from booking.reservations.queries.groups import visible_group
from booking.reservations.rules.groups import OnProblem, Scope
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.services.group_changes import GroupChange, cancel_group, change_group
from booking.reservations.services.rerule import NewRule, change_rule, preview_rule
from booking.web.api.answers import answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.groups import (
    ChangedAnswer,
    GroupAnswer,
    MadeAnswer,
    RuledAnswer,
    group_answer,
    group_item,
    made_answer,
    ruled_answer,
    with_version,
)
from booking.web.api.headers import IDEMPOTENCY_KEY, IF_MATCH
from booking.web.api.reading import body_hash, expected_version, idempotency_key
from booking.web.login import actor
from booking.web.problem import part_problem
from booking.web.reserve import rehearse_group, reserve_group

blueprint = Blueprint(
    "api_reservation_groups", __name__, "Series, bundles and chains, made and changed as one."
)


@blueprint.operation(
    "/reservation-groups", method="POST", scope="book", errors=(400, 404, 409, 413, 415)
)  # fmt: skip
@blueprint.arguments(GroupWanted())
@blueprint.response(201, MadeAnswer)
@blueprint.alt_response(200, schema=MadeAnswer, description="A dry run, or the same key again")
@blueprint.doc(parameters=[IDEMPOTENCY_KEY])
def create(body: dict[str, Any]) -> Response:
    """Make a series, a bundle or a chain, all of it or as `on_problem` says; or only look."""
    dry_run = body.pop("dry_run", False)
    key = None if dry_run else idempotency_key()
    wanted = wanted_of(body, key, body_hash(body) if key else "")
    if dry_run:
        return made_answer(
            actor(), None, rehearse_group(actor(), wanted).outcomes, clock.now(), 200
        )
    made = reserve_group(actor(), wanted)
    status = 200 if made.replayed else 201
    return made_answer(actor(), made.group_id, made.outcomes, clock.now(), status)


@blueprint.operation("/reservation-groups/<id:group_id>", scope="read", errors=(404,))
@blueprint.response(200, GroupAnswer)
def show(group_id: int) -> Response:
    """Show one group with those of its reservations you may see; its ETag is its version."""
    return group_answer(actor(), group_id, clock.now())


@blueprint.operation(
    "/reservation-groups/<id:group_id>", method="PATCH", scope="book",
    errors=(400, 404, 409, 412, 413, 415, 428),
)  # fmt: skip
@blueprint.arguments(GroupPatch())
@blueprint.response(200, ChangedAnswer)
@blueprint.doc(parameters=[IF_MATCH])
def patch(body: dict[str, Any], group_id: int) -> Response:
    """Move or change one, this and the following, or all that is coming.

    A series changed from the middle on becomes two; the answer shows the one that changed.
    """
    now, version = clock.now(), expected_version()
    scope, how = Scope(body.pop("scope")), OnProblem(body.pop("on_problem", "refuse"))
    wanted = GroupChange(scope, on_problem=how, **body)
    done = write(lambda s: change_group(s, actor(), group_id, version, wanted, now))
    group = visible_group(db.session(), actor(), done.group_id)
    shown = {
        "group": group_item(group, now), "changed": done.changed, "waiting": done.asked,
        "kept": [part_problem(problem) for problem in done.kept],
    }  # fmt: skip
    return with_version(answer(shown), group)


@blueprint.operation(
    "/reservation-groups/<id:group_id>/rule", method="POST", scope="book",
    errors=(400, 404, 409, 412, 413, 415, 428),
)  # fmt: skip
@blueprint.arguments(GroupRule())
@blueprint.response(200, RuledAnswer)
@blueprint.doc(parameters=[IF_MATCH])
def rule(body: dict[str, Any], group_id: int) -> Response:
    """Give a series another rule, from one of its days or from the next on; or only look.

    What has begun never changes; a series changed from the middle on becomes two.
    """
    now, dry_run = clock.now(), body.pop("dry_run", False)
    days = parse_rule(body.pop("rule"), body.pop("exceptions"))
    wanted = NewRule(rule=days, on_problem=OnProblem(body.pop("on_problem")), **body)
    if dry_run:
        done = write(lambda s: preview_rule(s, actor(), group_id, wanted, now))
    else:
        version = expected_version()
        done = write(lambda s: change_rule(s, actor(), group_id, version, wanted, now))
    return ruled_answer(actor(), done, now, dry_run=dry_run)


@blueprint.operation(
    "/reservation-groups/<id:group_id>/cancel", method="POST", scope="book",
    errors=(400, 404, 409, 413, 415),
)  # fmt: skip
@blueprint.arguments(GroupEnd(), required=False)
@blueprint.response(200, GroupAnswer)
def cancel_some(body: dict[str, Any], group_id: int) -> Response:
    """Cancel one, this and the following, or all that is coming; all of them or none."""
    now, scope, of = clock.now(), Scope(body["scope"]), body.get("reservation_id")
    write(lambda s: cancel_group(s, actor(), group_id, None, scope, body["reason"], now, of))
    return group_answer(actor(), group_id, now)
