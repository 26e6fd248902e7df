"""Lists of reservations: mine, my company's, my lab's, the use of my institution's units."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.text import one_line
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.again import named_units
from booking.reservations.queries.groups import group_counts
from booking.reservations.queries.lists import (
    COUNT_UP_TO,
    ENDED,
    TABS,
    Listing,
    scopes_of,
    tab_counts,
    visible_list,
)
from booking.reservations.queries.named import Named, UnitName, named_in_order, units_named
from booking.reservations.queries.quota_lines import my_lines
from booking.reservations.views.again import again_url
from booking.reservations.views.base import blueprint
from booking.reservations.views.words import status_of, units_text
from booking.web import login
from booking.web.access import signed_in
from booking.web.acting import acting
from booking.web.arguments import page_number
from booking.web.formats import length_text, period_text
from booking.web.locale import named
from booking.web.paging import PER_PAGE, Page
from booking.web.quota_words import quota_facts
from booking.web.wording import party_text

MOST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One reservation of a list, in words; `person` is empty where it is not to be seen."""

    url: str
    what: str
    units: str
    when: str
    length: str
    status: str
    change: bool
    party: str
    person: str
    reference: str
    group_url: str = ""
    more: int = 0  # of its group, still to come besides this one
    again_url: str = ""


@blueprint.get("/reservations")
@signed_in
def index() -> str:
    """Show one tab of one scope, 50 a page."""
    actor, now = login.actor(), clock.now()
    listing = _listing(actor)
    session = db.session()
    counts = tab_counts(session, actor, listing, now)
    page = _page(session, visible_list(actor, listing, now), _total(listing, counts))
    ids = list(page.items)
    found, units = named_in_order(session, ids), units_named(session, ids)
    past = listing.scope == "mine" and listing.tab == "past"
    again = named_units(session, ids) if past else None
    return render_template(
        "reservations/index.html", listing=listing, page=page, counts=counts,
        lines=_folded(
            [_line(actor, item, units.get(item.row.id, []), now, again) for item in found],
            found, now,
        ),
        tabs=[_tab(tab, listing, counts) for tab in TABS],
        title=scope_text(listing.scope),
        scopes=[(scope, scope_text(scope)) for scope in scopes_of(actor)],
        statuses=ENDED, page_url=lambda number: _url(listing, page=number),
        shows_whose=listing.scope != "mine", quotas=_quotas(actor, listing, now),
        audits=_audits(actor, listing),
    )  # fmt: skip


def _quotas(actor: Actor, listing: Listing, now: datetime) -> list[tuple[str, str]]:
    """Return what is used of the reader's quotas, where their own coming ones are shown."""
    if listing.scope != "mine" or listing.tab != "coming":
        return []
    return quota_facts(my_lines(db.session(), actor, now))


def _page(session: Session, query: Select[*tuple[Any, ...]], total: int | None) -> Page[int]:
    """Return one page of ids; the tab's own count serves as total, so nothing is counted twice."""
    number = min(page_number(), COUNT_UP_TO)
    rows = session.scalars(query.limit(PER_PAGE + 1).offset((number - 1) * PER_PAGE)).all()
    return Page(rows[:PER_PAGE], number, PER_PAGE, total, has_more=len(rows) > PER_PAGE)


def _total(listing: Listing, counts: dict[str, int]) -> int | None:
    count = counts[listing.tab]
    return None if listing.status or count >= COUNT_UP_TO else count


def _audits(actor: Actor, listing: Listing) -> list[str]:
    """Return where an admin reads what was done with the company's reservations and people."""
    companies = sorted(actor.administered_company_ids) if listing.scope == "company" else []
    return [url_for("audit.company", company_id=number) for number in companies]


def scope_text(scope: str) -> str:
    """Return what a scope is called."""
    return {
        "mine": _("My reservations"),
        "company": _("My company's reservations"),
        "lab": _("My lab's reservations"),
        "institution": _("Use of my institution's units"),
        "park": _("All reservations of the park"),
    }[scope]


def _listing(actor: Actor) -> Listing:
    args = request.args
    scopes, now_for = scopes_of(actor), acting(actor)
    return Listing(
        scope=args["scope"] if args.get("scope") in scopes else "mine",
        tab=args["tab"] if args.get("tab") in TABS else "coming",
        status=args["status"] if args.get("status") in ENDED else "",
        text=one_line(args.get("q", "")[:MOST_TEXT]),
        company_id=now_for.company_id if now_for is not None else None,
    )


def _line(
    actor: Actor,
    item: Named,
    units: list[UnitName],
    now: datetime,
    again: Mapping[int, int] | None,
) -> Line:
    details = may(actor, "reservation.read_note", item.subject)
    return Line(
        url=url_for("reservations.show", reservation_id=item.row.id),
        what=named(*item.pool),
        units=units_text(units, item.row.quantity),
        when=period_text(item.period, item.zone),
        length=length_text(item.period.minutes),
        status=status_of(item, now),
        change=item.change is not None and item.change.expires_at > now,
        party=party_text(item.party),
        person=item.person if details else "",
        reference=item.row.reference,
        again_url=again_url(item, again.get(item.row.id)) if again is not None else "",
    )


def _folded(lines: list[Line], found: list[Named], now: datetime) -> list[Line]:
    """Return the lines, those of a group with its address and how many more are to come."""
    groups = [item.row.group_id for item in found]
    ids = sorted({group for group in groups if group is not None})
    counts = group_counts(db.session(), ids, now) if ids else {}
    return [
        line if group is None else replace(
            line, group_url=url_for("reservations.group", group_id=group),
            more=max(counts.get(group, 0) - 1, 0),
        )
        for line, group in zip(lines, groups, strict=True)
    ]  # fmt: skip


def _tab(tab: str, listing: Listing, counts: dict[str, int]) -> tuple[str, str, bool]:
    label = {"coming": _("Coming"), "pending": _("Pending"), "past": _("Past")}[tab]
    count = counts[tab]
    shown = f"{COUNT_UP_TO}+" if count >= COUNT_UP_TO else str(count)
    return f"{label} {shown}", _url(listing, tab=tab), listing.tab == tab


def _url(listing: Listing, tab: str = "", page: int = 1) -> str:
    tab = tab or listing.tab
    values: dict[str, Any] = {
        "scope": listing.scope if listing.scope != "mine" else None,
        "tab": tab if tab != "coming" else None,
        "status": listing.status if tab == "past" and listing.status else None,
        "q": listing.text or None,
        "page": page if page > 1 else None,
    }
    return url_for("reservations.index", **values)
