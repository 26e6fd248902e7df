"""Fields that no form has: sent along with every form of the matrix, and looked for afterwards.

They are named like the columns of our tables, less every name that some form reads, so that a
service that takes whatever it is given stores the bait, or fails on it.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from wtforms import Form
from wtforms.fields.core import UnboundField

import booking
from booking.infra.db import Base

ROOT = Path(__file__).resolve().parents[1]
WORD = "bait-471147"
# Names asked of a request, and inputs written in templates.
READ = re.compile(r'(?:form|values)(?:\.get|\.getlist)?[(\[]\s*f?"(\w+)|\bname="(\w+)')


def bait() -> dict[str, str]:
    """Return name -> bait of every column that no form reads."""
    columns = {column.name for table in Base.metadata.sorted_tables for column in table.c}
    return dict.fromkeys(sorted(columns - {*_fields(), *_asked()}), WORD)


def stored(file: Path) -> bool:
    """Return whether the bait is in an SQLite file or its log."""
    log = file.with_name(f"{file.name}-wal")
    return any(WORD.encode() in path.read_bytes() for path in (file, log) if path.exists())


def _fields() -> Iterator[str]:
    for module in pkgutil.walk_packages(booking.__path__, "booking."):
        if ".forms" in module.name:
            for made in vars(importlib.import_module(module.name)).values():
                if isinstance(made, type) and issubclass(made, Form):
                    yield from (n for n in dir(made) if isinstance(getattr(made, n), UnboundField))


def _asked() -> Iterator[str]:
    for path in (*ROOT.glob("booking/**/*.py"), *ROOT.glob("templates/**/*.html")):
        for names in READ.findall(path.read_text(encoding="utf-8")):
            yield from filter(None, names)
