"""Deciding by the link in a mail: a page that asks, a form that decides, once.

The link stands in for the password. Whoever signs in with a second factor, or has to, proves it
here by a code, or signs in first.
"""

from datetime import datetime

from flask import current_app, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.queries.factors import Ways, ways_of
from booking.accounts.queries.requiring import proves_twice
from booking.accounts.rules.permissions import may
from booking.accounts.services.factors import use_any_code
from booking.approvals.forms.deciding import LinkForm
from booking.approvals.queries.asked import Question, question_of
from booking.approvals.services.deciding import approve, reject
from booking.approvals.views.inbox import blueprint
from booking.audit.services import record
from booking.core.errors import Forbidden, Invalid, NotFound, Stale, TooMany, WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.web import login
from booking.web.factors import kind_of, tried
from booking.web.formats import instant_text, length_text, period_text
from booking.web.locale import named
from booking.web.messages import text_of
from booking.web.wording import party_text, purpose_told

Answer = Response | str | tuple[str, int]


@blueprint.route("/decide/<token>", methods=["GET", "POST"])
def by_link(token: str) -> Answer:
    """Show what the link asks; POST approves or rejects it in its person's name."""
    if not current_app.config["DECIDE_BY_MAIL"]:
        raise NotFound("page")
    reader, now = login.optional_actor(), clock.now()
    asked = question_of(db.session(), token, reader.user_id if reader else None, now)
    ways = _lacking(asked) if reader is None else None
    form, status = LinkForm(), None
    if form.is_submitted():
        status = _decided(form, asked, ways, now)
        if status is None:
            done = _("Approved.") if form.do.data == "approve" else _("Rejected.")
            return render_template("approvals/decided.html", done=done, facts=_facts(asked))
    page = render_template("approvals/by_link.html", form=form, asked=asked, facts=_facts(asked),
                           signed_in=reader is not None, ways=ways, here=request.path)  # fmt: skip
    return page, status or 200


def _lacking(asked: Question) -> Ways | None:
    """Return by what the link's person can prove the second factor; None: none is asked for."""
    session, actor = db.session(), asked.actor
    return ways_of(session, actor.user_id) if proves_twice(session, actor) else None


def _decided(form: LinkForm, asked: Question, ways: Ways | None, now: datetime) -> int | None:
    """Decide as the form says; None when done, else the status of the page with its errors."""
    approving = form.do.data == "approve"
    reason, typed = form.reason.data or "", (form.code.data or "").strip()
    if not approving and not reason:
        form.reason.errors = [_("Please give a reason.")]
    elif ways is not None and not typed:
        form.code.errors = [_("Please type a code, or sign in.")]
    elif form.validate():
        return _written(form, asked, reason, typed if ways is not None else None, now)
    return 422


def _written(
    form: LinkForm, asked: Question, reason: str, typed: str | None, now: datetime
) -> int | None:
    approving, user_id = form.do.data == "approve", asked.actor.user_id

    def work(session: Session) -> None:
        if typed is not None:  # used up with the decision it is for, or not at all
            use_any_code(session, user_id, typed, now)
        _decide(session, asked, reason, now, approving=approving)

    try:
        if typed is None:
            write(work)
        else:
            tried(user_id, kind_of(typed), lambda: write(work))
    except TooMany as refusal:
        form.code.errors = [text_of(refusal)]
        return 429
    except Invalid as refusal:
        field = form.code if refusal.field == "code" else form.reason
        field.errors = [text_of(refusal)]
        return 422
    except (WrongState, Stale, Forbidden) as refusal:
        raise NotFound("page") from refusal
    return None


def _decide(
    session: Session, asked: Question, reason: str, now: datetime, *, approving: bool
) -> None:
    """Decide in the name of the link's person; the record says that it was by the link."""
    actor, row_id = asked.actor, asked.found.row.id
    if approving:
        approve(session, actor, row_id, now, reason, asked.version)
    else:
        reject(session, actor, row_id, reason, now, asked.version)
    record(session, actor, "decision.by_link", ("reservation", row_id), now)


def _facts(asked: Question) -> list[tuple[str, str]]:
    found, row, zone = asked.found, asked.found.row, asked.found.zone
    period = found.asked or found.period
    facts = [
        (_("Instrument"), named(*found.pool)),
        (_("When"), f"{period_text(period, zone)} ({length_text(period.minutes)})"),
        (_("Person"), found.person),
        (_("On behalf of"), party_text(found.party)),
        (_("Purpose"), purpose_told(found, asked.actor)),
    ]
    if found.change is not None:
        facts.insert(1, (_("Now"), period_text(found.period, zone)))
    if row.note and may(asked.actor, "reservation.read_note", found.subject):
        facts.append((_("Note"), row.note))
    deadline = found.change.expires_at if found.change is not None else row.decide_by
    if deadline is not None:
        facts.append((_("Decide by"), instant_text(deadline, zone)))
    return facts
