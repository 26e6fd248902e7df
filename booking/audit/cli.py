"""The command that checks the chain of seals."""

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from booking.audit.queries.seals import PATIENCE, Unsealed, Verdict, unsealed
from booking.audit.queries.seals import verify as verify_chain
from booking.audit.rules import Head
from booking.infra import clock
from booking.infra.db import db
from booking.web.terminal import print_json

BROKEN, LATE = 1, 3

audit = AppGroup("audit", help="What was done, and that nobody changed what is on record.")


class HeadType(click.ParamType[Head]):
    """A link as `verify` prints it: number, colon, hash."""

    name = "NUMBER:HASH"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        """Return the link."""
        number, _colon, found = value.partition(":")
        if not number.isdecimal() or len(found) != 64:
            self.fail(f"{value} is no seal; verify prints one as NUMBER:HASH", param, ctx)
        return Head(int(number), found.lower())


@audit.command("verify")
@click.option("--expect", type=HeadType(), help="A seal noted before, which must still be there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(expect: Head | None, as_json: bool) -> None:  # noqa: FBT001 - click gives flags so
    """Check every seal of the audit; exit 1 at the first broken one, 3 when sealing is late."""
    session: Session = db.session()
    verdict, waiting = verify_chain(session, expect), unsealed(session)
    age = int((clock.now() - waiting.since).total_seconds()) if waiting.since else 0
    if as_json:
        print_json(_report(verdict, waiting, age))
    else:
        for line in _lines(verdict, waiting, age):
            click.echo(line)
    if verdict.broken:
        raise click.exceptions.Exit(BROKEN)
    if age > PATIENCE.total_seconds():
        raise click.exceptions.Exit(LATE)


def _report(verdict: Verdict, waiting: Unsealed, age: int) -> dict[str, object]:
    broken = verdict.broken
    return {
        "sound": broken is None,
        "checked": verdict.checked,
        "head": f"{verdict.head.seal_no}:{verdict.head.hash}",
        "broken": broken and {
            "seal_no": broken.seal_no, "audit_id": broken.audit_id, "what": broken.what,
        },
        "unsealed": waiting.count,
        "unsealed_seconds": age,
    }  # fmt: skip


def _lines(verdict: Verdict, waiting: Unsealed, age: int) -> list[str]:
    broken = verdict.broken
    if broken:
        of = f", audit row {broken.audit_id}" if broken.audit_id else ""
        lines = [f"broken at seal {broken.seal_no}{of}: {broken.what}"]
    else:
        lines = [f"{verdict.checked} seals hold"]
    lines.append(f"last good seal {verdict.head.seal_no}:{verdict.head.hash}")
    lines.append(f"{waiting.count} rows unsealed, the oldest for {age} s")
    return lines
