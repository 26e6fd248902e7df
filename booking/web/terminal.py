"""What commands that read files share: reading, usage errors, progress, texts."""

import getpass
import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import current_app

from booking.audit.services import from_where
from booking.core.errors import Invalid
from booking.core.table import Sheet
from booking.infra.db import db
from booking.infra.sheets.limits import limits_of
from booking.infra.sheets.read import read_sheets
from booking.web.messages import text_of

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
MAPPING_BYTES = 100_000
STEPS = 100


def by_command() -> None:
    """Have what this command writes say so, and which user of this machine ran it."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        who = ""
    from_where(db.session(), "command", who)


def read_file(file: Path) -> list[Sheet]:
    """Return the sheets of a file on this machine. Raises Invalid as `read_sheets` does."""
    limits = limits_of(current_app.config)
    size = file.stat().st_size
    if size > limits.unpacked_bytes:
        limit, actual = limits.unpacked_bytes // 1024**2, size // 1024**2
        raise Invalid("import_unpacked", limit=limit, actual=actual)
    return read_sheets(file.read_bytes(), limits)


def read_mapping(file: Path | None) -> Mapping[str, Any]:
    """Return a mapping file's fields, none without a file. Raises UsageError for a bad one."""
    if file is None:
        return {}
    if file.stat().st_size > MAPPING_BYTES:
        raise click.UsageError(f"{file.name} is too large for a mapping")
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{file.name} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise click.UsageError(f"{file.name} must hold one JSON object: field → column")
    return found


@contextmanager
def usage_errors(codes: Collection[str]) -> Iterator[None]:
    """Turn refusals with one of `codes` into wrong usage (exit 2); others pass."""
    try:
        yield
    except Invalid as refusal:
        if refusal.code in codes:
            raise click.UsageError(text_of(refusal)) from None
        raise


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error; the function it gives takes the share done, 0 to 1."""
    with click.progressbar(length=STEPS, label=label, file=sys.stderr) as bar:

        def show(share: float) -> None:
            bar.update(int(share * STEPS) - bar.pos)

        yield show
        show(1)


def print_json(report: Mapping[str, Any]) -> None:
    """Write the report to standard output as one JSON object."""
    click.echo(json.dumps(report, ensure_ascii=False, indent=1))


def finish(*, usable: bool) -> NoReturn:
    """End the command: 0 when some row was of use, else 1."""
    raise click.exceptions.Exit(0 if usable else 1)
