"""Several instruments in one booking: at the same time, or one after the other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, PartsTaken, PartsViolated, Refusal, WrongState
from booking.core.local import local_text
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.services.bundles import take_from_bundle
from booking.reservations.forms.groups import TogetherForm
from booking.reservations.forms.parts import choice, put_error
from booking.reservations.queries.choosing import chosen_pools, found_pools
from booking.reservations.queries.facts import PoolFacts, visible_pool
from booking.reservations.queries.people import parties_for, party_names
from booking.reservations.rules.groups import MOST_PARTS, BundleWanted, ChainWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.grouping import Preview
from booking.reservations.views.answers import (
    PREFIX,
    Asked,
    Tick,
    keep_ticked,
    shown_questions,
    shown_ticks,
    typed_answers,
)
from booking.reservations.views.base import blueprint
from booking.reservations.views.filling import KEY, choose_own, new_key
from booking.reservations.views.placeless import why_no_place
from booking.reservations.views.repeating import problem_text
from booking.web import login
from booking.web.access import signed_in
from booking.web.acting import value_of
from booking.web.api.reading import body_hash
from booking.web.arguments import id_of
from booking.web.formats import period_text
from booking.web.locale import named
from booking.web.messages import message, status_of, text_of
from booking.web.reserve import rehearse_group, reserve_group
from booking.web.wording import party_text

USUAL_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One part as the form holds it; minutes and gaps are for steps one after the other."""

    pool_id: int
    name: str
    quantity: str = "1"
    minutes: str = str(USUAL_MINUTES)
    least: str = "0"
    most: str = ""

    @property
    def prefix(self) -> str:
        """Return how the names of its questions begin."""
        return f"{PREFIX}{self.pool_id}-"


@dataclass(frozen=True, slots=True)
class Formalities:
    """What one of the pools asks beside its usual fields."""

    name: str
    questions: list[Asked]
    ticks: list[Tick]


@dataclass(frozen=True, slots=True)
class Part:
    """What the preview says of one part."""

    name: str
    when: str
    problem: str
    instead: str
    why: str = ""  # where every rule for this time is explained


@blueprint.route("/reserve/together", methods=["GET", "POST"])
@signed_in
def together() -> Response | str | tuple[str, int]:
    """Put instruments together, look, and book them as one."""
    actor, now = login.actor(), clock.now()
    form, rows = TogetherForm(), _rows(actor, now)
    if request.method == "GET":  # a time that was found
        form.start.data, form.end.data = (request.args.get(n, "")[:25] for n in ("start", "end"))
    if not KEY.fullmatch(form.key.data or ""):
        form.key.data = new_key()
    pool = visible_pool(db.session(), actor, rows[0].pool_id, now) if rows else None
    _offer_parties(actor, form, pool, now)
    do = request.form.get("do", "") if request.method == "POST" else "show"
    if do not in ("look", "book"):
        found = found_pools(db.session(), actor, form.find.data, now) if form.find.data else []
        return _page(form, rows, found=found, searched=bool(form.find.data))
    try:
        _accept(actor, rows, now)
        wanted = _wanted(form, rows, pool, _answers(actor, rows, now))
        if wanted is None or pool is None:
            return _page(form, rows), 422
        if do == "look":
            return _page(form, rows, _seen(rows, rehearse_group(actor, wanted), pool.zone))
        made = reserve_group(actor, wanted)
    except (PartsTaken, PartsViolated, Conflict, Invalid, WrongState) as refusal:
        _put(form, refusal)
        shown = _problems(rows, refusal, pool.zone) if pool else []
        return _page(form, rows, shown), status_of(refusal)
    booked = [row.pool_id for row in rows]
    write(lambda session: take_from_bundle(session, actor, booked))
    flash(_("Booked as one."), "success")
    return redirect(url_for("reservations.group", group_id=made.group_id))


def _rows(actor: Actor, now: datetime) -> list[Row]:
    """Return the parts put together so far, one more or fewer by the button that was pressed."""
    given = request.form if request.method == "POST" else request.args
    do = given.get("do", "")
    ids = [id_of(value) for value in given.getlist("pool_id")][:MOST_PARTS]
    names = ("quantity", "minutes", "least", "most")
    lists = {name: given.getlist(name) for name in names}
    filled = [
        (key, {n: values[i] for n, values in lists.items() if i < len(values)})
        for i, key in enumerate(ids)
        if key is not None and do != f"remove:{i}"
    ]
    added = id_of(do.removeprefix("add:")) if do.startswith("add:") else None
    if added is not None and len(filled) < MOST_PARTS:
        filled.append((added, {}))
    known = chosen_pools(db.session(), actor, [key for key, _values in filled], now)
    return [Row(key, named(*known[key]), **more) for key, more in filled if key in known]


def _pools(actor: Actor, rows: list[Row], now: datetime) -> dict[int, tuple[Row, PoolFacts]]:
    """Return the pools of the parts, each once, with the first part that is of it."""
    first = {row.pool_id: row for row in reversed(rows)}
    found = {key: visible_pool(db.session(), actor, key, now) for key in sorted(first)}
    return {row.pool_id: (row, found[row.pool_id]) for row in rows}


def _accept(actor: Actor, rows: list[Row], now: datetime) -> None:
    for _row, pool in _pools(actor, rows, now).values():
        keep_ticked(pool, actor.user_id)


def _answers(actor: Actor, rows: list[Row], now: datetime) -> dict[int, dict[str, Any]]:
    """Return what was answered to each pool's questions. Raises Invalid for an unfit file."""
    pools = _pools(actor, rows, now)
    return {key: typed_answers(pool, row.prefix)[0] for key, (row, pool) in pools.items()}


def _formalities(actor: Actor, rows: list[Row], now: datetime) -> list[Formalities]:
    """Return what the pools ask, in their order; what several want ticked, once."""
    found: list[Formalities] = []
    known: set[str] = set()
    for row, pool in _pools(actor, rows, now).values():
        ticks = [one for one in shown_ticks(pool, actor.user_id) if one.url not in known]
        known |= {one.url for one in ticks}
        questions = shown_questions(pool, row.prefix)
        if questions or ticks:
            found.append(Formalities(row.name, questions, ticks))
    return found


def _offer_parties(actor: Actor, form: TogetherForm, pool: PoolFacts | None, now: datetime) -> None:
    session = db.session()
    own = parties_for(session, actor, actor.user_id, pool, now) if pool else actor.parties
    parties = party_names(session, own)
    form.party.choices = [choice(value_of(p), party_text(p.names)) for p in parties]
    choose_own(form.party, actor)


def _wanted(
    form: TogetherForm,
    rows: list[Row],
    pool: PoolFacts | None,
    answers: dict[int, dict[str, Any]],
) -> BundleWanted | ChainWanted | None:
    """Return the group the form means; None, with the errors on its fields, when it is none."""
    if pool is None:
        form.form_errors.append(_("Add at least two instruments."))
        return None
    valid, times = form.validate(), form.times(pool.zone)
    if not valid or times is None:
        return None
    chain = form.mode.data == "chain"
    try:
        numbers = [_numbers(row) for row in rows]
    except ValueError:
        form.form_errors.append(message("not_whole", {}))
        return None
    kind, _sep, party_id = (form.party.data or "").partition(":")
    shared: dict[str, Any] = {
        "purpose": form.purpose.data or "", "note": form.note.data or "",
        "company_id": id_of(party_id) if kind == "company" else None,
        "institution_id": id_of(party_id) if kind == "institution" else None,
        "idempotency_key": form.key.data,
    }  # fmt: skip
    shared["body_hash"] = body_hash({
        **shared, "answers": repr(answers), "rows": [repr(r) for r in rows], "at": times,
        "mode": form.mode.data, "title": form.title.data,
    })  # fmt: skip
    requests = tuple(
        BookingRequest(
            times[0], times[0] + timedelta(minutes=minutes) if chain else times[1],
            pool_id=row.pool_id, quantity=quantity, answers=answers.get(row.pool_id, {}), **shared,
        )
        for row, (quantity, minutes, _least, _most) in zip(rows, numbers, strict=True)
    )  # fmt: skip
    if not chain:
        return BundleWanted(requests, form.title.data or "")
    gaps = tuple((least, most) for _q, _m, least, most in numbers[1:])
    return ChainWanted(requests, gaps, times[1], form.title.data or "")


def _numbers(row: Row) -> tuple[int, int, int, int | None]:
    """Return quantity, minutes and gaps. Raises ValueError for what is no number in reach."""
    texts = (row.quantity, row.minutes, row.least or "0")
    quantity, minutes, least = (int(text) for text in texts if len(text) < 7)
    most = int(row.most) if row.most.strip() and len(row.most) < 7 else None
    if minutes < 1:
        raise ValueError(minutes)
    return quantity, minutes, least, most


def _put(form: TogetherForm, refusal: Refusal) -> None:
    if isinstance(refusal, WrongState):
        form.key.data = new_key()
        form.form_errors.append(message("already_booked", {}))
    elif isinstance(refusal, Invalid):
        name = "party" if refusal.field in ("company_id", "institution_id") else refusal.field
        put_error(form, name, text_of(refusal))
    elif form.mode.data == "chain" and not isinstance(refusal, PartsTaken | PartsViolated):
        form.form_errors.append(_("No such sequence is free in this time."))


def _seen(rows: list[Row], preview: Preview, zone: ZoneInfo) -> list[Part]:
    return [
        Part(
            row.name, period_text(outcome.period, zone),
            problem_text(outcome.problem, zone) if outcome.problem else "",
            period_text(outcome.problem.nearest, zone)
            if outcome.problem and outcome.problem.nearest else "",
            _why(row, outcome.period, zone) if outcome.problem else "",
        )
        for row, outcome in zip(rows, preview.outcomes, strict=True)
    ]  # fmt: skip


def _why(row: Row, period: Period, zone: ZoneInfo) -> str:
    return url_for(
        "explain.pool", pool_id=row.pool_id, start=local_text(period.start, zone),
        end=local_text(period.end, zone),
    )  # fmt: skip


def _problems(rows: list[Row], refusal: Refusal, zone: ZoneInfo) -> list[Part]:
    if not isinstance(refusal, PartsTaken | PartsViolated):
        return []
    return [
        Part(
            rows[p.position].name, period_text(p.period, zone), problem_text(p, zone),
            period_text(p.nearest, zone) if p.nearest else "",
            _why(rows[p.position], p.period, zone),
        )
        for p in refusal.problems
    ]  # fmt: skip


def _page(
    form: TogetherForm,
    rows: list[Row],
    seen: list[Part] | None = None,
    *,
    found: list[tuple[int, tuple[str, str]]] | None = None,
    searched: bool = False,
) -> str:
    return render_template(
        "reservations/together.html", form=form, rows=rows, seen=seen or [],
        found=[(key, named(*names)) for key, names in found or []], searched=searched,
        chain=form.mode.data == "chain", action=url_for("reservations.together"),
        formalities=_formalities(login.actor(), rows, clock.now()),
        ready=bool(seen) and not any(part.problem for part in seen or []),
        **_placeless(form, rows),
    )  # fmt: skip


def _placeless(form: TogetherForm, rows: list[Row]) -> dict[str, Any]:
    """Return what the page says instead of its form to who can book for nobody."""
    if not rows or form.party.choices:
        return {}
    actor, now = login.actor(), clock.now()
    pool = visible_pool(db.session(), actor, rows[0].pool_id, now)
    return {
        "placeless": why_no_place(actor, pool.zone, now),
        "pool_url": url_for("catalogue.pool", pool_id=pool.pool_id),
    }
