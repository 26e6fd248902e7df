"""What somebody asked of an import, and how the sheets they gave are to be read for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from booking.core.errors import Invalid
from booking.core.table import Sheet
from booking.inventory.rules.columns import JOINED, UNIT_WORDS
from booking.inventory.rules.headings import best_sheet, guess, mapped
from booking.inventory.rules.rows import Reading


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of an import. `mapping` is as in a mapping file: field → column.

    `share_from` and `share_until` (last day included) open a contribution for each new pool.
    """

    institution: str
    site: str = ""
    lab: str = ""
    mapping: Mapping[str, object] = field(default_factory=dict)
    share_from: date | None = None
    share_until: date | None = None

    @property
    def shares(self) -> bool:
        """Return whether new pools are to be shared."""
        return self.share_from is not None or self.share_until is not None


def check_options(options: Options) -> None:
    """Raise Invalid for choices that cannot be meant, before any file is read."""
    if not options.institution.strip():
        raise Invalid("required", field="institution")
    start, end = options.share_from, options.share_until
    if start and end and end < start:
        raise Invalid("end_before_start", field="share_until")


def named_columns(mapping: Mapping[str, object]) -> set[str]:
    """Return every column a mapping names."""
    names: set[str] = set()
    for value in mapping.values():
        if isinstance(value, str):
            names.add(value)
        elif isinstance(value, list):
            names.update(item for item in value if isinstance(item, str))
    return names


def reading_of(sheets: Sequence[Sheet], options: Options) -> tuple[Sheet, Reading]:
    """Return the sheet that lists units and how to read it: guessed, corrected by the mapping.

    Raises Invalid when the mapping names what is not there, or no column can name a unit.
    """
    names = named_columns(options.mapping)
    sheet, header = best_sheet(sheets, UNIT_WORDS, JOINED, names)
    by_hand = mapped(options.mapping, header.labels, UNIT_WORDS)
    taken = {column for source in by_hand.values() for column in source.columns}
    labels = ["" if column in taken else label for column, label in enumerate(header.labels)]
    sources = {**guess(labels, UNIT_WORDS, JOINED), **by_hand}
    sources = {name: source for name, source in sources.items() if source.columns or source.const}
    reading = Reading(
        header, sources, frozenset(by_hand), options.site.strip(), options.lab.strip()
    )
    if not reading.lists_units:
        raise Invalid("import_no_names", columns=", ".join(header.labels[:12]))
    return sheet, reading
