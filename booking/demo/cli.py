"""The command that creates the demo park."""

import re
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from booking.demo.rules.park import CAST
from booking.demo.services.park import PASSWORD, Made, build_demo, is_empty
from booking.demo.services.places import let_apply
from booking.demo.services.situations import publish_policy
from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.storage.kinds import PDF
from booking.reservations.services.upkeep import retire_allocations
from booking.web.uploads import Received, keep

ROLES = {
    "member": "member of a resident company / 入驻企业成员",
    "admin": "its company admin / 企业管理员",
    "manager": "lab manager / 仪器负责人",
    "representative": "institution / 产权单位",
    "operator": "operator / 园区运营",
}
# What the policy's first text leaves open: who answers for the data, and where they are kept.
BRACKETS = re.compile(r"\[[^\]]*\]|〔[^〕]*〕")
FILLED = {
    "zh": (
        "演示园区，西安市高新区，联系人 Ops，029-0000 0000，ops@demo.example",
        "运行本演示的这台计算机",
    ),
    "en": (
        "Demo park, Xi'an High-tech Zone, contact Ops, 029-0000 0000, ops@demo.example",
        "the computer this demo runs on",
    ),
}


@click.command("demo")
@with_appcontext
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same park.")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds anything.")
def demo(seed: int, *, if_empty: bool) -> None:
    """Fill an empty database with a believable park and print its sign-ins."""
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("the demo park has known passwords: never in production")
    if not is_empty(db.session()):
        if not if_empty:
            raise click.ClickException("the database is not empty")
        _sign_ins()
        return
    made = _build(seed)
    click.echo(
        f"{made.units} units in {made.pools} pools, {made.reservations} reservations, "
        f"{made.pending} waiting for a decision"
    )
    _sign_ins()


def _build(seed: int) -> Made:
    now = clock.now()
    with click.progressbar(length=1000, label="demo park", file=sys.stderr) as bar:

        def progress(step: str, share: float) -> None:
            bar.label = f"demo park: {step}"
            bar.update(int(share * 1000) - bar.pos)

        made = write(lambda session: build_demo(session, seed, now, progress))
    # What is long over leaves the live index now, not at the scheduler's first tick.
    while write(lambda session: retire_allocations(session, now)):
        pass
    licence = keep(Received("licence.pdf", PDF.content_type, b"%PDF-1.4\n%%EOF\n"), None)
    write(lambda session: let_apply(session, licence, now))
    write(lambda session: publish_policy(session, _policy("zh"), _policy("en"), now))
    return made


def _policy(language: str) -> str:
    """Return the text a park begins with, what stands in brackets filled in."""
    text = current_app.jinja_env.get_template(f"privacy/draft_{language}.txt").render()
    for words in FILLED[language]:
        text = BRACKETS.sub(words, text, count=1)
    return text


def _sign_ins() -> None:
    click.echo(f"sign in with the password  {PASSWORD}")
    for person in CAST:
        click.echo(f"  {person.email:<20} {ROLES[person.role]}")
