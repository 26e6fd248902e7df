"""The inbox: what waits for a decision, and deciding it, one by one or several at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.accounts.rules import may
from booking.approvals.forms import RejectForm, chosen
from booking.approvals.queries import Free, free_beside, waiting, waiting_count
from booking.approvals.services import approve, reject
from booking.approvals.services import decide_group as decide_all
from booking.core.actor import Actor
from booking.core.errors import Busy, Forbidden, Invalid, NotFound, Refusal, Stale, WrongState
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.formalities import answers_of
from booking.reservations.queries.named import Named, named_in_order, units_named
from booking.web import login
from booking.web.access import signed_in
from booking.web.answer_words import answer_facts
from booking.web.arguments import id_of, page_number
from booking.web.formats import distance_text, instant_text, length_text, period_text
from booking.web.links import safe_next
from booking.web.locale import named
from booking.web.messages import text_of
from booking.web.paging import PER_PAGE, page_of
from booking.web.shell import NavItem, nav_item
from booking.web.wording import party_text, purpose_text, unit_text

blueprint = Blueprint("approvals", __name__)
SNIPPET = 80


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
    answers: list[tuple[str, str]]
    asked: datetime
    asked_text: str
    deadline: datetime
    deadline_text: str
    left_text: str
    urgent: bool
    free: Free | None


def nav(actor: Actor) -> list[NavItem]:
    """Return the inbox's entry with its count, for who decides on anything."""
    count = waiting_count(db.session(), actor, clock.now())
    return [] if count is None else [nav_item(_("Inbox"), "approvals.inbox", "inbox", count)]


@blueprint.get("/inbox")
@signed_in
def inbox() -> str:
    """Show what waits for the reader's decision, most urgent first, 50 a page."""
    actor, now, session = login.actor(), clock.now(), db.session()
    if waiting_count(session, actor, now) is None:
        raise NotFound("page")
    page = page_of(session, waiting(actor, now), page_number())
    return render_template(
        "approvals/inbox.html", items=_items([row.id for row in page.items], now), page=page,
        per_page=PER_PAGE, page_url=lambda number: url_for("approvals.inbox", page=number),
    )  # fmt: skip


@blueprint.post("/inbox/decide")
@signed_in
def decide() -> Response | str | tuple[str, int]:
    """Approve or reject what is chosen, each in its own transaction; tell each result."""
    actor, now = login.actor(), clock.now()
    one = request.form.get("approve") or request.form.get("reject")
    items = chosen([one] if one else request.form.getlist("item"))
    rejecting = "reject" in request.form or request.form.get("do") == "reject"
    approving = "approve" in request.form or request.form.get("do") == "approve"
    if not items or rejecting == approving:
        flash(_("Nothing was chosen."), "warning")
        return redirect(_back())
    form = RejectForm()
    reason = form.reason.data
    if rejecting and (not reason or not form.validate()):
        return _ask_reason(actor, items, form)
    results: Counter[str] = Counter()
    for reservation_id, version in items:
        results[_decided(actor, reservation_id, version, reason if rejecting else None, now)] += 1
    _tell(results, rejecting=rejecting)
    return redirect(_back())


@blueprint.post("/reservation-groups/<int:group_id>/decide")
@signed_in
def decide_group(group_id: int) -> Response:
    """Approve or reject all of a group that waits for the reader, as one decision."""
    actor, now = login.actor(), clock.now()
    rejecting, reason = request.form.get("do") == "reject", request.form.get("reason", "")
    version = id_of(request.form.get("version"))
    try:
        count = write(
            lambda s: decide_all(s, actor, group_id, now, reason, version, rejecting=rejecting)
        )
    except (Invalid, WrongState, Stale) as refusal:
        flash(text_of(refusal), "warning")
    else:
        _tell(Counter({"done": count}), rejecting=rejecting)
    return redirect(url_for("reservations.group", group_id=group_id))


def _decided(
    actor: Actor, reservation_id: int, version: int, reason: str | None, now: datetime
) -> str:
    """Return `done`, or why this one was not decided, in the reader's language."""
    try:
        if reason is None:
            write(lambda s: approve(s, actor, reservation_id, now, expected_version=version))
        else:
            write(lambda s: reject(s, actor, reservation_id, reason, now, version))
    except (WrongState, Stale, Forbidden, NotFound, Busy) as refusal:
        return _why_not(refusal)
    return "done"


def _why_not(refusal: Refusal) -> str:
    if isinstance(refusal, Stale):
        return _("changed meanwhile: look at it again")
    if isinstance(refusal, WrongState):
        return {
            "already_decided": _("was already decided"),
            "already_cancelled": _("was already cancelled"),
            "already_expired": _("had expired"),
        }.get(refusal.code, text_of(refusal))
    return text_of(refusal)


def _tell(results: Counter[str], *, rejecting: bool) -> None:
    done = results.pop("done", 0)
    if done and rejecting:
        flash(ngettext("%(num)s rejected.", "%(num)s rejected.", done), "success")
    elif done:
        flash(ngettext("%(num)s approved.", "%(num)s approved.", done), "success")
    for why, count in results.items():
        flash(_("%(count)s not decided: %(why)s", count=count, why=why), "warning")


def _ask_reason(
    actor: Actor, items: Sequence[tuple[int, int]], form: RejectForm
) -> str | tuple[str, int]:
    """Return the page that asks for the reason; refused when it came from there without one."""
    found = [
        item
        for item in named_in_order(db.session(), [key for key, _version in items])
        if may(actor, "reservation.decide", item.subject)
    ]
    if not found:
        raise NotFound("reservation")
    sent = "reason" in request.form
    if sent and not form.reason.errors:
        form.reason.errors = [_("Please give a reason.")]
    page = render_template(
        "approvals/reject.html", form=form, back=_back(), next=request.form.get("next", ""),
        items=[f"{key}:{version}" for key, version in items],
        lines=[_reject_line(item) for item in found],
    )  # fmt: skip
    return (page, 422) if sent else page


def _reject_line(item: Named) -> str:
    period = item.asked or item.period
    parts = (item.person, party_text(item.party), named(*item.pool), period_text(period, item.zone))
    return " · ".join(part for part in parts if part)


def _items(ids: list[int], now: datetime) -> list[Item]:
    session = db.session()
    units, free = units_named(session, ids), free_beside(session, ids)
    answers = answers_of(session, ids)
    return [
        _item(
            found,
            ", ".join(unit_text(unit) for unit in units.get(found.row.id, [])),
            free.get(found.row.id),
            answer_facts(answers.get(found.row.id, [])),
            now,
        )
        for found in named_in_order(session, ids)
    ]


def _item(
    found: Named, units: str, free: Free | None, answers: list[tuple[str, str]], now: datetime
) -> Item:
    row, change, zone = found.row, found.change, found.zone
    period: Period = found.asked or found.period
    asked = change.created_at if change else row.created_at
    deadline = (change.expires_at if change else row.decide_by) or row.start_at
    quantity = change.quantity if change else row.quantity
    return Item(
        item=f"{row.id}:{row.version}",
        url=url_for("reservations.show", reservation_id=row.id),
        who=found.person,
        party=party_text(found.party),
        what=named(*found.pool),
        units=f"{quantity} × {units}" if quantity > 1 else units,
        when=period_text(period, zone),
        length=length_text(period.minutes),
        was=period_text(found.period, zone) if change else "",
        purpose=purpose_text(row.purpose),
        note=row.note if len(row.note) <= SNIPPET else row.note[: SNIPPET - 1] + "…",
        exception=change.override_reason if change else row.override_reason,
        answers=answers,
        asked=asked,
        asked_text=distance_text(asked, now),
        deadline=deadline,
        deadline_text=instant_text(deadline, zone),
        left_text=distance_text(deadline, now),
        urgent=(deadline - now).total_seconds() < 4 * 3600,
        free=free,
    )


def _back() -> str:
    return safe_next(request.form.get("next"), url_for("approvals.inbox"))
