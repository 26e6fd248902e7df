"""Adding up the use of the park by hand."""

import click
from flask.cli import with_appcontext

from booking.infra import clock
from booking.infra.db import db, write
from booking.usage.services.keeping import forget, keep_up


@click.group("usage")
def usage() -> None:
    """Look after what is kept of the park's use."""


@usage.command("rebuild")
@with_appcontext
def rebuild() -> None:
    """Add up every day anew, by the classes, hours and states of today; prints how many."""
    write(forget)
    now, days = clock.now(), 0
    while done := keep_up(db.session(), write, now):
        days += done
    click.echo(f"{days} days")
