"""Tables of text, as read from a spreadsheet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A row's number as a spreadsheet shows it, from 1, and its cells as trimmed text."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """Return the cell's text, empty beyond the row's end; columns count from 0."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name (empty for text files) and its rows that are not blank, in order."""

    name: str
    rows: tuple[Row, ...]


def column_letters(column: int) -> str:
    """Return a column's letters as a spreadsheet shows them; columns count from 0.

    >>> column_letters(0), column_letters(25), column_letters(26), column_letters(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
