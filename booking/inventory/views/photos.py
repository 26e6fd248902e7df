"""Pictures of pools, for whoever sees the pool."""

from flask import Blueprint, Response

from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.editing import pool_photo
from booking.reservations.queries.facts import visible_pool
from booking.web.access import signed_in
from booking.web.login import actor
from booking.web.uploads import shown_picture

blueprint = Blueprint("photos", __name__)
# Private: whether a pool is seen depends on the person.
KEPT = "private, max-age=300"


@blueprint.get("/pools/<int:pool_id>/photo")
@signed_in
def photo(pool_id: int) -> Response:
    """Answer the picture of a pool the person sees, 404 without one."""
    visible_pool(db.session(), actor(), pool_id, clock.now())
    return shown_picture(pool_photo(db.session(), pool_id), KEPT)
