"""The pages of one pool and one unit: what it is, its rules, its units now, a week, its code."""

from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import segno
from flask import Response, render_template, request, url_for
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may, may_look
from booking.core.actor import Actor
from booking.core.local import local_text
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.cards import PoolCard, cards
from booking.inventory.queries.pools import pool_text, unit_now, units_now
from booking.inventory.views import bundle, compare, favourites, like, search_box
from booking.inventory.views.about import crumbs_of_pool, crumbs_of_unit, pool_facts, unit_facts
from booking.inventory.views.catalogue import blueprint
from booking.notices.queries import notices_of_pool
from booking.policies.rules.values import PoolRules
from booking.reservations.queries.asking import Booker, Intent, asking, rules_for
from booking.reservations.queries.availability import busy_blocks
from booking.reservations.queries.facts import PoolFacts, pool_of_unit, units_of, visible_pool
from booking.reservations.queries.people import approver_names
from booking.reservations.rules.slots import UnitFacts
from booking.web import login
from booking.web.access import signed_in
from booking.web.links import public_url
from booking.web.opening_words import collected_text
from booking.web.week import Week, first_day, week_of, window
from booking.web.wording import approval_text, rule_lines

__all__ = (
    "blueprint",
    "bundle",
    "compare",
    "favourites",
    "like",
    "search_box",
)  # the list's, with the routes below

LISTED = 12  # units shown at once; the rest unfolds


@blueprint.get("/pools/<int:pool_id>")
@signed_in
def pool(pool_id: int) -> str:
    """Show one pool."""
    who, now, session = login.actor(), clock.now(), db.session()
    facts = visible_pool(session, who, pool_id, now)
    card = cards(session, who, [pool_id], now)[0]
    bound = _rules(session, who, facts, now)
    asks = bound.level.value or bound.off_hours_level.value
    return render_template(
        "inventory/pool.html",
        **_shared(session, who, facts, card, now),
        rules=rule_lines(facts, insider=_own(who, facts), units=card.units, rules=bound),
        training_url=url_for("training.ways", pool_id=pool_id) if asks else None,
        collected=collected_text(facts, now),
        about=pool_facts(card),
        crumbs=crumbs_of_pool(card),
        text=pool_text(session, pool_id),
        units=units_now(session, pool_id, now),
        listed=LISTED,
        week=_week(session, who, facts, units_of(session, pool_id), now, {"pool_id": pool_id}),
        book_url=_book_url(pool_id=pool_id, **_wanted()),
    )


@blueprint.get("/units/<int:unit_id>")
@signed_in
def unit(unit_id: int) -> str:
    """Show one unit: where it is, how it is, its week, its code to print."""
    who, now, session = login.actor(), clock.now(), db.session()
    pool_id, _state = pool_of_unit(session, unit_id)
    facts = visible_pool(session, who, pool_id, now)
    card = cards(session, who, [pool_id], now)[0]
    found = unit_now(session, unit_id, now)
    bookable = [one for one in units_of(session, pool_id) if one.unit_id == unit_id]
    what = {"unit_id": unit_id}
    return render_template(
        "inventory/unit.html",
        **_shared(session, who, facts, card, now),
        rules=rule_lines(
            facts, insider=_own(who, facts), units=1, rules=_rules(session, who, facts, now)
        ),
        unit=found,
        unit_facts=unit_facts(found, card),
        crumbs=crumbs_of_unit(card),
        week=_week(session, who, facts, bookable, now, what) if bookable else None,
        book_url=_book_url(**what) if bookable else None,
        may_close=may(who, "unit.close", facts.subject()),
        may_report=may_look(who, "unit.report", facts.subject()),
        address=public_url(url_for("catalogue.unit", unit_id=unit_id)),
    )


@blueprint.get("/units/<int:unit_id>/qr.svg")
@signed_in
def qr(unit_id: int) -> Response:
    """Draw the code on a unit's label: its page under the park's public address."""
    session = db.session()
    pool_id, _state = pool_of_unit(session, unit_id)
    visible_pool(session, login.actor(), pool_id, clock.now())
    out = BytesIO()
    link = public_url(url_for("catalogue.unit", unit_id=unit_id))
    segno.make_qr(link, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False)
    return Response(out.getvalue(), content_type="image/svg+xml; charset=utf-8")


def _shared(
    session: Session, who: Actor, facts: PoolFacts, card: PoolCard, now: datetime
) -> dict[str, Any]:
    """Return what both pages show."""
    decides = may(who, "reservation.decide", facts.subject())
    asks = facts.approval != "auto" and not decides
    approvers = approver_names(session, facts) if asks else []
    return {
        "card": card,
        "now": now,
        "zone": facts.zone,
        "approval": approval_text(facts, approvers, decides=decides),
        "shared": facts.sharing is not None and facts.sharing.covers(now),
        "may_edit": may(who, "pool.edit", facts.subject()),
        "hours_url": _page_url(_first(facts, now), "all"),
        "notices": [
            line
            for line in notices_of_pool(session, who, facts.pool_id, facts.lab_id, now)
            if line.concerns_booking
        ],
    }


def _rules(session: Session, who: Actor, facts: PoolFacts, now: datetime) -> PoolRules:
    """Return the rules for the reader's groups, the first of their parties standing for them."""
    booker = Booker(who.user_id, who.parties[0] if who.parties else None)
    return rules_for(session, facts, booker, now)


def _own(who: Actor, facts: PoolFacts) -> bool:
    """Return whether shared hours do not bind: an operator books for others, whom they bind."""
    return facts.institution_id in who.institution_ids or facts.lab_id in who.labs


def _week(
    session: Session,
    who: Actor,
    facts: PoolFacts,
    units: list[UnitFacts],
    now: datetime,
    what: dict[str, int],
) -> Week:
    """Return the week asked for by `from`; its free hours lead to the booking form of `what`."""
    first = _first(facts, now)
    seen = window(first, facts.zone)
    busy = busy_blocks(session, [one.unit_id for one in units], seen)
    party = who.parties[0] if len(who.parties) == 1 else None
    intent = Intent(seen, 1, now, by=who)
    # What is open to people like the reader; their own reservations are asked about in the form.
    asked = asking(session, facts, 1, Booker(party=party, insider=_own(who, facts)), intent)
    return week_of(
        asked, units, busy, first,
        all_hours=request.args.get("hours") == "all",
        slot_url=lambda hour: _book_url(**what, **_times(hour, facts.zone)),
        page_url=lambda day: _page_url(day, request.args.get("hours")),
    )  # fmt: skip


def _first(facts: PoolFacts, now: datetime) -> date:
    """Return the week's first day: leafed to, else that of the time looked for, else today."""
    return first_day(request.args.get("from") or request.args.get("start"), facts.zone, now)


def _times(hour: Period, zone: ZoneInfo) -> dict[str, str]:
    """Return an hour as the booking form's fields take it: the site's wall clock."""
    return {"start": local_text(hour.start, zone), "end": local_text(hour.end, zone)}


def _wanted() -> dict[str, str]:
    """Return the time looked for in the catalogue, which its links carry along."""
    start, end = request.args.get("start", "")[:32], request.args.get("end", "")[:32]
    return {"start": start, "end": end} if start else {}


def _book_url(**what: Any) -> str:
    return url_for("reservations.new", **what)


def _page_url(day: date | None, hours: str | None) -> str:
    """Return this page's address for a week, with all hours if they were asked for."""
    endpoint, values = str(request.endpoint), dict(request.view_args or {})
    if day is not None:
        values["from"] = day.isoformat()
    if hours == "all":
        values["hours"] = hours
    return url_for(endpoint, **values, _anchor="week-title")
