"""The child process that reads one spreadsheet: `python -m booking.infra.sheets.child`.

Standard input: a line of JSON limits, then the file's bytes. Standard output: JSON lines, first
`{"refused": code, …}` or `{"sheets": count}`, then for each sheet its name and its rows.
"""

import json
import sys
from typing import Any, BinaryIO

from booking.core.errors import Invalid
from booking.infra.sheets.limits import Limits
from booking.infra.sheets.parse import parse

try:
    import resource
except ImportError:  # Windows: only the parent's clock bounds the child
    resource = None  # type: ignore[assignment]

TOO_BIG = 3


def limit_self(limits: Limits, result_bytes: int) -> None:
    """Bound this process's memory, processor time and output; what exceeds them is killed."""
    if resource is None:
        return
    memory = limits.memory_mib * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (result_bytes, result_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(source: BinaryIO, target: BinaryIO) -> int:
    """Read one file from `source`, write its rows to `target`; return the exit code."""
    request = json.loads(source.readline())
    limits = Limits(**request["limits"])
    limit_self(limits, request["result_bytes"])
    try:
        _answer(source.read(), limits, target)
    except (MemoryError, OSError):
        return TOO_BIG
    return 0


def _answer(content: bytes, limits: Limits, target: BinaryIO) -> None:
    try:
        sheets = parse(content, limits)
    except Invalid as refusal:
        _line(target, {"refused": refusal.code, "parameters": refusal.parameters})
        return
    _line(target, {"sheets": len(sheets)})
    for sheet in sheets:
        _line(target, {"name": sheet.name, "rows": len(sheet.rows)})
        for row in sheet.rows:
            _line(target, [row.number, row.cells])
    target.flush()


def _line(target: BinaryIO, value: Any) -> None:
    # "surrogatepass" never raises; a lone surrogate becomes visible later, in the preview.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    target.write(text.encode("utf-8", "replace") + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
