"""The catalogue's list of pools. The pages of one pool and one unit are in `pool.py`."""

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_babel import gettext

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.forms.criteria import kept, read_search, site_ids
from booking.inventory.queries.catalogue import facet_names, search_pools, sees_any_pool
from booking.inventory.queries.zones import zone_for
from booking.inventory.views.options import address, chips, choices
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import page_number
from booking.web.shell import NavItem, nav_item

blueprint = Blueprint("catalogue", __name__)


def nav(actor: Actor) -> list[NavItem]:
    """Return the catalogue's entry of the main navigation."""
    return [nav_item(gettext("Catalogue"), "catalogue.pools", "search")]


@blueprint.get("/pools")
@signed_in
def pools() -> str:
    """Find pools: words, ticks and a wanted time, all in the address."""
    who, now, session = login.actor(), clock.now(), db.session()
    # Only a typed time needs a clock to be meant in.
    timed = request.args.get("free_from") or request.args.get("free_to")
    zone = zone_for(session, site_ids(request.args)) if timed else ZoneInfo("UTC")
    search = read_search(request.args, zone)
    found = search_pools(session, who, search.criteria, now, page_number())
    names = facet_names(session, found, search.criteria.chosen)
    narrowed = choices(found, names, search)
    searched = bool(kept(request.args))
    return render_template(
        "inventory/pools.html",
        search=search,
        found=found,
        now=now,
        choices=narrowed,
        chips=chips(search, narrowed),
        page_url=lambda page: address({"page": str(page)}),
        none_yet=not (found.total or searched or sees_any_pool(session, who, now)),
        searched=searched,
        may_edit_park=may(who, "park.edit"),
    )
