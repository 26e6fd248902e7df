"""The search box: what was typed becomes words and filters in the address of the page it means."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from booking.infra import clock
from booking.infra.db import db
from booking.inventory.forms.criteria import kept, site_ids
from booking.inventory.queries.zones import zone_for
from booking.inventory.rules.asked import POOLS, leads_to, read_asked
from booking.inventory.rules.search import MOST_CHARACTERS
from booking.inventory.views.catalogue import blueprint
from booking.web.access import signed_in
from booking.web.locale import current

TIMES = ("free_from", "free_to")


@blueprint.get("/search")
@signed_in
def ask() -> Response:
    """Lead to the pools free in the time typed, or to times of the length typed.

    Ticks of the catalogue go along, as far as the page that answers knows them.
    """
    typed = request.args.get("q", "")[:MOST_CHARACTERS]
    zone = zone_for(db.session(), site_ids(request.args))
    page, asked = leads_to(read_asked(typed, clock.now(), zone, current()))
    args = kept(request.args)
    args.poplist("q")
    if page == POOLS:
        if "free_from" in asked:
            for name in TIMES:
                args.poplist(name)
        args.update(asked)
        return redirect(url_for("catalogue.pools", **args.to_dict(flat=False)))  # type: ignore[arg-type]
    along = _known_there(args)
    if len(along) < len({name for name in args if name not in TIMES}):
        flash(gettext("Some filters of the catalogue do not go with a time to be found."), "info")
    return redirect(url_for("reservations.find_time", **along, **asked))  # type: ignore[arg-type]


def _known_there(args: MultiDict[str, str]) -> dict[str, str]:
    """Return the ticks that finding a time knows as well: the class, and one site."""
    found = {"category": args["category"]} if "category" in args else {}
    sites = args.getlist("site")
    return found | ({"site": sites[0]} if len(sites) == 1 else {})
