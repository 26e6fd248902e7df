"""The dashboard, each of its charts by itself, and their tables as files."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.companies.queries.zones import home_zone
from booking.core.errors import NotFound
from booking.infra import clock
from booking.infra.db import db
from booking.infra.sheets.write import CSV_TYPE, XLSX_TYPE, csv_bytes, xlsx_bytes
from booking.infra.storage.names import disposition
from booking.usage.queries.kept import kept
from booking.usage.rules import formulas
from booking.usage.rules.ranges import PRESETS
from booking.usage.views import charts, words
from booking.usage.views.asked import MEASURES, Asked, asked
from booking.usage.views.base import blueprint
from booking.usage.views.parts import Chart
from booking.usage.views.sight import Sight
from booking.web.access import signed_in
from booking.web.formats import day_text, instant_text
from booking.web.locale import named
from booking.web.login import actor

# What is drawn, in order; those that several filters together leave without sums are left out.
CHARTS: dict[str, Callable[[Sight], Chart | None]] = {
    "hours": charts.by_hour,
    "trend": charts.trend,
    "classes": charts.by_class,
    "category": charts.of_kind("category", _l("By instrument class")),
    "institution": charts.of_kind("institution", _l("By institution")),
    "lab": charts.of_kind("lab", _l("By lab")),
    "company": charts.by_company,
    "missed": charts.missed,
    "platform": charts.of_kind("platform", _l("By platform")),
    "idle": charts.idle,
    "approvals": charts.approvals,
    "site": charts.of_kind("site", _l("By site")),
    "waiting": charts.waiting,
}
# What the units of the country did in 2025, of those at 500,000 yuan and more: FIELD 2.7.
NATIONAL_HOURS, NATIONAL_YEAR = 1599, 2025


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at the top: what it is, and what to hold it against."""

    figure: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class Picker:
    """A way to narrow: its name in the address, its label, and (item, name) to choose from."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str | None


@blueprint.get("")
@signed_in
def show() -> str:
    """Show the dashboard: the park's, or what the reader's institution or lab has."""
    wanted = asked(actor())
    sight = _sight(wanted)
    if sight is None:
        return render_template("usage/board.html", sight=None, asked=wanted)
    drawn = [chart for draw in CHARTS.values() if (chart := draw(sight)) is not None]
    return render_template("usage/board.html", charts=drawn, tiles=_tiles(sight), **around(sight))


@blueprint.get("/charts/<name>")
@signed_in
def chart(name: str) -> str:
    """Show one chart with its whole table."""
    sight, drawn = _chart(name)
    return render_template("usage/chart.html", chart=drawn, **around(sight))


@blueprint.get("/charts/<name>/file")
@signed_in
def file(name: str) -> Response:
    """Answer a chart's table as CSV or XLSX."""
    sight, drawn = _chart(name)
    days = f"{sight.days.first.isoformat()} – {sight.days.last.isoformat()}"
    rows = [drawn.headings, *(row.cells for row in drawn.rows), [], [drawn.title, days],
            [_of(sight)], [drawn.formula]]  # fmt: skip
    xlsx = request.args.get("format") == "xlsx"
    content = xlsx_bytes(rows) if xlsx else csv_bytes(rows)
    answer = Response(content, content_type=XLSX_TYPE if xlsx else CSV_TYPE)
    stem = f"{name}-{sight.days.first:%Y%m%d}-{sight.days.last:%Y%m%d}"
    answer.headers["Content-Disposition"] = disposition(f"{stem}.{'xlsx' if xlsx else 'csv'}")
    return answer


def around(sight: Sight) -> dict[str, Any]:
    """Return what every page about use shows: what is looked at, when, and how to change it."""
    wanted = sight.asked
    return {
        "sight": sight, "asked": wanted, "pickers": _pickers(sight), "of": _of(sight),
        "days_text": f"{day_text(sight.days.first.isoformat())} – "
                     f"{day_text(sight.days.last.isoformat())}",
        "as_of": instant_text(sight.state.built_at, home_zone(sight.session)),
        "presets": [(days, url_for("usage.show", **wanted.query(
            days=days, **{"from": None, "until": None}))) for days in PRESETS],
        "measures": [(name, words.measure_names()[name]) for name in MEASURES],
        "files": lambda name: [
            (kind.upper(), url_for("usage.file", name=name, format=kind, **wanted.query()))
            for kind in ("csv", "xlsx")
        ],
        "alone": lambda name: url_for("usage.chart", name=name, **wanted.query()),
        "views": _views(sight),
    }  # fmt: skip


def sight_or_missing() -> Sight:
    """Return what this request looks at. Raises NotFound while nothing is kept."""
    sight = _sight(asked(actor()))
    if sight is None:
        raise NotFound("page")
    return sight


def _sight(wanted: Asked) -> Sight | None:
    state = kept(db.session())
    return None if state is None else Sight(db.session(), wanted, state, clock.now())


def _chart(name: str) -> tuple[Sight, Chart]:
    sight = sight_or_missing()
    drawn = CHARTS[name](sight) if name in CHARTS else None
    if drawn is None:
        raise NotFound("page")
    return sight, drawn


def _tiles(sight: Sight) -> list[Tile]:
    sums = sight.whole
    year = formulas.hours_a_year(sums)
    return [
        Tile(words.percent(formulas.occupancy(sums)), _("of open time used"),
             _("%(used)s of %(open)s hours", used=words.hours(sums.used_open),
               open=words.hours(sums.open))),
        Tile(words.percent(formulas.utilisation(sums, words.year_hours())), _("Utilisation rate"),
             _("of %(hours)s h a year", hours=words.count(words.year_hours()))),
        Tile(words.hours(year and year * formulas.HOUR), _("hours a unit and year"),
             _("country, %(year)s: %(hours)s h", year=NATIONAL_YEAR,
               hours=words.count(NATIONAL_HOURS))),
        Tile(words.percent(formulas.sharing_rate(sums)), _("Sharing rate"),
             _("%(hours)s h for others", hours=words.hours(sums.external))),
        Tile(words.count(sums.reservations), _("Reservations"),
             _("%(rate)s no-shows", rate=words.percent(formulas.no_show_rate(sums)))),
    ]  # fmt: skip


def _pickers(sight: Sight) -> list[Picker]:
    filters, known = sight.asked.filters, sight.names
    found = []
    for kind, label in (
        ("site", _("Site")), ("platform", _("Platform")), ("category", _("Instrument class")),
        ("institution", _("Institution")),
    ):  # fmt: skip
        if kind == "institution" and not sight.asked.own.park:
            continue
        items = [(item, named(*name)) for (of, item), name in known.known.items() if of == kind]
        if kind == "category":
            items = _classes(sight)
        found.append(Picker(kind, label, sorted(items, key=_by_name) if kind != "category"
                            else items, getattr(filters, kind)))  # fmt: skip
    return found


def _classes(sight: Sight) -> list[tuple[str, str]]:
    """Return the top classes, and below them those of the one chosen."""
    known, chosen = sight.names, sight.asked.filters.category
    shown: list[tuple[str, str]] = []
    for code in known.below(None):
        shown.append((code, sight.name("category", code)))
        if chosen in known.within(code):
            inner = sorted(known.within(code) - {code})
            shown += [(item, f"· {sight.name('category', item)}") for item in inner]
    return shown


def _by_name(option: tuple[str, str]) -> str:
    return option[1]


def _of(sight: Sight) -> str:
    """Return in words what is looked at."""
    names = [sight.name(kind, item) for kind, item in sight.asked.filters.items]
    return " · ".join(names) or _("The whole park")


def _views(sight: Sight) -> list[tuple[str, str, bool]]:
    """Return (name, address, whether it is shown) of each thing of the reader's own, if several."""
    own, filters = sight.asked.own, sight.asked.filters
    mine = [("institution", str(i)) for i in own.institutions] + [("lab", str(i)) for i in own.labs]
    if len(mine) < 2:
        return []
    cleared = {"institution": None, "lab": None}
    return [
        (sight.name(kind, item),
         url_for("usage.show", **sight.asked.query(**{**cleared, kind: item})),
         getattr(filters, kind) == item)
        for kind, item in mine
    ]  # fmt: skip
