"""What is behind a bar or a cell: units, and instrument groups in one hour of the week."""

from flask import render_template, request, url_for
from flask_babel import gettext as _

from booking.core.errors import NotFound
from booking.usage.queries import charts, live
from booking.usage.rules.formulas import DAYS_A_YEAR, HOUR
from booking.usage.rules.vectors import HOURS, hour_of
from booking.usage.views import words
from booking.usage.views.base import blueprint
from booking.usage.views.board import around, sight_or_missing
from booking.usage.views.parts import hour_text
from booking.usage.views.sight import Sight
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import DAY_NAMES, day_text
from booking.web.lists import page_url
from booking.web.locale import current, named
from booking.web.paging import Page, page_of

__all__ = ("blueprint",)  # with the dashboard's own routes on it
PER_PAGE = 50


@blueprint.get("/units")
@signed_in
def units() -> str:
    """List the units behind a bar, longest unused first."""
    sight = sight_or_missing()
    company, least = id_of(request.args.get("company")), id_of(request.args.get("idle"))
    days = sight.days.first.isoformat(), sight.days.last.isoformat()
    idle = (least, id_of(request.args.get("idle_until"))) if least else None
    query = live.units_listed(sight.where, sight.until, idle, (company, *days) if company else None)
    page = page_of(sight.session, query, id_of(request.args.get("page")) or 1)
    used = live.used_by_unit(sight.session, [row[0].id for row in page.items], *days, company)
    return render_template(
        "usage/units.html", page=page, page_url=page_url, lines=[
            {
                "unit": unit, "name": unit.name or unit.asset_no or unit.serial,
                "pool": pool, "lab": lab, "owner": owner,
                "last": day_text(last) if last else _("never"),
                "hours": words.hours(used.get(unit.id, 0)),
                "rate": words.percent(_rate(used.get(unit.id, 0), sight.days.count)),
            }
            for unit, pool, lab, owner, last in page.items
        ],
        what=_what(sight, company if page.items else None, idle),
        formula=words.formula("utilisation"), **around(sight),
    )  # fmt: skip


@blueprint.get("/hour")
@signed_in
def hour() -> str:
    """List the instrument groups that were used in one hour of the week, most used first."""
    sight = sight_or_missing()
    at, weekday = id_of(f"{request.args.get('hour')}0"), id_of(request.args.get("weekday"))
    at = 0 if request.args.get("hour") == "0" else at and at // 10
    if at is None or at >= HOURS or (weekday or 1) > 7:
        raise NotFound("page")
    names = {pool.id: named(pool.name_zh, pool.name_en) for pool in sight.pools}
    found = _used_at(sight, set(names), weekday, at)
    ranked = sorted(found, key=lambda pool: (-found[pool][0], pool))
    number = id_of(request.args.get("page")) or 1
    first = (min(number, len(ranked)) - 1) * PER_PAGE if ranked else 0
    shown = ranked[first : first + PER_PAGE]
    page = Page(shown, number, PER_PAGE, len(ranked), has_more=first + PER_PAGE < len(ranked))
    day = DAY_NAMES["en" if current() == "en" else "zh"][weekday - 1] if weekday else ""
    return render_template(
        "usage/hour.html", page=page, page_url=page_url, lines=[
            {
                "name": names[pool], "url": url_for("catalogue.pool", pool_id=pool),
                "used": words.hours(found[pool][0]), "open": words.hours(found[pool][1]),
                "share": words.percent(
                    found[pool][0] / found[pool][1] if found[pool][1] else None),
            }
            for pool in shown
        ],
        when=" ".join(filter(None, (day, hour_text(at)))), formula=words.formula("occupancy"),
        **around(sight),
    )  # fmt: skip


def _used_at(
    sight: Sight, pool_ids: set[int], weekday: int | None, at: int
) -> dict[int, tuple[int, int]]:
    """Return pool → (used, open) seconds in that hour, of those used then."""
    sums = charts.pool_sums(sight.session, sight.state, sight.days)
    items = [str(pool) for pool in pool_ids if pool in sums and sums[pool].used]
    found = charts.hours_by_item(sight.session, "pool", items, sight.days, weekday)
    return {
        int(pool): (hour_of(used, at), hour_of(opened, at))
        for pool, (used, opened) in found.items()
        if hour_of(used, at)
    }


def _rate(seconds: int, days: int) -> float:
    return seconds / HOUR / (words.year_hours() * days / DAYS_A_YEAR)


def _what(sight: Sight, company: int | None, idle: tuple[int, int | None] | None) -> str:
    """Return in words which units are listed.

    Without `company` where nothing is: whoever used nothing here is as unknown as who is not there.
    """
    if company:
        return _("used by %(company)s", company=sight.name("company", str(company)))
    if idle is None:
        return ""
    least, most = idle
    if most is None:
        return _("not for %(count)s days, or never", count=least)
    return _("not for %(first)s to %(last)s days", first=least, last=most)
