"""Reports about a unit: fault reports and calibration certificates, given and handed out."""

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.errors import Invalid
from booking.infra.db import db
from booking.infra.storage.kinds import PDF, PICTURES
from booking.reservations.forms.reports import REPORTS, ReportForm
from booking.reservations.queries.reports import reported_unit, visible_report, visible_reports
from booking.reservations.services.reports import KINDS, add_report, drop_report
from booking.reservations.views.base import blueprint
from booking.web.access import signed_in
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.saving import errors_of, form_page, run, saved
from booking.web.uploads import download, keep, received
from booking.web.wording import unit_text

FILES = (PDF, *PICTURES)
MOST_BYTES = 5 * 1024**2


@blueprint.route("/units/<int:unit_id>/reports", methods=["GET", "POST"])
@signed_in
def reports(unit_id: int) -> Response | tuple[str, int]:
    """Show the reports about a unit, and keep another."""
    form = ReportForm()
    if not form.is_submitted():
        kind = request.args.get("kind", "")
        return _page(unit_id, ReportForm(None, kind=kind if kind in KINDS else KINDS[0]))
    reported_unit(db.session(), actor(), unit_id)  # before a file is kept
    if form.validate() and _saved(form, unit_id) is not None:
        flash(_("Saved."), "success")
        return redirect(url_for("reservations.reports", unit_id=unit_id))
    return _page(unit_id, form)


@blueprint.get("/unit-reports/<int:report_id>")
@signed_in
def report_file(report_id: int) -> FlaskResponse:
    """Answer the file of a report, always as a download."""
    return download(visible_report(db.session(), actor(), report_id).file_id)


@blueprint.post("/unit-reports/<int:report_id>/drop")
@signed_in
def no_report(report_id: int) -> Response:
    """Take a report away, with its file."""
    unit_id = run(lambda s, who, now: drop_report(s, who, report_id, now))
    flash(_("Removed."), "success")
    return redirect(url_for("reservations.reports", unit_id=unit_id))


def _saved(form: ReportForm, unit_id: int) -> int | None:
    """Return the report's id; None, with why on the form, where it is refused."""
    kind, note = form.kind.data or "", form.note.data or ""
    try:
        file = received(form.file.data, FILES, MOST_BYTES)
    except Invalid as refusal:
        errors_of(form, "file").append(text_of(refusal))
        return None
    file_id = keep(file, actor().user_id)
    return saved(form, lambda s, who, now: add_report(s, who, unit_id, kind, note, file_id, now))


def _page(unit_id: int, form: ReportForm) -> tuple[str, int]:
    at, found = visible_reports(db.session(), actor(), unit_id)
    return form_page(
        "reservations/reports.html", form, title=unit_text(at.unit), unit_id=unit_id,
        pool=at.pool, reports=found, may_add=at.may_add, may_drop=at.may_drop,
        kinds={option.value: option.label for option in REPORTS}, zone=at.pool.zone,
    )  # fmt: skip
