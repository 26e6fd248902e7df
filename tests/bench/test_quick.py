"""`python -m bench --quick` runs, and pages send as many statements in a large park as in a small.

No time is asserted: that is for a quiet machine, and `make bench`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import pages
from bench.__main__ import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300  # 20 s of CPU; others may be at work


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return the cells of the report's tables by the name of their figure."""
    path = tmp_path_factory.mktemp("bench") / "bench.md"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bench", "--quick", "--output", str(path)],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Task queue depth" not in done.stderr
    text = path.read_text(encoding="utf-8")
    assert [title for title in SECTIONS.values() if f"## {title} — sqlite" not in text] == []
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_every_page_sends_as_many_statements_whatever_the_parks_size(report):
    counted = {name: cells for name, cells in report.items() if ", statements at " in name}

    assert len(counted) >= 10
    for name, (ours, baseline, *_) in counted.items():
        assert baseline == f"at {pages.SMALL} units {ours}", name


def test_no_figure_is_empty(report):
    nothing = ("", "0", "0 ms", "0 /s")
    assert [name for name, cells in report.items() if cells[0] in nothing] == []
