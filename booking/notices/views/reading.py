"""Notices as readers see them: those that stand, past ones, one of them, and the tick."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import not_
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import Subject, may, may_look
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.models import Pool
from booking.inventory.queries.zones import zone_for
from booking.notices.queries import (
    lines_of,
    standing,
    unread_count,
    visible_notice,
    visible_notices,
)
from booking.notices.services import read_all_notices, read_notice
from booking.notices.views.base import blueprint
from booking.web.access import signed_in
from booking.web.arguments import id_of, page_number
from booking.web.links import safe_next
from booking.web.lists import page_url
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.saving import run


@blueprint.get("/notices")
@signed_in
def index() -> str:
    """List what stands, or with `?show=past` what is over, the newest first."""
    who, now, session = actor(), clock.now(), db.session()
    past = request.args.get("show") == "past"
    holds = standing(now)
    query = visible_notices(who, now).where(not_(holds) if past else holds)
    page = page_of(session, query, page_number())
    return render_template(
        "notices/index.html", page=page, lines=lines_of(page.items, now), past=past,
        unread=unread_count(session, who, now), page_url=page_url, zone=zone_for(session, []),
        write_url=_write_url(who),
    )  # fmt: skip


def _write_url(who: Actor) -> str | None:
    """Return where the reader writes notices: the park's, else those of a lab they manage."""
    if may_look(who, "notice.write"):
        return url_for("notices.of_park")
    lab_id = min(who.managed_lab_ids, default=None)
    return url_for("notices.of_lab", lab_id=lab_id) if lab_id is not None else None


@blueprint.get("/notices/<int:notice_id>")
@signed_in
def show(notice_id: int) -> str:
    """Show one notice, and ask for the tick that it was read."""
    who, now, session = actor(), clock.now(), db.session()
    line = visible_notice(session, who, notice_id, now)
    row = line.notice
    pool = session.get(Pool, row.pool_id) if row.pool_id is not None else None
    lab_id = pool.lab_id if pool is not None else row.lab_id
    return render_template(
        "notices/show.html", line=line, zone=zone_for(session, []),
        may_edit=may(who, "notice.write", Subject(lab_id=lab_id)),
        next=safe_next(request.args.get("next"), ""),
    )  # fmt: skip


@blueprint.post("/notices/<int:notice_id>/read")
@signed_in
def read(notice_id: int) -> Response:
    """Keep that the reader has read the version shown; then back to where they came from."""
    version = id_of(request.form.get("version"))
    run(lambda s, who, now: read_notice(s, who, notice_id, now, version))
    flash(_("Noted as read."), "success")
    return redirect(safe_next(request.form.get("next"), url_for("notices.index")))


@blueprint.post("/notices/read")
@signed_in
def read_all() -> Response:
    """Keep all that stands as read, but what asks for a tick of its own."""
    run(read_all_notices)
    flash(_("Noted as read. What must be read is ticked one by one."), "success")
    return redirect(url_for("notices.index"))
