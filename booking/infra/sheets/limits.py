"""The bounds one spreadsheet must keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file; beyond any of them it is refused by name."""

    rows: int
    columns: int
    unpacked_bytes: int
    zip_entries: int
    zip_ratio: int
    seconds: int
    memory_mib: int


def limits_of(settings: Mapping[str, Any]) -> Limits:
    """Return the limits that the IMPORT_* settings state."""
    return Limits(
        rows=settings["IMPORT_MAX_ROWS"],
        columns=settings["IMPORT_MAX_COLUMNS"],
        unpacked_bytes=settings["IMPORT_MAX_UNPACKED_BYTES"],
        zip_entries=settings["IMPORT_MAX_ZIP_ENTRIES"],
        zip_ratio=settings["IMPORT_MAX_ZIP_RATIO"],
        seconds=settings["IMPORT_MAX_SECONDS"],
        memory_mib=settings["IMPORT_MAX_MEMORY_MIB"],
    )
