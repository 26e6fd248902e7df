"""The inbox: what waits for a decision, and deciding it, one by one or several at once."""

from collections import Counter
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.approvals.forms.deciding import Chosen, RejectForm, chosen
from booking.approvals.queries.inbox import waiting, waiting_count, waiting_of_groups
from booking.approvals.services.deciding import approve, reject
from booking.approvals.services.deciding import decide_group as decide_all
from booking.approvals.views.lines import items_of
from booking.companies.queries.reasons import reasons_of
from booking.core.actor import Actor
from booking.core.errors import Busy, Forbidden, Invalid, NotFound, Refusal, Stale, WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.named import Named, named_in_order
from booking.reservations.queries.steps import decides, waiting_steps
from booking.reservations.rules.proposal import MAX_NOTE
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of, page_number
from booking.web.formats import period_text
from booking.web.links import safe_next
from booking.web.locale import named
from booking.web.messages import text_of
from booking.web.paging import PER_PAGE, page_of
from booking.web.reasons import chosen_reason, with_chosen
from booking.web.shell import NavItem, nav_item
from booking.web.wording import party_text

blueprint = Blueprint("approvals", __name__)
MOST_NAMED = 6  # what is told after a redirect travels in a cookie of 4 kB


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
    items = items_of(actor, [row.id for row in page.items], now)
    return render_template(
        "approvals/inbox.html", items=items, page=page, per_page=PER_PAGE,
        page_url=lambda number: url_for("approvals.inbox", page=number),
    )  # fmt: skip


@blueprint.post("/inbox/decide")
@signed_in
def decide() -> Response | str | tuple[str, int]:
    """Approve or reject what is chosen, each in its own transaction; tell each result."""
    actor, now = login.actor(), clock.now()
    one = request.form.get("approve") or request.form.get("reject")
    some = [*request.form.getlist("item"), *request.form.getlist("part")]
    picked = chosen([one] if one else some)
    rejecting = "reject" in request.form or request.form.get("do") == "reject"
    approving = "approve" in request.form or request.form.get("do") == "approve"
    if not picked or rejecting == approving:
        flash(_("Nothing was chosen."), "warning")
        return redirect(_back())
    form = RejectForm()
    reason = with_chosen(form.reason.data)
    if rejecting and (not 0 < len(reason) <= MAX_NOTE or not form.validate()):
        return _ask_reason(actor, picked, form)
    results: Counter[str] = Counter()
    why = reason if rejecting else None
    refused: dict[str, list[int]] = {}
    for group_id, version in picked.groups:
        results.update(_decided_group(actor, group_id, version, why, now))
    for reservation_id, version in picked.items:
        result = _decided(actor, reservation_id, version, why, now)
        results[result] += 1
        refused.setdefault(result, []).append(reservation_id)
    _tell(results, _refused_lines(actor, refused), rejecting=rejecting)
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
        _tell(Counter({"done": count}), {}, rejecting=rejecting)
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


def _decided_group(
    actor: Actor, group_id: int, version: int, reason: str | None, now: datetime
) -> dict[str, int]:
    """Return how many of a group were decided as one, under `done`; or why it was not."""
    rejecting = reason is not None
    try:
        return {
            "done": write(
                lambda s: decide_all(
                    s, actor, group_id, now, reason or "", version, rejecting=rejecting
                )
            )
        }
    except (WrongState, Stale, Forbidden, NotFound, Busy) as refusal:
        return {_why_not(refusal): 1}


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


def _refused_lines(actor: Actor, refused: dict[str, list[int]]) -> dict[str, list[str]]:
    """Return the first of what was not decided, in words by reason; nothing foreign."""
    ids = [key for why, keys in refused.items() if why != "done" for key in keys][:MOST_NAMED]
    if not ids:
        return {}
    lines = {
        found.row.id: _reject_line(found)
        for found in named_in_order(db.session(), ids)
        if may(actor, "reservation.read", found.subject)
    }
    return {why: [lines[key] for key in keys if key in lines] for why, keys in refused.items()}


def _tell(results: Counter[str], refused: dict[str, list[str]], *, rejecting: bool) -> None:
    done = results.pop("done", 0)
    if done and rejecting:
        flash(ngettext("%(num)s rejected.", "%(num)s rejected.", done), "success")
    elif done:
        flash(ngettext("%(num)s approved.", "%(num)s approved.", done), "success")
    for why, count in results.items():
        text = _("%(count)s not decided: %(why)s", count=count, why=why)
        lines = refused.get(why, [])
        if lines:
            text += _(
                " (%(which)s)", which=_("; ").join(lines) + ("; …" if len(lines) < count else "")
            )
        flash(text, "warning")


def _ask_reason(actor: Actor, picked: Chosen, form: RejectForm) -> str | tuple[str, int]:
    """Return the page that asks for the reason; refused when it came from there without one."""
    ids = _all_of(actor, picked)
    turns = waiting_steps(db.session(), ids)
    found = [
        item
        for item in named_in_order(db.session(), ids)
        if decides(actor, item.subject, turns.get(item.row.id))
    ]
    if not found:
        raise NotFound("reservation")
    sent = "reason" in request.form
    if sent and not form.reason.errors:
        long = text_of(Invalid("too_long_text", limit=MAX_NOTE))
        form.reason.errors = [long if form.reason.data else _("Please give a reason.")]
    page = render_template(
        "approvals/reject.html", form=form, back=_back(), next=request.form.get("next", ""),
        items=picked.values, chosen=chosen_reason(),
        reasons=reasons_of(db.session(), (item.subject.lab_id for item in found)),
        lines=[_reject_line(item) for item in found],
    )  # fmt: skip
    return (page, 422) if sent else page


def _all_of(actor: Actor, picked: Chosen) -> list[int]:
    """Return the ids of all reservations chosen, those of groups too."""
    keys, now = [key for key, _version in picked.groups], clock.now()
    groups = waiting_of_groups(db.session(), actor, keys, now) if keys else {}
    of_groups = [key for group in groups.values() for key in group.reservation_ids]
    return [*of_groups, *(key for key, _version in picked.items)]


def _reject_line(item: Named) -> str:
    period = item.asked or item.period
    parts = (item.person, party_text(item.party), named(*item.pool), period_text(period, item.zone))
    return " · ".join(part for part in parts if part)


def _back() -> str:
    return safe_next(request.form.get("next"), url_for("approvals.inbox"))
