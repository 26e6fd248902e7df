"""Commands about instrument classes."""

import csv
import io
from pathlib import Path

import click
from flask.cli import AppGroup

from booking.infra import clock
from booking.infra.db import write
from booking.inventory.rules.classes import CLASSES
from booking.inventory.rules.dictionary import DictionaryRow
from booking.inventory.services.categories import load_classes, load_dictionary
from booking.web.terminal import by_command

MOST_BYTES = 5_000_000  # the whole national dictionary is 30 kB
HEADINGS = {
    "code": ("code", "代码", "编码", "分类代码", "分类编码"),
    "parent": ("parent", "parent_code", "上级", "上级代码", "父级", "父级代码"),
    "name_zh": ("name_zh", "name", "名称", "分类名称", "中文名称"),
    "name_en": ("name_en", "english", "英文名称"),
}
REASONS = {
    "bad_code": "is not a code of six digits; left out",
    "no_name": "has no name; left out",
    "repeated_code": "was already named on an earlier line; the first one counts",
    "unknown_parent": "is named as parent but is nowhere; left out",
    "in_a_loop": "leads back to itself; left out",
    "own_parent": "names itself as parent; taken by its code",
}

categories = AppGroup("categories", help="Instrument classes.")


@categories.command("load")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def load(file: Path | None) -> None:
    """Load a dictionary of classes (CSV: code, parent, name_zh, name_en) or our own two levels.

    What the file does not name stays; the same file again changes nothing.
    """
    now = clock.now()
    by_command()
    rows = _rows(file) if file else []
    if file:
        loaded = write(lambda session: load_dictionary(session, None, rows, now))
    else:
        loaded = write(lambda session: load_classes(session, None, CLASSES, now))
    for problem in loaded.problems:
        click.echo(f"line {problem.line}: {problem.value!r} {REASONS[problem.reason]}", err=True)
    click.echo(f"{loaded.new} new, {loaded.changed} changed, {loaded.unchanged} unchanged")
    if not loaded.new + loaded.changed + loaded.unchanged:
        raise click.exceptions.Exit(1)


def _rows(file: Path) -> list[DictionaryRow]:
    if file.stat().st_size > MOST_BYTES:
        raise click.UsageError(f"{file.name} is larger than {MOST_BYTES} bytes")
    reader = csv.reader(io.StringIO(_text(file), newline=""))
    try:
        lines = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise click.UsageError(f"{file.name}: {error}") from error
    columns = _columns(lines[0][1] if lines else [])
    found = []
    for line, row in lines[1:]:
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        if any(cells.values()):
            found.append(
                DictionaryRow(
                    line, cells["code"], cells.get("parent", ""), cells["name_zh"],
                    cells.get("name_en", ""),
                )
            )  # fmt: skip
    return found


def _text(file: Path) -> str:
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _columns(headings: list[str]) -> dict[str, int]:
    shown = [heading.strip().lower() for heading in headings]
    columns = {
        field: shown.index(name)
        for field, names in HEADINGS.items()
        for name in reversed(names)
        if name in shown
    }
    for needed in ("code", "name_zh"):
        if needed not in columns:
            raise click.UsageError(
                f"no column {needed!r}; headings are: {', '.join(headings) or 'none'}"
            )
    return columns
