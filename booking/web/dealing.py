"""Pages that ask what becomes of the reservations that are hit, then do what hits them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.core.actor import Actor
from booking.core.errors import Invalid, Violation, WrongState
from booking.core.text import many_lines
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.models import Reservation
from booking.reservations.queries.affected import MOST_SHOWN, Affected, affected
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.going_along import misfits
from booking.reservations.rules.dealing import KEEP, Dealing
from booking.reservations.services.dealing import Dealt, Gone
from booking.web.access import sees_park_pages
from booking.web.arguments import id_of
from booking.web.login import actor
from booking.web.messages import text_of, violation_text
from booking.web.saving import Question, errors_of, run
from booking.web.wording import unit_text

T = TypeVar("T")
# A use case that ends something, given what was decided for the reservations it hits.
Ending = Callable[[Session, Actor, datetime, Dealing], T]
PREFIX = "fate-"


@dataclass(frozen=True, slots=True)
class Shown:
    """The reservations of one page that are hit, and what has been chosen so far."""

    rows: Sequence[Affected]
    count: int
    dealing: Dealing
    reason_error: str = ""
    goes_along: bool = False  # what is kept goes to another group with its unit
    misfits: Mapping[int, Sequence[Violation]] = field(default_factory=dict)
    new: bool = False  # shown for the first time, after something else was sent
    unnamed: bool = False  # whose they are is not the reader's to know

    @property
    def rest(self) -> str | None:
        """Return what was chosen for those not shown."""
        return self.dealing.rest

    @property
    def reason(self) -> str:
        """Return the reason typed."""
        return self.dealing.reason

    def chosen(self, one: Affected) -> str | None:
        """Return what was chosen, else what is proposed."""
        proposed = None if one.fate == KEEP and self.stays_out(one) else one.fate
        return self.dealing.fates.get(one.found.row.id, proposed)

    def stays_out(self, one: Affected) -> str:
        """Return why a reservation cannot go along with its unit; empty where it can."""
        broken = self.misfits.get(one.found.row.id, ())
        return " ".join(violation_text(violation, one.found.zone) for violation in broken)

    def to(self, one: Affected) -> str:
        """Return the units a reservation could have instead, in words."""
        return _(", ").join(unit_text(unit) for unit in one.places)


def decided() -> Dealing:
    """Return what the form says about each reservation."""
    fates = {}
    for name, fate in request.form.items():
        key = id_of(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
        if key is not None and fate:
            fates[key] = fate
    reason = many_lines(request.form.get("reason", ""))
    return Dealing(fates, request.form.get("rest") or None, reason)


def shown(
    gones: Sequence[Gone],
    dealing: Dealing,
    now: datetime,
    error: str = "",
    otherwise: str | None = None,
    *,
    unnamed: bool = False,
) -> Shown | None:
    """Return what is hit as the page shows it, None for nothing."""
    found = [
        one
        for gone in gones
        for one in affected(
            db.session(), gone.pool_id, gone.where, gone.units, now, otherwise=otherwise
        )
    ]
    rows = list({one.found.row.id: one for one in found}.values())
    if not rows:
        return None
    along = any(gone.goes_along for gone in gones)
    broken = _misfits(gones, rows[:MOST_SHOWN], now)
    new = request.method == "POST" and not _answered()
    return Shown(rows[:MOST_SHOWN], len(rows), dealing, error, along, broken, new, unnamed)


def why_not(refusal: WrongState | Invalid) -> str:
    """Return why it is not done, in words; nothing while who is hit is shown the first time."""
    if refusal.code != "has_live_reservations":
        return text_of(refusal)
    return _("Choose for each of them what becomes of it.") if _answered() else ""


def _answered() -> bool:
    """Return whether the form that was sent showed the reservations already."""
    return any(name.startswith(PREFIX) for name in request.form)


def _misfits(
    gones: Sequence[Gone], rows: Sequence[Affected], now: datetime
) -> dict[int, tuple[Violation, ...]]:
    """Return what the rows would break in the pool they would go to with their unit."""
    session, found = db.session(), {}
    for gone in gones:
        pool = pool_facts(session, [gone.into]).get(gone.into) if gone.into is not None else None
        if pool is not None:
            ids = [one.found.row.id for one in rows]
            query = select(Reservation).where(Reservation.id.in_(ids), gone.where)
            going = session.scalars(query.order_by(Reservation.id)).all()
            found.update(misfits(session, going, pool, len(gone.units), now))
    return found


def ended(
    question: Question,
    work: Ending[object],
    gone: Callable[[Session], Sequence[Gone]],
    form: FlaskForm | None = None,
    otherwise: str | None = None,
    *,
    unnamed: bool = False,
) -> Response | tuple[str, int]:
    """Show who is hit and ask; on POST run `work` as decided and lead on, or say what is missing.

    `form` is what else is asked: what is hit depends on it, so it is shown once that is known.
    `otherwise` is proposed for what cannot move; None: somebody must choose. `unnamed`: the
    reader learns when something is booked, not by whom.
    """
    now, dealing = clock.now(), decided()
    refusal: WrongState | Invalid | None = None
    posted = request.method == "POST"
    fit = form is None or (posted and form.validate())
    if posted and fit:
        try:
            done = run(lambda s, who, at: work(s, who, at, dealing))
        except (WrongState, Invalid) as error:
            refusal = error
            if form is not None and isinstance(error, Invalid) and error.field in form:
                errors_of(form, error.field).append(text_of(error))
                fit = False  # what is hit depends on what has to be mended first
        else:
            flash(_done(question, done), "success")
            return redirect(question.after)
    by_reason = isinstance(refusal, Invalid) and refusal.field == "reason"
    hit = None
    if fit and (refusal is None or refusal.code != "retired"):
        why = text_of(refusal) if refusal is not None and by_reason else ""
        hit = shown(gone(db.session()), dealing, now, why, otherwise, unnamed=unnamed)
    page = render_template(
        "park/confirm.html", question=question, form=form, plain=not sees_park_pages(actor()),
        refused=_refused(refusal, hit) if refusal and not (form and form.errors) else None,
        reservations=(), affected=hit,
    )  # fmt: skip
    if refusal is None:
        return page, 422 if form and form.errors else 200
    return page, 422 if isinstance(refusal, Invalid) else 409


def _refused(refusal: WrongState | Invalid, hit: Shown | None) -> str:
    return why_not(refusal) if hit is not None else text_of(refusal)


def dealt_text(dealt: Dealt) -> str:
    """Return what became of reservations in a sentence; empty where none was hit."""
    parts = []
    if dealt.moved:
        parts.append(ngettext("%(num)s moved", "%(num)s moved", dealt.moved))
    if dealt.kept:
        parts.append(ngettext("%(num)s kept", "%(num)s kept", dealt.kept))
    if dealt.cancelled:
        parts.append(ngettext("%(num)s cancelled", "%(num)s cancelled", dealt.cancelled))
    return _("Reservations: %(what)s.", what=_(", ").join(parts)) if parts else ""


def _done(question: Question, done: object) -> str:
    told = dealt_text(done) if isinstance(done, Dealt) else ""
    return f"{question.done} {told}".strip()
