"""How a row is known again: by asset number, else serial and model, else by all it says."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import fields

from booking.inventory.rules.plan import Known, KnownUnit, Place
from booking.inventory.rules.rows import UnitRow
from booking.inventory.rules.values import is_placeholder, plain

# What a row says of itself: not its place in the file, nor what options fill in.
_OWN = tuple(f.name for f in fields(UnitRow) if f.name not in {"line", "site", "lab"})


def model_of(row: UnitRow) -> str:
    """Return what a unit is one of: its model, else its name."""
    return plain(row.model or row.name)


def serial_key(model: str, serial: str) -> str | None:
    """Return the key by serial and model, None where the serial says nothing."""
    return None if is_placeholder(serial) else f"serial:{plain(model)}|{plain(serial)}"


def content_hash(row: UnitRow, site: Place, lab: Place) -> str:
    """Return a hash of all that an import would write; equal means unchanged."""
    return _digest({**_said(row), "own_site": site.name, "own_lab": lab.name})


def _said(row: UnitRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in _OWN}


def _digest(said: dict[str, object]) -> str:
    # Empty fields are left out: a column added later changes only the rows that fill it.
    filled = {name: value for name, value in said.items() if value not in (None, "", False)}
    text = json.dumps(filled, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Keys:
    """Gives each row of one file its key, in file order."""

    def __init__(self) -> None:
        self._occurrences: Counter[str] = Counter()

    def key(self, row: UnitRow) -> str:
        """Return the key; a row with neither number is its hash and its nth occurrence."""
        if row.asset_no:
            return f"asset:{row.asset_no}"
        by_serial = serial_key(row.model or row.name, row.serial)
        if by_serial:
            return by_serial
        digest = _digest(_said(row))
        self._occurrences[digest] += 1
        return f"row:{digest}:{self._occurrences[digest]}"


class Units:
    """The institution's units, to find the one a row means."""

    def __init__(self, known: Known) -> None:
        models = {pool.id: pool.model or pool.name for pool in known.pools}
        self._by_asset = {unit.asset_no: unit for unit in known.units if unit.asset_no}
        self._by_key = {unit.import_key: unit for unit in known.units if unit.import_key}
        self._by_serial: dict[str, list[KnownUnit]] = defaultdict(list)
        for unit in known.units:
            key = serial_key(models.get(unit.pool_id, ""), unit.serial)
            if key:
                self._by_serial[key].append(unit)

    def find(self, row: UnitRow, key: str) -> list[KnownUnit]:
        """Return the units the row may mean: none, the one, or several that cannot be told apart.

        A number found later is added to the unit known by serial and model; and a file without
        numbers still finds units that have one.
        """
        alike = self._by_serial.get(serial_key(row.model or row.name, row.serial) or "", [])
        if row.asset_no:
            # Renumbered by hand since: the file's number still means the same unit.
            exact = self._by_asset.get(row.asset_no) or self._by_key.get(key)
            return [exact] if exact else _unnumbered(alike)
        if key in self._by_key:
            return [self._by_key[key]]
        return _unnumbered(alike) or alike

    def owner(self, key: str) -> int | None:
        """Return the id of the unit that was last imported under the key."""
        unit = self._by_key.get(key)
        return unit.id if unit else None


def _unnumbered(units: Iterable[KnownUnit]) -> list[KnownUnit]:
    return [unit for unit in units if unit.asset_no is None]
