"""The bundle: instruments put together, looked at, and led to the form that books them as one."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.core.errors import WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.queries.cards import cards
from booking.inventory.queries.comparing import visible_bundle
from booking.inventory.services.bundles import add_to_bundle, take_from_bundle
from booking.inventory.views.catalogue import blueprint
from booking.reservations.rules.groups import MOST_PARTS
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.messages import text_of


@blueprint.get("/bundle")
@signed_in
def bundle() -> str:
    """Show what the reader has put together."""
    who, now, session = login.actor(), clock.now(), db.session()
    ids, hidden = visible_bundle(session, who, now)
    found = cards(session, who, ids, now)
    bookable = [card.pool_id for card in found if card.in_service]
    return render_template(
        "inventory/bundle.html", cards=found, hidden=hidden, now=now, bookable=bookable,
        most=MOST_PARTS, together_url=url_for("reservations.together", pool_id=bookable),
    )  # fmt: skip


@blueprint.post("/bundle/add")
@signed_in
def add() -> Response:
    """Put the pools ticked into the reader's bundle, or lead to their comparison."""
    ids = [key for text in request.form.getlist("pools")[:MOST_PARTS] if (key := id_of(text))]
    if request.form.get("do") == "compare":
        return redirect(url_for("catalogue.compare", pools=",".join(map(str, ids))))
    if not ids:
        flash(_("Tick at least one instrument."), "warning")
        return redirect(url_for("catalogue.pools"))
    who, now = login.actor(), clock.now()
    try:
        new = write(lambda session: add_to_bundle(session, who, ids, now))
    except WrongState as refusal:
        flash(text_of(refusal), "warning")
        return redirect(url_for("catalogue.bundle"))
    told = ngettext("%(num)s instrument added.", "%(num)s instruments added.", new)
    flash(told if new else _("It is in your bundle already."), "success")
    return redirect(url_for("catalogue.bundle"))


@blueprint.post("/bundle/take")
@signed_in
def take() -> Response:
    """Take one pool out of the bundle; without one, all."""
    pool_id = id_of(request.form.get("pool_id"))
    who, chosen = login.actor(), None if pool_id is None else [pool_id]
    write(lambda session: take_from_bundle(session, who, chosen))
    return redirect(url_for("catalogue.bundle"))
