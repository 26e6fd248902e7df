"""The rows of a sheet as units: every cell read, and what is wrong with those that cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from booking.core.table import Row
from booking.inventory.rules.columns import NAMING
from booking.inventory.rules.headings import Header, Source, key
from booking.inventory.rules.values import (
    KIND_OF_WORD,
    STATE_OF_WORD,
    WAN,
    amount_fen,
    is_placeholder,
    iso_day,
    plain,
    yes_or_no,
)

# Characters a field may have; longer is a cell in the wrong column.
MOST_CHARACTERS = {
    "asset_no": 100, "serial": 200, "name": 300, "name_en": 300, "manufacturer": 300, "model": 300,
    "category": 200, "state": 200, "site": 100, "lab": 200, "place": 500, "commissioned_on": 100,
    "value": 100, "customs": 50, "kind": 50, "description": 20_000, "specifications": 20_000,
}  # fmt: skip
SHOWN_CHARACTERS = 120
# Whoever labels the number so follows the national platform, whose amounts are in 万元.
_NATIONAL = ("innerid", "所在单位仪器编号", "所属单位仪器编号")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with, or to be known of, a cell; `code` and `parameters` make its text."""

    line: int
    column: str
    value: str
    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as its row states it; empty texts where the row says nothing.

    `site` and `lab` may come from options; `own_site` and `own_lab` are only what the row says.
    `state` None: the row does not say.
    """

    line: int
    name: str
    name_en: str = ""
    asset_no: str | None = None
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    category: str = ""
    site: str = ""
    lab: str = ""
    own_site: str = ""
    own_lab: str = ""
    place: str = ""
    kind: str = "instrument"
    state: str | None = None
    state_note: str = ""
    customs: bool = False
    value_fen: int | None = None
    commissioned_on: str | None = None
    description: str = ""
    specifications: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a sheet: its heading, where each field is, and what options fill in.

    `sure` names the fields somebody mapped by hand: for these the row beats the option.
    """

    header: Header
    sources: Mapping[str, Source]
    sure: frozenset[str] = frozenset()
    site: str = ""
    lab: str = ""

    @property
    def lists_units(self) -> bool:
        """Return whether a name can be had for the rows."""
        return any(name in self.sources for name in NAMING)

    def label(self, field_name: str) -> str:
        """Return the heading a field is read from, the field's name if from none."""
        source = self.sources.get(field_name)
        if source is None or not source.columns:
            return field_name
        return self.header.label(source.columns[0])


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that can be used, in order, those that cannot, and remarks on usable ones."""

    usable: tuple[UnitRow, ...]
    rejected: tuple[Problem, ...]
    flagged: tuple[Problem, ...]


def read_rows(rows: Sequence[Row], reading: Reading) -> Rows:
    """Return the rows below the heading as units; one problem a wrong cell, all of a row's told."""
    unit = _value_unit(reading)
    usable: list[UnitRow] = []
    rejected: list[Problem] = []
    flagged: list[Problem] = []
    for row in rows[reading.header.first_row :]:
        reader = _RowReader(row, reading, unit)
        read = reader.read()
        if reader.wrong:
            rejected += reader.wrong
        else:
            usable.append(read)
            flagged += reader.remarks
    return Rows(tuple(usable), tuple(rejected), tuple(flagged))


def _value_unit(reading: Reading) -> int:
    """Return how many yuan a plain 1 in the value column stands for, from the headings."""
    label = key(reading.label("value"))
    if "万" in label or label == "worth":
        return WAN
    return WAN if label == "原值" and key(reading.label("asset_no")) in _NATIONAL else 1


class _RowReader:
    """Reads one row, collecting what is wrong instead of stopping at it."""

    def __init__(self, row: Row, reading: Reading, value_unit: int) -> None:
        self.row = row
        self.reading = reading
        self.value_unit = value_unit
        self.wrong: list[Problem] = []
        self.remarks: list[Problem] = []

    def read(self) -> UnitRow:
        """Return the unit; it is to be used only if `wrong` stays empty."""
        manufacturer, model = self.known("manufacturer"), self.known("model")
        description = self.text("description", lines=True)
        own_site, own_lab = self.known("site"), self.known("lab")
        state, state_note = self.state()
        read = UnitRow(
            line=self.row.number,
            name=self.name() or f"{manufacturer} {model}".strip(),
            name_en=self.known("name_en"),
            asset_no=self.known("asset_no") or None,
            serial=self.text("serial"),
            manufacturer=manufacturer,
            model=model,
            category=self.known("category"),
            site=self.choose("site", own_site, self.reading.site),
            lab=self.choose("lab", own_lab, self.reading.lab),
            own_site=own_site,
            own_lab=own_lab,
            place=self.known("place"),
            kind=self.kind(),
            state=state,
            state_note=state_note,
            customs=bool(self.convert("customs", yes_or_no, "import_yes_or_no")),
            value_fen=self.convert(
                "value", lambda text: amount_fen(text, self.value_unit), "import_amount"
            ),
            commissioned_on=self.convert("commissioned_on", iso_day, "import_day"),
            description=description,
            specifications=self.text("specifications", lines=True),
        )
        return read if read.name else self.named_by(read)

    def name(self) -> str:
        """Return the name; even UNKNOWN names a thing that is there, a dash does not."""
        text = self.text("name")
        return text if any(map(str.isalnum, text)) else ""

    def named_by(self, read: UnitRow) -> UnitRow:
        """Return the unit named by its description: UNIQUIP 1 asks for only one of the two."""
        if not read.description:
            self.reject("name", "", "import_name_missing")
            return read
        name = " ".join(read.description.split())
        short = name[: MOST_CHARACTERS["name"]]
        return replace(read, name=short, description="" if short == name else read.description)

    def text(self, name: str, *, lines: bool = False) -> str:
        """Return the field's text, on one line unless `lines`; too long is wrong."""
        source = self.reading.sources.get(name)
        if source is None:
            return ""
        text = source.text(self.row).strip()
        text = text if lines else " ".join(text.split())
        limit = MOST_CHARACTERS[name]
        if len(text) > limit:
            self.reject(name, text, "import_too_long", limit=limit, actual=len(text))
        return text[:limit]

    def known(self, name: str) -> str:
        """Return the field's text, empty where it only says that nothing is known."""
        text = self.text(name)
        return "" if is_placeholder(text) else text

    def choose(self, name: str, own: str, option: str) -> str:
        return own or option if name in self.reading.sure else option or own

    def state(self) -> tuple[str | None, str]:
        """Return state and note; a unit of unknown state is bookable with its word as warning."""
        text = self.known("state")
        if not text:
            return None, ""
        state = STATE_OF_WORD.get(plain(text))
        if state is None:
            self.remark("state", text, "import_state_unknown")
            return "limited", text
        return state, "" if state == "in_service" else text

    def kind(self) -> str:
        text = self.known("kind")
        kind = KIND_OF_WORD.get(plain(text)) if text else "instrument"
        if kind is None:
            self.reject("kind", text, "import_kind_unknown")
        return kind or "instrument"

    def convert(self, name: str, read: Any, code: str) -> Any:
        """Return what `read` makes of the field, None where it is empty or wrong."""
        text = self.text(name)
        if is_placeholder(text):
            return None
        try:
            return read(text)
        except ValueError:
            self.reject(name, text, code)
            return None

    def reject(self, name: str, value: str, code: str, **parameters: Any) -> None:
        self.wrong.append(self._problem(name, value, code, parameters))

    def remark(self, name: str, value: str, code: str, **parameters: Any) -> None:
        self.remarks.append(self._problem(name, value, code, parameters))

    def _problem(self, name: str, value: str, code: str, parameters: dict[str, Any]) -> Problem:
        label = self.reading.label(name)
        return Problem(self.row.number, label, value[:SHOWN_CHARACTERS], code, parameters)
