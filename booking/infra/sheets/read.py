"""Reading an untrusted spreadsheet through the child process, with every bound in force."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.infra.sheets.limits import Limits

ROOT = Path(__file__).resolve().parents[3]
# The child needs no secret of ours; SYSTEMROOT is what Windows cannot start without.
ENVIRONMENT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG", "TMPDIR")
# The rows as JSON; the largest useful file, 12,000 units of 50 columns, makes 6 MB.
RESULT_BYTES = 24 * 1024 * 1024
START_SECONDS = 3


def read_sheets(content: bytes, limits: Limits) -> list[Sheet]:
    """Return the sheets of the file that have rows; never empty.

    Raises Invalid with the reason: empty, encrypted, damaged, no table, or beyond a limit.
    """
    head = {"limits": asdict(limits), "result_bytes": RESULT_BYTES}
    request = json.dumps(head).encode() + b"\n" + content
    with tempfile.TemporaryFile() as target:
        code = _run(request, target, limits)
        if code != 0:
            raise _refusal(code, limits)
        target.seek(0)
        return _sheets(target)


def _run(request: bytes, target: IO[bytes], limits: Limits) -> int:
    """Return the child's exit code, negative for the signal that ended it."""
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    try:
        return subprocess.run(
            [sys.executable, "-m", "booking.infra.sheets.child"],
            input=request,
            stdout=target,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment,
            timeout=limits.seconds + START_SECONDS,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return -signal.SIGTERM


def _refusal(code: int, limits: Limits) -> Invalid:
    slow = {-signal.SIGTERM}
    if hasattr(signal, "SIGXCPU"):
        slow |= {-signal.SIGXCPU, -signal.SIGKILL}
    if code in slow:
        return Invalid("import_too_slow", limit=limits.seconds)
    # Rust aborts where Python raises MemoryError.
    if code in {3, -signal.SIGABRT}:
        return Invalid("import_too_big", limit=limits.memory_mib)
    return Invalid("import_damaged")


def _sheets(lines: IO[bytes]) -> list[Sheet]:
    head = json.loads(lines.readline())
    if "refused" in head:
        raise Invalid(head["refused"], **head["parameters"])
    found = []
    for _ in range(head["sheets"]):
        title = json.loads(lines.readline())
        rows = (json.loads(lines.readline()) for _ in range(title["rows"]))
        found.append(Sheet(title["name"], tuple(Row(n, tuple(cells)) for n, cells in rows)))
    return found
