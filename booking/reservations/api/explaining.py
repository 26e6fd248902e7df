"""/api/v1/explain: every rule that applies, where it is set, and whether a time passes."""

from typing import Any

import marshmallow as ma
from flask import Response

from booking.core.errors import Invalid, Violation
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.explaining import Explanation, explain
from booking.reservations.rules.proposal import bounded_period
from booking.web.api.answers import answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Id, Instant, Query
from booking.web.api.sharing import SharedAnswer, shared_answer
from booking.web.login import actor
from booking.web.problem import violation_answer
from booking.web.rule_words import rule_text, value_text

blueprint = Blueprint("api_explain", __name__, "Which rules apply, and why.")


class ExplainWanted(Query):
    """A pool, perhaps a time, and perhaps another person whom the caller may book for."""

    pool_id = Id(data_key="pool", required=True)
    start = Instant(metadata={"description": "with end: each rule says whether it passes"})
    end = Instant(metadata={"description": "not included"})
    user_id = Id(data_key="user", metadata={"description": "default: the caller"})


class RuleAnswer(ma.Schema):
    """One rule as it holds for the person."""

    rule = ma.fields.String()
    text = ma.fields.String(metadata={"description": "the rule and its value in words"})
    value = ma.fields.Raw(allow_none=True, metadata={"description": "-1 of a latest: not at all"})
    origin = ma.fields.String(metadata={"description": "default, park, site, category, lab, pool"})
    origin_id = ma.fields.String(metadata={"description": "id or code of the place; else empty"})
    group = ma.fields.String(metadata={"description": "such as company:7; empty: everyone"})
    passes = ma.fields.Boolean(allow_none=True, metadata={"description": "null: not asked"})


class ExplainAnswer(ma.Schema):
    """The rules, and what they say of the time."""

    pool_id = ma.fields.Integer()
    user_id = ma.fields.Integer()
    company_id = ma.fields.Integer(allow_none=True)
    institution_id = ma.fields.Integer(allow_none=True)
    passes = ma.fields.Boolean(allow_none=True)
    shared = ma.fields.Nested(SharedAnswer, allow_none=True)
    rules = ma.fields.List(ma.fields.Nested(RuleAnswer))
    violations = ma.fields.List(ma.fields.Dict())


@blueprint.operation("/explain", scope="read", errors=(404,))
@blueprint.arguments(ExplainWanted(), location="query")
@blueprint.response(200, ExplainAnswer)
def show(query: dict[str, Any]) -> Response:
    """List every rule that applies to a person at a pool, and whether a time passes it.

    What is held already is not looked at, nor what it is for and the note.
    """
    who, now = actor(), clock.now()
    person = query.get("user_id", who.user_id)
    found = explain(db.session(), who, query["pool_id"], person, _period(query), now)
    return answer({**_shown(found), "shared": shared_answer(found.pool.sharing, now)})


def _period(query: dict[str, Any]) -> Period | None:
    if "start" not in query and "end" not in query:
        return None
    for name in ("start", "end"):
        if name not in query:
            raise Invalid("required", field=name)
    return bounded_period(query["start"], query["end"])


def _shown(found: Explanation) -> dict[str, Any]:
    return {
        "pool_id": found.pool.pool_id,
        "user_id": found.person_id,
        "company_id": found.party.company_id if found.party else None,
        "institution_id": found.party.institution_id if found.party else None,
        "passes": found.passes,
        "rules": [
            {
                "rule": one.kind.name,
                "text": f"{rule_text(one.kind.name)}: {value_text(one.kind.name, one.rule.value)}",
                "value": one.kind.plain(one.rule.value),
                "origin": one.place[0],
                "origin_id": one.place[1],
                "group": one.rule.group,
                "passes": one.passes,
            }
            for one in found.rules
        ],
        "violations": [violation_answer(v) for v in _broken(found)],
    }


def _broken(found: Explanation) -> list[Violation]:
    rules = [v for one in found.rules for v in one.violations]
    return [*found.others, *rules, *(v for one in found.quotas for v in one.violations)]
