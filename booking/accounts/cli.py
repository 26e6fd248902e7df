"""Commands about people: the first operator, API tokens."""

import click
from flask import current_app, url_for
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from booking.accounts.queries.signing_in import user_by_email
from booking.accounts.services.factors import reset_factors
from booking.accounts.services.links import create_link
from booking.accounts.services.people import (
    OPERATOR,
    PARK_ROLES,
    create_user,
    restore_user,
    set_park_role,
)
from booking.accounts.services.tokens import SCOPES, USUAL_SCOPES, TokenWish, issue_token
from booking.core.errors import Refusal
from booking.infra import clock
from booking.infra.db import db, write
from booking.web.links import public_url
from booking.web.messages import text_of
from booking.web.terminal import by_command

operator = AppGroup("operator", help="The people who run the park.")
tokens = AppGroup("tokens", help="API tokens.")


@operator.command("create")
@click.argument("email")
@click.option("--name", default="", help="The person's name; the address if left out.")
@click.option(
    "--role", type=click.Choice(PARK_ROLES), default=OPERATOR, show_default=True,
    help="What the person is in the park; it takes the place of what they were.",
)  # fmt: skip
def create_operator(email: str, name: str, role: str) -> None:
    """Create an operator, or make EMAIL one, and print a one-use link to set the password.

    A person who was retired is brought back, which standard error says.
    """
    now = clock.now()
    by_command()
    brought_back = False

    def work(session: Session) -> str:
        nonlocal brought_back
        user = user_by_email(session, email) or create_user(session, None, email, name, now)
        brought_back = user.retired_at is not None
        if brought_back:
            restore_user(session, None, user, now)
        if user.park_role != role:
            action = "user.make_operator" if role == OPERATOR else "user.park_role"
            set_park_role(session, None, user, role, now, action)
        return create_link(session, user.id, current_app.config["LINK_HOURS"], now)

    try:
        link = write(work)
    except Refusal as refusal:
        raise click.ClickException(text_of(refusal)) from refusal
    if brought_back:
        click.echo(f"{email} had been retired and can sign in again", err=True)
    with current_app.test_request_context():
        path = url_for("accounts.set_password", token=link)
    click.echo(public_url(path))


@operator.command("reset-factors")
@click.argument("email")
def reset_factors_command(email: str) -> None:
    """Take every second factor off EMAIL, who lost them all; first make sure who is asking.

    Their sessions end, and a letter tells them.
    """
    user = user_by_email(db.session(), email)
    if user is None:
        raise click.ClickException(f"nobody with the address {email}")
    user_id, now = user.id, clock.now()
    by_command()
    write(lambda s: reset_factors(s, None, user_id, now))
    click.echo(f"{email} signs in without a second factor now")


_SCOPES_HELP = f"One of {', '.join(SCOPES)}; {', '.join(USUAL_SCOPES)} if left out."


@tokens.command("create")
@click.argument("email")
@click.option("--scope", multiple=True, help=_SCOPES_HELP)
@click.option("--name", default="", help="What will use it.")
@click.option("--days", type=click.IntRange(0, 36500), help="How long it works; 0: for ever.")
def create_api_token(email: str, scope: tuple[str, ...], name: str, days: int | None) -> None:
    """Print a new API token of EMAIL. It is shown this once, and the person is told by mail."""
    user = user_by_email(db.session(), email)
    if user is None or user.retired_at is not None:
        raise click.ClickException(f"nobody with the address {email}")
    user_id, now = user.id, clock.now()
    by_command()
    usual = int(current_app.config["API_TOKEN_DAYS"])
    wish = TokenWish(name, scope or USUAL_SCOPES, (usual if days is None else days) or None)
    try:
        token = write(lambda s: issue_token(s, None, user_id, wish, now))
    except Refusal as refusal:
        raise click.ClickException(text_of(refusal)) from refusal
    click.echo(token)
