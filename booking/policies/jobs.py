"""Finishing what a change of rules began: the buffers that pools inherit."""

from functools import partial

from booking.infra.db import db, write
from booking.infra.scheduler import Job
from booking.policies.services.buffers import refresh_buffers, settle_buffers, unsettled


def spread_buffers() -> None:
    """Refresh the pools whose inherited buffers are out of date; resumed wherever it ended."""
    lots = unsettled(db.session())
    if lots is None:
        return
    for lot in lots:
        write(partial(refresh_buffers, pool_ids=lot))
    write(settle_buffers)


JOBS = [Job("rule-buffers", 60, spread_buffers)]
