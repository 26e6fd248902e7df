"""Lists of what was done, and the same as a file."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from booking.audit.queries.listing import PER_PAGE, Entry, Scope, Wanted, company_of, visible_audit
from booking.audit.views.base import blueprint
from booking.companies.queries.invitations import asking_count
from booking.companies.queries.zones import home_zone
from booking.core.local import midnight
from booking.core.period import from_epoch, to_epoch
from booking.infra import clock
from booking.infra.db import db
from booking.infra.sheets.write import CSV_TYPE, XLSX_TYPE, csv_bytes, xlsx_bytes
from booking.infra.storage.names import disposition
from booking.inventory.rules.terms import after_last
from booking.web.access import park_permission, signed_in
from booking.web.arguments import id_of
from booking.web.audit_words import (
    THINGS,
    differences,
    field_text,
    sentence,
    thing_text,
    value_text,
)
from booking.web.formats import instant_text
from booking.web.locale import named
from booking.web.login import actor
from booking.web.pool_head import pool_values

DAYS = 90  # looked back when no day is given: no list walks the whole history unasked
MOST_EXPORTED = 10_000
BATCH = 1_000
LONGEST_SEARCH = 100
# What one looks for by kind, most wanted first.
KINDS = (
    "reservation", "reservation_group", "waitlist", "draw_entry", "pool", "unit", "contribution",
    "rule_pool", "rule_park", "user", "membership", "company", "institution", "lab",
    "site", "message",
)  # fmt: skip
# Kind → the page of such a thing, and how its address names it.
_PAGES = {
    "reservation": ("reservations.show", "reservation_id"),
    "pool": ("manage.pool", "pool_id"), "unit": ("units.unit", "unit_id"),
    "user": ("people.person", "user_id"), "user_account": ("people.person", "user_id"),
    "company": ("parties.company", "company_id"),
    "institution": ("parties.institution", "institution_id"),
    "lab": ("labs.lab", "lab_id"), "site": ("places.site", "site_id"),
}  # fmt: skip
_GIVEN = ("person", "kind", "thing", "from", "until")
# Times are kept as seconds; these values are such.
_INSTANTS = frozenset({"start", "end", "valid_until", "retired_at", "until_at", "from_at"})


@blueprint.get("/park/audit")
@park_permission("audit.read")
def park() -> str:
    """Show what was done in the park."""
    return _page("park/audit.html", Scope(), "audit.park")


@blueprint.get("/park/audit/export")
@park_permission("audit.read")
def park_export() -> Response:
    """Answer the same list as a file."""
    return _file(Scope())


@blueprint.get("/companies/<int:company_id>/audit")
@signed_in
def company(company_id: int) -> str:
    """Show what was done with a company's reservations and people, for its admins."""

    def around() -> dict[str, Any]:
        return {
            "company": company_of(db.session(), company_id), "section": "audit", "looks": True,
            "waiting": asking_count(db.session(), [company_id]),
        }  # fmt: skip

    return _page("audit/company.html", Scope(company_id=company_id), "audit.company", around)


@blueprint.get("/companies/<int:company_id>/audit/export")
@signed_in
def company_export(company_id: int) -> Response:
    """Answer the same list as a file."""
    return _file(Scope(company_id=company_id))


@blueprint.get("/manage/pools/<int:pool_id>/audit")
@signed_in
def pool(pool_id: int) -> str:
    """Show what was done with an instrument group, for its lab's managers."""
    return _page(
        "manage/audit.html", Scope(pool_id=pool_id), "audit.pool", lambda: pool_values(pool_id)
    )


@blueprint.get("/manage/pools/<int:pool_id>/audit/export")
@signed_in
def pool_export(pool_id: int) -> Response:
    """Answer the same list as a file."""
    return _file(Scope(pool_id=pool_id))


def _page(
    template: str, scope: Scope, endpoint: str, more: Callable[[], dict[str, Any]] = dict
) -> str:
    """Return a page of the list; `more` gives what else it shows, to who may see it."""
    zone = home_zone(db.session())
    wanted = _wanted(zone)
    found = visible_audit(db.session(), actor(), scope, wanted, PER_PAGE + 1)
    last = found[PER_PAGE - 1] if len(found) > PER_PAGE else None
    ids: dict[str, Any] = request.view_args or {}
    given: dict[str, Any] = {k: v for k, v in request.args.items() if k in _GIVEN and v}
    return render_template(
        template,
        lines=[_line(entry, zone, whole=scope.whole) for entry in found[:PER_PAGE]],
        wanted=wanted,
        typed={name: request.args.get(name, "") for name in _GIVEN},
        since=wanted.since.astimezone(zone).date().isoformat(),
        kinds=[(kind, thing_text(kind)) for kind in KINDS],
        whole=scope.whole,
        list_url=url_for(endpoint, **ids),
        older_url=url_for(endpoint, **ids, **given, before=_mark(last)) if last else None,
        newest_url=url_for(endpoint, **ids, **given) if wanted.before else None,
        exports=[
            (kind.upper(), url_for(f"{endpoint}_export", **ids, **given, format=kind))
            for kind in ("csv", "xlsx")
        ],
        **more(),
    )


def _wanted(zone: ZoneInfo) -> Wanted:
    """Return what the address asks for; what cannot be read counts as not said."""
    args = request.args
    since, until = _day(args.get("from"), zone), _day(args.get("until"), zone, last=True)
    kind = args.get("kind", "")
    at, _dash, number = args.get("before", "").partition("-")
    seconds, last_id = id_of(at), id_of(number)
    return Wanted(
        since=since or clock.now() - timedelta(days=DAYS),
        until=until,
        person=args.get("person", "").strip()[:LONGEST_SEARCH],
        kind=kind if kind in THINGS else "",
        thing_id=id_of(args.get("thing")),
        before=(_instant(seconds), last_id) if seconds and last_id else None,
    )


def _day(text: str | None, zone: ZoneInfo, *, last: bool = False) -> datetime | None:
    try:
        day = date.fromisoformat(text or "")
        return after_last(day, zone) if last else midnight(day, zone)
    except (ValueError, OverflowError):
        return None


def _instant(seconds: int) -> datetime:
    try:
        return from_epoch(seconds)
    except (ValueError, OverflowError, OSError):
        return clock.now()


def _mark(entry: Entry) -> str:
    return f"{to_epoch(entry.at)}-{entry.id}"


def _line(entry: Entry, zone: ZoneInfo, *, whole: bool) -> dict[str, Any]:
    """Return one row in words."""
    return {
        "at": entry.at,
        "when": instant_text(entry.at, zone),
        "who": entry.who if entry.who is not None else _("the system"),
        "where": _where(entry),
        "what": sentence(entry.action),
        "thing": named(*entry.name) or _numbered(entry),
        "url": _url(entry, whole=whole),
        "reason": entry.reason,
        "changes": [
            (field_text(name), _shown(name, old, zone), _shown(name, new, zone))
            for name, old, new in differences(entry.before, entry.after, whole=whole)
        ],
    }


def _numbered(entry: Entry) -> str:
    """Return a thing without a name: its kind and number; 0 stands for the park as a whole."""
    return f"{thing_text(entry.thing)} {entry.thing_id or ''}".strip()


def _where(entry: Entry) -> str:
    ways = {"page": _("page"), "token": _("API"), "command": _("command")}
    return " ".join(filter(None, (ways.get(entry.via or "", ""), entry.address or "")))


def _url(entry: Entry, *, whole: bool) -> str | None:
    """Return the page of what it is about, where there is one that this reader may open."""
    if entry.thing not in _PAGES or not (whole or entry.thing == "reservation"):
        return None
    endpoint, name = _PAGES[entry.thing]
    values: dict[str, Any] = {name: entry.thing_id}
    return url_for(endpoint, **values)


def _shown(name: str, value: Any, zone: ZoneInfo) -> str:
    if value in (None, ""):
        return "–"
    value = value_text(name, value)
    if name in _INSTANTS and isinstance(value, int):
        return instant_text(_instant(value), zone)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _file(scope: Scope) -> Response:
    """Return the list as CSV or XLSX, at most 10,000 rows; 1,000 are read at a time."""
    zone = home_zone(db.session())
    rows = _table(scope, zone)
    xlsx = request.args.get("format") == "xlsx"
    content = xlsx_bytes(rows) if xlsx else csv_bytes(rows)
    answer = Response(content, content_type=XLSX_TYPE if xlsx else CSV_TYPE)
    name = f"audit-{clock.now().astimezone(zone):%Y%m%d-%H%M}.{'xlsx' if xlsx else 'csv'}"
    answer.headers["Content-Disposition"] = disposition(name)
    return answer


def _table(scope: Scope, zone: ZoneInfo) -> Iterator[list[str]]:
    yield [
        _("When"), _("Done by"), _("From where"), _("Operation"), _("Thing"), _("Reason"),
        _("Changes"), _("Action"), _("Number"),
    ]  # fmt: skip
    wanted, left = _wanted(zone), MOST_EXPORTED
    while left:
        found = visible_audit(db.session(), actor(), scope, wanted, BATCH)
        for entry in found:
            yield _cells(entry, zone, whole=scope.whole)
        left -= BATCH
        if len(found) < BATCH:
            return
        last = found[-1]
        wanted = replace(wanted, before=(last.at, last.id))
    yield [_("More than %(count)s rows: choose fewer days.", count=MOST_EXPORTED)]


def _cells(entry: Entry, zone: ZoneInfo, *, whole: bool) -> list[str]:
    line = _line(entry, zone, whole=whole)
    changes = "; ".join(f"{name}: {old} → {new}" for name, old, new in line["changes"])
    at = entry.at.astimezone(zone).isoformat()
    return [
        at, line["who"], line["where"], line["what"], line["thing"], line["reason"], changes,
        entry.action, str(entry.id),
    ]  # fmt: skip
