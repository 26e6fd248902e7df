"""What the head of every page on which a pool is looked after shows."""

from typing import Any

from flask import request

from booking.accounts.rules.permissions import may
from booking.infra.db import db
from booking.inventory.queries.editing import pool_place, visible_pool_settings
from booking.web.access import sees_park_pages
from booking.web.login import actor


def pool_values(pool_id: int) -> dict[str, Any]:
    """Return what the head of every page of a pool shows. Two queries."""
    who = actor()
    row = visible_pool_settings(db.session(), who, pool_id)
    lab, institution, site, contribution = pool_place(db.session(), row)
    return {
        "pool": row, "lab": lab, "institution": institution, "site": site,
        "contribution": contribution, "plain": not sees_park_pages(who), "here": request.endpoint,
        "other_labs": may(who, "pool.read") or len(who.managed_lab_ids) > 1,
    }  # fmt: skip
