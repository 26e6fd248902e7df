"""Where the public sample data lies, which is never part of the project."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = Path(os.environ.get("BOOKING_SAMPLE_DATA", ROOT.parent / "shared" / "data"))


def sample(path: str) -> Path:
    """Return a sample file's path; skip the test where there are no samples."""
    if not SAMPLES.is_dir():
        pytest.skip(f"no sample data at {SAMPLES}: set BOOKING_SAMPLE_DATA")
    return SAMPLES / path


def sample_files(*folders: str) -> list[str]:
    """Return every file below the folders, as paths `sample` takes; one empty path if none."""
    files = [
        str(path.relative_to(SAMPLES))
        for folder in folders
        for path in sorted((SAMPLES / folder).rglob("*"))
        if path.is_file()
    ]
    return files or [""]
