"""The operator's pages for importing units: give a file, look, map, confirm."""

import json
from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.errors import Invalid
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.forms.imports import LONGEST_LAB, LONGEST_SITE, ImportForm
from booking.inventory.models import ImportBatch
from booking.inventory.queries.batches import WAITING, batch_at, batches, kept_sheet, party_names
from booking.inventory.rules.batches import Column, Summary, bare_columns, options_of, summary_of
from booking.inventory.rules.columns import UNIT_WORDS
from booking.inventory.rules.rows import Problem
from booking.inventory.services.batches import confirm_batch, map_columns, upload_batch
from booking.web import login
from booking.web.access import park_permission
from booking.web.messages import message, text_of
from booking.web.paging import page_of

blueprint = Blueprint("imports", __name__, url_prefix="/park/imports")
PER_PAGE = 20


@blueprint.route("", methods=["GET", "POST"])
@park_permission("inventory.import")
def list_batches() -> Response | tuple[str, int]:
    """List the imports and take a new file; it is read by a job, not here."""
    form = ImportForm()
    if form.validate_on_submit():
        try:
            batch_id = _upload(form)
        except Invalid as refusal:
            at = refusal.field if refusal.field in form else "file"
            form[at].errors = [text_of(refusal)]
        else:
            return redirect(url_for("imports.batch", batch_id=batch_id))
    number = request.args.get("page", 1, type=int)
    page = page_of(db.session(), batches(), number, PER_PAGE)
    names = party_names(db.session())
    html = render_template(
        "inventory/import_list.html", form=form, page=page, names=names, page_url=_page_url,
        states=_states(),
    )  # fmt: skip
    return html, 422 if form.errors else 200


@blueprint.get("/<int:batch_id>")
@park_permission("inventory.import")
def batch(batch_id: int) -> str:
    """Show how far an import is: being read, its preview, its result, or what was wrong."""
    row = batch_at(db.session(), batch_id)
    shown = summary_of(row.preview) if row.preview else None
    return render_template(
        "inventory/import_batch.html",
        batch=row,
        waiting=row.state in WAITING,
        shown=shown,
        options=options_of(row.options),
        columns=_columns(row, shown),
        fields=_fields(),
        names=party_names(db.session()),
        error=_error(row),
        reason=_reason,
    )


@blueprint.post("/<int:batch_id>/mapping")
@park_permission("inventory.import")
def mapping(batch_id: int) -> Response:
    """Take the fields chosen for the columns and have the file previewed anew."""
    labels = request.form.getlist("label")
    chosen = dict(zip(labels, request.form.getlist("field"), strict=False))
    site = request.form.get("site", type=lambda text: text[:LONGEST_SITE])
    lab = request.form.get("lab", type=lambda text: text[:LONGEST_LAB])
    write(lambda session: map_columns(session, batch_id, chosen, site, lab))
    return redirect(url_for("imports.batch", batch_id=batch_id))


@blueprint.post("/<int:batch_id>/confirm")
@park_permission("inventory.import")
def confirm(batch_id: int) -> Response:
    """Have the previewed units imported, once."""
    who, now = login.actor(), clock.now()
    write(lambda session: confirm_batch(session, who, batch_id, now))
    flash(_("The import has begun."), "success")
    return redirect(url_for("imports.batch", batch_id=batch_id))


def _upload(form: ImportForm) -> int:
    given = form.file.data
    if not hasattr(given, "read"):
        raise Invalid("import_file_missing", field="file")
    name = (given.filename or "").strip() or "file"
    content, options = given.read(), form.options()
    who, now = login.actor(), clock.now()
    keep = timedelta(hours=current_app.config["IMPORT_KEEP_HOURS"])
    return write(lambda s: upload_batch(s, who, name, content, options, keep, now))


def _page_url(number: int) -> str:
    return url_for("imports.list_batches", page=number)


def _columns(row: ImportBatch, shown: Summary | None) -> tuple[Column, ...]:
    """Return the columns that can be mapped now; none once it is confirmed or was never read."""
    if row.state == "previewed" and shown:
        return shown.columns
    sheet = kept_sheet(db.session(), row.id) if row.state == "failed" else None
    return bare_columns(sheet) if sheet else ()


def _error(row: ImportBatch) -> str | None:
    if not row.error:
        return None
    code, parameters = json.loads(row.error)
    return message(code, parameters)


def _reason(problem: Problem) -> str:
    return message(problem.code, dict(problem.parameters))


def _states() -> dict[str, tuple[str, str]]:
    """Return each state's colour and word."""
    reading = ("info", _("Being read"))
    return {
        "uploaded": reading,
        "parsing": reading,
        "previewed": ("warn", _("To be confirmed")),
        "applying": ("info", _("Being imported")),
        "applied": ("good", _("Imported")),
        "failed": ("bad", _("Cannot be read")),
        "expired": ("", _("Expired")),
    }


def _fields() -> list[tuple[str, str]]:
    """Return the fields a column can be given, with their labels."""
    labels = {
        "asset_no": _("Asset number"), "serial": _("Serial number"), "name_en": _("English name"),
        "name": _("Name"), "manufacturer": _("Manufacturer"), "model": _("Model"),
        "category": _("Category"), "state": _("State"), "site": _("Site"), "lab": _("Lab"),
        "place": _("Place"), "commissioned_on": _("In use since"), "value": _("Original value"),
        "customs": _("Customs supervision"), "kind": _("Kind"),
        "description": _("Description"), "specifications": _("Specifications"),
    }  # fmt: skip
    return [(name, labels[name]) for name in UNIT_WORDS]
