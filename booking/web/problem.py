"""Refusals as application/problem+json (RFC 9457), with violations, conflicts, alternatives."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, url_for
from werkzeug.http import HTTP_STATUS_CODES

from booking.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    InvalidFields,
    PartsTaken,
    PartsViolated,
    Problem,
    Refusal,
    RuleViolated,
    Violation,
)
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.web.links import public_url
from booking.web.messages import message, parameters_of, status_of, text_of

# code of a violation -> the page that mends it, and the id in its address
_PAGES = {
    "agreement_needed": ("questions.show", "agreement_id"),
    "notice_unread": ("notices.show", "notice_id"),
}
_CODES = {
    400: "malformed", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed",
    406: "not_acceptable", 412: "stale", 413: "too_large", 415: "unsupported_media_type",
    422: "invalid", 428: "precondition_required", 429: "too_many", 500: "fault", 503: "busy",
}  # fmt: skip


def as_problem(
    refusal: Refusal | None, status: int | None = None, detail: str | None = None
) -> Response:
    """Return the problem of a refusal, or of a bare HTTP status."""
    code_status = status or (status_of(refusal) if refusal else 500)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(code_status, "Error"),
        "status": code_status,
        "code": _code(refusal, code_status),
    }
    text = detail or (text_of(refusal) if refusal else None)
    if text:
        body["detail"] = text
    if refusal is not None:
        body.update(_members(refusal))
    response = jsonify(body)
    response.status_code = code_status
    response.content_type = "application/problem+json"
    if refusal is not None and "retry_seconds" in refusal.parameters:
        response.headers["Retry-After"] = str(refusal.parameters["retry_seconds"])
    if code_status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def instant(moment: datetime) -> str:
    """Return an instant as RFC 3339 with offset, in UTC."""
    return moment.astimezone(UTC).isoformat()


def _code(refusal: Refusal | None, status: int) -> str:
    """Return the family (invalid, forbidden, state); the exact code is in `reason`."""
    if isinstance(refusal, Invalid) and status == 422:
        return "invalid"
    if isinstance(refusal, Forbidden) and status == 403:
        return "forbidden"
    if refusal is not None and status == 409 and refusal.code not in _KEPT:
        return "state"
    return refusal.code if refusal is not None else _CODES.get(status, "error")


_KEPT = {"conflict", "idempotency_mismatch"}


def part_problem(problem: Problem) -> dict[str, Any]:
    """Return why one part of a group cannot be as asked, and the nearest time it could."""
    return {
        "position": problem.position,
        **_span(problem.period),
        "violations": [violation_answer(v) for v in problem.violations],
        "conflicts": [{"unit_id": c.unit_id, **_span(c.period)} for c in problem.conflicts],
        "nearest": _span(problem.nearest) if problem.nearest else None,
    }


def _members(refusal: Refusal) -> dict[str, Any]:
    if isinstance(refusal, PartsViolated | PartsTaken):
        parts = [part_problem(problem) for problem in refusal.problems]
        return {**_flat(refusal), "parts": parts}
    return _flat(refusal)


def _flat(refusal: Refusal) -> dict[str, Any]:
    if isinstance(refusal, RuleViolated):
        return {"violations": [violation_answer(v) for v in refusal.violations]}
    if isinstance(refusal, Conflict):
        return {
            "conflicts": [{"unit_id": c.unit_id, **_span(c.period)} for c in refusal.conflicts],
            "alternatives": [
                {"unit_id": a.unit_id, **_span(a.period), "reason": a.reason}
                for a in refusal.alternatives
            ],
        }
    if isinstance(refusal, Invalid):
        problems = refusal.problems if isinstance(refusal, InvalidFields) else (refusal,)
        return {"violations": [_problem(p) for p in problems]}
    return {"reason": refusal.code}


def _problem(invalid: Invalid) -> dict[str, Any]:
    shown = {
        "code": invalid.code,
        "message": text_of(invalid),
        "field": invalid.field,
        "limit": _plain(invalid.parameters.get("limit")),
        "actual": _plain(invalid.parameters.get("actual")),
    }
    return {name: value for name, value in shown.items() if value is not None}


def violation_answer(violation: Violation) -> dict[str, Any]:
    """Return a broken rule as answers show it."""
    shown = {
        "code": violation.code,
        "message": message(violation.code, parameters_of(violation)),
        "field": violation.field,
        "limit": _plain(violation.limit),
        "actual": _plain(violation.actual),
        "source": violation.origin,
        "overridable_by": list(violation.overridable_by),
        "nearest": _span(violation.nearest) if violation.nearest else None,
        **{name: _plain(value) for name, value in violation.more.items()},
        "url": _address(violation),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _address(violation: Violation) -> str | None:
    """Return where what is missing can be read, None where there is no such page."""
    page = _PAGES.get(violation.code)
    if page is None:
        return None
    endpoint, name = page
    return public_url(url_for(endpoint, **{name: violation.more[name]}))


def _span(period: Period) -> dict[str, str]:
    return {"start": instant(period.start), "end": instant(period.end)}


def _plain(value: Any) -> Any:
    if isinstance(value, WeeklyHours):
        return value.text
    if isinstance(value, tuple):
        return list(value)
    return instant(value) if isinstance(value, datetime) else value
