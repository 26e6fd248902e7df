"""The page that explains a pool's rules to a person: values, origins, and what a time breaks."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from booking.accounts.rules.permissions import may
from booking.core.errors import Invalid
from booking.core.local import SkippedTime, UnreadableTime, parse_instant
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.policies.queries.editor import Names, scope_names
from booking.reservations.queries.explaining import Explanation, explain
from booking.reservations.queries.facts import PoolFacts, visible_pool
from booking.reservations.queries.people import people_found
from booking.reservations.rules.proposal import bounded_period
from booking.web.access import signed_in
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import message, text_of, violation_text
from booking.web.rule_words import group_text, origin_text, rule_text, section_text, value_text

blueprint = Blueprint("explain", __name__)


@blueprint.get("/pools/<int:pool_id>/explain")
@signed_in
def pool(pool_id: int) -> tuple[str, int]:
    """Explain a pool's rules for the reader, or `?person=` whom they may book for; for a time."""
    who, now, session = actor(), clock.now(), db.session()
    facts = visible_pool(session, who, pool_id, now)
    typed = {name: request.args.get(name, "")[:100] for name in ("start", "end", "person")}
    for_others = may(who, "reservation.for_other", facts.subject())
    problems: dict[str, str] = {}
    period = _period(typed, facts.zone, problems)
    lab = None if may(who, "park.read") else facts
    person = _person(typed["person"], lab, problems) if for_others else None
    found = explain(session, who, pool_id, person or who.user_id, period, now)
    names = scope_names(session, _paths(found))
    page = render_template(
        "rules/explain.html", pool=facts, typed=typed, problems=problems, found=found,
        for_others=for_others, sections=_sections(found, names), name=named,
        refusals=[violation_text(v, facts.zone) for v in _unlisted(found)],
    )  # fmt: skip
    return page, 422 if problems else 200


def _period(typed: dict[str, str], zone: ZoneInfo, problems: dict[str, str]) -> Period | None:
    if not typed["start"] and not typed["end"]:
        return None
    instants = {}
    for name in ("start", "end"):
        try:
            instants[name] = parse_instant(typed[name], zone)
        except SkippedTime:
            problems[name] = message("time_skipped", {})
        except UnreadableTime:
            problems[name] = message("time_unreadable", {})
    if problems:
        return None
    try:
        return bounded_period(instants["start"], instants["end"])
    except Invalid as refusal:
        problems[refusal.field or "end"] = text_of(refusal)
        return None


def _person(typed: str, lab: PoolFacts | None, problems: dict[str, str]) -> int | None:
    if not typed.strip():
        return None
    people = people_found(db.session(), typed, known_to=lab)
    if len(people) == 1:
        return people[0].user_id
    problems["person"] = message("unknown_name", {}) if not people else _(
        "Several people match: %(names)s.", names=", ".join(one.email for one in people)
    )  # fmt: skip
    return None


def _paths(found: Explanation) -> Iterable[tuple[str, str]]:
    for one in found.rules:
        yield one.place
        if one.rule.group:
            yield _parts(one.rule.group)


def _parts(group: str) -> tuple[str, str]:
    kind, _colon, key = group.partition(":")
    return (kind, key)


def _sections(found: Explanation, names: Names) -> list[tuple[str, list[dict[str, Any]]]]:
    sections: dict[str, list[dict[str, Any]]] = {}
    zone = found.pool.zone
    for one in found.rules:
        name, rule = one.kind.name, one.rule
        sections.setdefault(one.kind.section, []).append({
            "rule": rule_text(name), "value": value_text(name, rule.value),
            "origin": origin_text(one.place[0], names.get(one.place, ("", ""))),
            "group": group_text(rule.group, names) if rule.group else "",
            "passes": one.passes,
            "why": [violation_text(v, zone) for v in one.violations],
        })  # fmt: skip
    return [(section_text(section), rows) for section, rows in sections.items()]


def _unlisted(found: Explanation) -> Iterable[Any]:
    yield from found.others
    for one in found.quotas:
        yield from one.violations
