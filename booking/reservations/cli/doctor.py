"""The command that checks a live database."""

import click
from flask.cli import with_appcontext

from booking.audit.queries.seals import complaints_of_seals
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.sweep import broken, overdue
from booking.usage.queries.checking import complaints_of_usage
from booking.web.health import missing_guards


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check the guards and every invariant of the database; exit 1 when something is broken."""
    session, now = db.session(), clock.now()
    complaints = [f"guard missing: {name}" for name in missing_guards()]
    for found in (broken(session, now), overdue(session, now)):
        complaints += [f"{name}: {', '.join(map(str, ids))}" for name, ids in found.items()]
    complaints += complaints_of_seals(session, now)
    complaints += complaints_of_usage(session, now)
    for complaint in complaints:
        click.echo(complaint)
    if complaints:
        raise click.exceptions.Exit(1)
    click.echo("healthy")
