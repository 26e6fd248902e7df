"""Notices as those see them who write them: drafts, preview, publishing, withdrawing, history."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import Invalid, Stale
from booking.core.local import midnight
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.zones import zone_for
from booking.inventory.rules.terms import after_last, last_day, require_day
from booking.notices.forms import NoticeForm
from booking.notices.models import Notice
from booking.notices.queries import (
    Line,
    Where,
    lines_of,
    place_to_look,
    place_to_write,
    versions_of,
    visible_notice,
    written_at,
)
from booking.notices.rules import Wording
from booking.notices.services import (
    change_notice,
    draft_notice,
    publish_notice,
    withdraw_notice,
)
from booking.notices.views.base import blueprint
from booking.web.access import sees_park_pages, signed_in
from booking.web.arguments import id_of, page_number
from booking.web.lists import page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.paging import page_of
from booking.web.saving import Question, confirmed, errors_of, form_page, saved

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """A notice as its readers would see it, in both languages."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    must_read: bool


@blueprint.get("/park/notices")
@signed_in
def of_park() -> str:
    """List the park's notices, drafts and past ones too, for who writes them."""
    return _list(None, None)


@blueprint.get("/manage/labs/<int:lab_id>/notices")
@signed_in
def of_lab(lab_id: int) -> str:
    """List a lab's notices for who writes them."""
    return _list(lab_id, None)


@blueprint.get("/manage/pools/<int:pool_id>/notices")
@signed_in
def of_pool(pool_id: int) -> str:
    """List an instrument's notices for who writes them."""
    return _list(None, pool_id)


@blueprint.route("/manage/notices/new", methods=["GET", "POST"])
@signed_in
def new() -> Answer:
    """Write a notice for `?pool=` or `?lab=`, else for the park: looked at, kept or published."""
    lab_id, pool_id = id_of(request.args.get("lab")), id_of(request.args.get("pool"))
    where = place_to_write(db.session(), actor(), lab_id, pool_id)
    zone = zone_for(db.session(), [])
    form = NoticeForm(from_day=clock.now().astimezone(zone).date())
    if form.validate_on_submit() and (wording := _wording(form, zone)) is not None:
        if _do() == "preview":
            return _page(form, where, None, preview=_preview(form))
        key = saved(form, partial(_create, where=where, wording=wording, publish=_publishes()))
        if key is not None:
            return _done(where)
    return _page(form, where, None)


@blueprint.route("/manage/notices/<int:notice_id>", methods=["GET", "POST"])
@signed_in
def edit(notice_id: int) -> Answer:
    """Show a notice with its history, and change or publish it."""
    session, who = db.session(), actor()
    line = visible_notice(session, who, notice_id, clock.now())
    row, zone = line.notice, zone_for(session, [])
    where = place_to_look(session, who, row.lab_id, row.pool_id)
    form = NoticeForm(obj=row, from_day=row.from_at.astimezone(zone).date(),
                      until_day=last_day(row.until_at, zone) if row.until_at else None)  # fmt: skip
    if form.validate_on_submit() and (wording := _wording(form, zone)) is not None:
        if _do() == "preview":
            return _page(form, where, line, preview=_preview(form))
        change = partial(
            _change, notice_id=notice_id, revision=id_of(form.revision.data) or 0,
            wording=wording, publish=_publishes(),
        )  # fmt: skip
        try:
            if saved(form, change) is not None:
                return _done(where)
        except Stale as refusal:
            form.form_errors.append(text_of(refusal))
    return _page(form, where, line)


@blueprint.route("/manage/notices/<int:notice_id>/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(notice_id: int) -> Answer:
    """Ask, then take a notice back."""
    session, who = db.session(), actor()
    line = visible_notice(session, who, notice_id, clock.now())
    row = line.notice
    where = place_to_look(session, who, row.lab_id, row.pool_id)
    question = Question(
        title=_("Withdraw “%(title)s”?", title=named(row.title_zh, row.title_en)),
        text=_("Nobody is shown it any more, and nobody has to tick it. Its history stays here."),
        button=_("Withdraw"), back=url_for("notices.edit", notice_id=notice_id),
        done=_("The notice was withdrawn."), after=list_url(where), section="notices",
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: withdraw_notice(s, who, notice_id, now))


def list_url(where: Where) -> str:
    """Return the address of the list of a place's notices, for who writes them."""
    if where.kind == "pool":
        return url_for("notices.of_pool", pool_id=where.pool_id)
    if where.kind == "lab":
        return url_for("notices.of_lab", lab_id=where.lab_id)
    return url_for("notices.of_park")


def _list(lab_id: int | None, pool_id: int | None) -> str:
    session, who, now = db.session(), actor(), clock.now()
    where = place_to_look(session, who, lab_id, pool_id)
    page = page_of(session, written_at(where, who), page_number())
    return render_template(
        "notices/written.html", where=where, name=named(*where.names), page=page,
        lines=lines_of(page.items, now), page_url=page_url, zone=zone_for(session, []),
        may_edit=may(who, "notice.write", where.subject), plain=not sees_park_pages(who),
    )  # fmt: skip


def _do() -> str:
    return request.form.get("do", "")


def _publishes() -> bool:
    return _do() == "publish"


def _create(
    session: Session, who: Actor, now: datetime, *, where: Where, wording: Wording, publish: bool
) -> int:
    key = draft_notice(session, who, (where.lab_id, where.pool_id), wording, now)
    if publish:
        publish_notice(session, who, key, 1, now)
    return key


def _change(
    session: Session,
    who: Actor,
    now: datetime,
    *,
    notice_id: int,
    revision: int,
    wording: Wording,
    publish: bool,
) -> bool:
    change_notice(session, who, notice_id, revision, wording, now)
    if publish:
        publish_notice(session, who, notice_id, revision + 1, now)
    return True


def _done(where: Where) -> Response:
    flash(_("Published.") if _publishes() else _("Saved."), "success")
    return redirect(list_url(where))


def _wording(form: NoticeForm, zone: ZoneInfo) -> Wording | None:
    """Return what the form says; None, with the error at its field, for days of no year of ours."""
    first, last = form.from_day.data, form.until_day.data
    if first is None:
        return None
    try:
        require_day("from_day", first)
        require_day("until_day", last)
    except Invalid as refusal:
        errors_of(form, refusal.field).append(text_of(refusal))
        return None
    return Wording(
        form.title_zh.data or "", form.text_zh.data or "", midnight(first, zone),
        after_last(last, zone) if last is not None else None, form.title_en.data or "",
        form.text_en.data or "", bool(form.must_read.data),
    )  # fmt: skip


def _preview(form: NoticeForm) -> Preview:
    return Preview(
        form.title_zh.data or "", form.title_en.data or "", form.text_zh.data or "",
        form.text_en.data or "", bool(form.must_read.data),
    )  # fmt: skip


def _page(
    form: NoticeForm, where: Where, line: Line | None, preview: Preview | None = None
) -> tuple[str, int]:
    row: Notice | None = line.notice if line is not None else None
    history: list[Any] = versions_of(db.session(), row.id) if row is not None else []
    return form_page(
        "notices/edit.html", form, where=where, line=line, preview=preview, history=history,
        name=named(*where.names), back=list_url(where), zone=zone_for(db.session(), []),
        may_edit=may(actor(), "notice.write", where.subject), plain=not sees_park_pages(actor()),
    )  # fmt: skip
