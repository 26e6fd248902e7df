"""The calendar's pages: days of a year, the park's and a site's; loading, importing, mending."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.companies.models import Site
from booking.companies.queries.lists import one
from booking.core.errors import Invalid, NotFound
from booking.infra import clock
from booking.infra.db import db
from booking.infra.holidays_cn import FIRST_YEAR, LAST_YEAR, days_of, source
from booking.infra.sheets.limits import limits_of
from booking.infra.sheets.read import read_sheets
from booking.policies.forms.calendar import KIND_LABELS, DayForm, DaysForm
from booking.policies.models import CalendarDay
from booking.policies.queries.calendar import days_of_year, known_until, years_known
from booking.policies.rules.calendar_text import Entry, read_rows, read_text
from booking.policies.services.calendar import DayFields, put_days, remove_day
from booking.web.access import park_permission
from booking.web.lists import asked_id
from booking.web.messages import text_of
from booking.web.saving import form_page, run, saved

blueprint = Blueprint("calendar", __name__)
Answer = Response | str | tuple[str, int]
AHEAD = 2  # years loaded after this one


@blueprint.route("/park/calendar", methods=["GET", "POST"])
@park_permission("park.edit")
def park() -> Answer:
    """Show a year of the park's calendar; POST writes one day."""
    return _calendar(None)


@blueprint.route("/park/sites/<int:site_id>/calendar", methods=["GET", "POST"])
@park_permission("park.edit")
def site(site_id: int) -> Answer:
    """Show where a site's calendar differs from the park's; POST writes one day."""
    return _calendar(site_id)


@blueprint.post("/park/calendar/load")
@park_permission("park.edit")
def load() -> Response:
    """Load what the package knows of this year and the next two; typed days stay."""
    this = clock.now().year
    days = [day for year in range(this, this + AHEAD + 1) for day in seed(year)]
    changed = run(lambda s, who, now: put_days(s, who, None, days, now, keeps_typed=True))
    flash(ngettext("%(num)s day was changed.", "%(num)s days were changed.", changed), "success")
    return redirect(url_for("calendar.park"))


@blueprint.route("/park/calendar/import", methods=["GET", "POST"])
@park_permission("park.edit")
def import_days() -> Answer:
    """Read days from text or a file and show them; `confirm` writes those that can be read."""
    site_id = _asked_site()
    form = DaysForm(year=clock.now().year + 1)
    entries: Sequence[Entry] = ()
    if form.validate_on_submit():
        entries = _read(form)
        if entries and "confirm" in request.form:
            days = [_fields(entry) for entry in entries if not entry.problem]
            changed = run(lambda s, who, now: put_days(s, who, site_id, days, now))
            text = ngettext("%(num)s day was changed.", "%(num)s days were changed.", changed)
            flash(text, "success")
            return redirect(_address(site_id))
        if not entries and not form.errors:
            form.form_errors.append(_("There is no day in it."))
    return form_page(
        "rules/calendar_import.html", form, rows=_compared(entries, site_id), kinds=KIND_LABELS,
        lines=_lines(entries), back=_address(site_id), site=_site(site_id),
    )  # fmt: skip


@blueprint.post("/park/calendar/<int:day_id>/remove")
@park_permission("park.edit")
def remove(day_id: int) -> Response:
    """Take a day out."""
    row = db.session().get(CalendarDay, day_id)
    if row is None:
        raise NotFound("day")
    site_id, year = row.site_id, row.day[:4]
    run(lambda s, who, now: remove_day(s, who, day_id, now))
    flash(_("Saved."), "success")
    return redirect(_address(site_id, year=year))


def seed(year: int) -> list[DayFields]:
    """Return a year's days as the package knows them."""
    return [DayFields(d.day, d.kind, d.name_zh, d.name_en, source()) for d in days_of(year)]


def _calendar(site_id: int | None) -> Answer:
    row, this = _site(site_id), clock.now().year
    form = DayForm()
    if form.validate_on_submit():
        fields = form.fields()
        done = saved(form, lambda s, who, now: put_days(s, who, site_id, [fields], now))
        if done is not None:
            flash(_("Saved."), "success")
            return redirect(_address(site_id, year=fields.day.year))
    shown = _asked_year(this)
    years = years_known(db.session(), this - 1)
    listed = sorted({*(year.year for year in years), this, this + 1, shown})
    return form_page(
        "rules/calendar.html", form, site=row, year=shown, years=listed,
        days=days_of_year(db.session(), site_id, shown), kinds=KIND_LABELS,
        until=known_until(years, this), this=this, found={year.year: year for year in years},
        address=lambda **more: _address(site_id, **more),
        import_url=url_for("calendar.import_days", site=site_id),
    )  # fmt: skip


def _read(form: DaysForm) -> Sequence[Entry]:
    """Return the entries of the file, else of the text; the form says why a file is refused."""
    given = form.file.data
    content = given.read() if hasattr(given, "read") else b""
    if not content:
        return read_text(form.text.data or "", form.year.data or 0)
    try:
        sheets = read_sheets(content, limits_of(current_app.config))
    except Invalid as refusal:
        form.file.errors = [text_of(refusal)]
        return ()
    return read_rows((row.number, row.cells) for row in sheets[0].rows)


def _compared(entries: Sequence[Entry], site_id: int | None) -> list[tuple[Entry, str]]:
    """Return each entry and what it does: new, changed, same or rejected."""
    years = {entry.day.year for entry in entries if entry.day is not None}
    known = {
        row.day: (row.kind, row.name_zh)
        for year in years
        for row in days_of_year(db.session(), site_id, year)
    }
    found = []
    for entry in entries:
        if entry.problem or entry.day is None:
            found.append((entry, "rejected"))
            continue
        held = known.get(entry.day.isoformat())
        same = held == (entry.kind, entry.name)
        found.append((entry, "same" if same else "new" if held is None else "changed"))
    return found


def _lines(entries: Sequence[Entry]) -> str:
    """Return the entries that can be read as text, for the form that confirms them."""
    fit = (entry for entry in entries if not entry.problem and entry.day)
    return "\n".join(f"{entry.day} {entry.kind} {entry.name}".strip() for entry in fit)


def _fields(entry: Entry) -> DayFields:
    day: Any = entry.day
    return DayFields(day, entry.kind, entry.name, "", "imported")


def _site(site_id: int | None) -> Site | None:
    return one(db.session(), Site, site_id) if site_id is not None else None


def _asked_site() -> int | None:
    key = asked_id("site")
    return None if key is None else one(db.session(), Site, key).id


def _asked_year(this: int) -> int:
    typed = request.args.get("year", "")
    fit = len(typed) == 4 and typed.isascii() and typed.isdigit() and int(typed) >= FIRST_YEAR
    return int(typed) if fit and int(typed) <= LAST_YEAR else this


def _address(site_id: int | None, **more: Any) -> str:
    if site_id is None:
        return url_for("calendar.park", **more)
    return url_for("calendar.site", site_id=site_id, **more)
