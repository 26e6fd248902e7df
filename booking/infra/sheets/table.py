"""What a spreadsheet is once read, and the bounds it must keep."""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Row:
    """A row's number as a spreadsheet shows it, from 1, and its cells as trimmed text."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """Return the cell's text, empty beyond the row's end."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name (empty for text files) and its rows that are not blank, in order."""

    name: str
    rows: tuple[Row, ...]
