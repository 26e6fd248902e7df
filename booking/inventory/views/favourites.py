"""The star on an instrument: keep it at hand, or keep it no longer."""

from functools import partial

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from booking.infra import clock
from booking.infra.db import write
from booking.inventory.services.favourites import keep, let_go
from booking.inventory.views.catalogue import blueprint
from booking.web import login
from booking.web.access import signed_in
from booking.web.links import safe_next


@blueprint.post("/pools/<int:pool_id>/favourite")
@signed_in
def favourite(pool_id: int) -> Response:
    """Keep the pool where `on` is 1, else let it go; then back to where the star was."""
    do = keep if request.form.get("on") == "1" else let_go
    write(partial(do, actor=login.actor(), pool_id=pool_id, now=clock.now()))
    back = url_for("catalogue.pool", pool_id=pool_id)
    return redirect(safe_next(request.form.get("next"), back))
