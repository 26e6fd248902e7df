"""Making the draws that are due: by the scheduler, or by who first comes upon one."""

import logging
from datetime import datetime
from functools import partial

from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.draws import due_draws, next_in_draw
from booking.reservations.services.drawing import decide, finish, free_instead, rank

log = logging.getLogger(__name__)


def make_draws(pool_id: int | None = None) -> None:
    """Rank and decide what is due, of one pool or of all."""
    now = clock.now()
    for draw_id in due_draws(db.session(), now, pool_id):
        try:
            make_draw(draw_id, now)
        except Exception:  # one draw that cannot be made must not hold up the others
            db.session.rollback()
            log.exception("draw %s cannot be made", draw_id)


def make_draw(draw_id: int, now: datetime) -> None:
    """Make one draw, or go on with it; each step is a transaction of its own."""
    write(partial(rank, draw_id=draw_id, now=now))
    while (entry_id := next_in_draw(db.session(), draw_id)) is not None:
        write(partial(decide, entry_id=entry_id, now=now))
    instead = free_instead(db.session(), draw_id, now)
    write(partial(finish, draw_id=draw_id, instead=instead, now=now))
