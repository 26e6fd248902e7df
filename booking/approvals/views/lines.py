"""What waits for a decision, in words: a line for each request, one for a whole group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from booking.approvals.queries.inbox import Free, Waiting, free_beside, waiting_of_groups
from booking.approvals.views.askers import Asker, askers_of
from booking.core.actor import Actor
from booking.core.period import Period
from booking.infra.db import db
from booking.reservations.queries.formalities import answers_of
from booking.reservations.queries.groups import series_of
from booking.reservations.queries.named import Named, named_in_order, units_named
from booking.reservations.queries.steps import StepShown, turns_shown
from booking.web.answer_words import answer_facts
from booking.web.formats import distance_text, instant_text, length_text, period_text
from booking.web.locale import named
from booking.web.repeats import rule_words
from booking.web.rule_words import overridden_text
from booking.web.wording import decider_text, group_text, party_text, purpose_told, unit_text

SNIPPET = 80
MOST_PARTS = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide, in words; `item` names it and the version seen."""

    item: str
    url: str
    who: str
    party: str
    what: str
    units: str
    when: str
    length: str
    was: str  # the present times, when a change is asked for
    purpose: str
    note: str
    exception: str
    overridden: str  # the rules it is an exception from
    asker: Asker | None
    answers: list[tuple[str, str]]
    asked: datetime
    asked_text: str
    deadline: datetime
    deadline_text: str
    left_text: str
    urgent: bool
    free: Free | None
    folded: "Folded | None"
    step: str  # for whom the reader decides, where it is not the lab alone


@dataclass(frozen=True, slots=True)
class Folded:
    """The rest of a group that waits in one line: in words, and each that may be chosen."""

    title: str
    count: int
    url: str
    parts: list[tuple[str, str]]  # value, when; the first MOST_PARTS


def items_of(actor: Actor, ids: list[int], now: datetime) -> list[Item]:
    """Return the lines of these reservations, the most urgent of each group standing for it."""
    session = db.session()
    units, free = units_named(session, ids), free_beside(session, ids)
    answers = answers_of(session, ids)
    shown = named_in_order(session, ids)
    folded, turns = _folds(actor, shown, now), turns_shown(session, ids)
    askers = askers_of(actor, shown, now)
    return [
        _item(
            found,
            folded.get(found.row.group_id or 0),
            ", ".join(unit_text(unit) for unit in units.get(found.row.id, [])),
            free.get(found.row.id),
            answer_facts(answers.get(found.row.id, [])),
            turns.get(found.row.id),
            askers.get(found.row.id),
            now,
        )
        for found in shown
    ]


def _folds(
    actor: Actor, shown: Sequence[Named], now: datetime
) -> dict[int, tuple[Waiting, Folded]]:
    """Return what else waits of the groups on the page, for those of which more does."""
    session = db.session()
    keys = [one.row.group_id for one in shown if one.row.group_id is not None]
    found = waiting_of_groups(session, actor, keys, now) if keys else {}
    several = {key: one for key, one in found.items() if len(one.reservation_ids) > 1}
    ids = [key for one in several.values() for key in one.reservation_ids[:MOST_PARTS]]
    parts: dict[int | None, list[tuple[str, str]]] = {}
    for one in named_in_order(session, ids) if ids else ():
        when = period_text(one.asked or one.period, one.zone)
        if several[one.row.group_id or 0].row.kind != "series":
            when = f"{named(*one.pool)} · {when}"
        value = f"{one.row.id}:{one.row.version}@{one.row.group_id}"
        parts.setdefault(one.row.group_id, []).append((value, when))
    return {key: (one, _folded(one, parts[key])) for key, one in several.items()}


def _folded(one: Waiting, parts: list[tuple[str, str]]) -> Folded:
    title = group_text(one.row.kind)
    if one.row.kind == "series":
        series = series_of(one.row)
        title += _(": ") + rule_words(series.rule, series.first, series.zone)
    url = url_for("reservations.group", group_id=one.row.id)
    return Folded(title, len(one.reservation_ids), url, parts)


def _item(
    found: Named,
    group: tuple[Waiting, Folded] | None,
    units: str,
    free: Free | None,
    answers: list[tuple[str, str]],
    turn: StepShown | None,
    asker: Asker | None,
    now: datetime,
) -> Item:
    row, change, zone = found.row, found.change, found.zone
    period: Period = found.asked or found.period
    asked = change.created_at if change else row.created_at
    deadline = (change.expires_at if change else row.decide_by) or row.start_at
    quantity = change.quantity if change else row.quantity
    return Item(
        item=f"g{row.group_id}:{group[0].version}" if group else f"{row.id}:{row.version}",
        url=url_for("reservations.show", reservation_id=row.id),
        who=found.person,
        party=party_text(found.party),
        what=named(*found.pool),
        units=f"{quantity} × {units}" if quantity > 1 else units,
        when=period_text(period, zone),
        length=length_text(period.minutes),
        was=period_text(found.period, zone) if change else "",
        purpose=purpose_told(found),
        note=row.note if len(row.note) <= SNIPPET else row.note[: SNIPPET - 1] + "…",
        exception=change.override_reason if change else row.override_reason,
        overridden=overridden_text((change.overridden if change else row.overridden) or ""),
        asker=asker,
        answers=answers,
        asked=asked,
        asked_text=distance_text(asked, now),
        deadline=deadline,
        deadline_text=instant_text(deadline, zone),
        left_text=distance_text(deadline, now),
        urgent=(deadline - now).total_seconds() < 4 * 3600,
        free=free,
        folded=group[1] if group else None,
        # That the lab decides is said only where somebody agreed before.
        step=decider_text(turn.row.kind, found.party, found.lab, turn.group)
        if turn and (turn.row.kind != "lab" or turn.row.position)
        else "",
    )
