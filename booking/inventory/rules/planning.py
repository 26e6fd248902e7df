"""Planning an import: rows and what is known in, the whole plan out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from booking.core.errors import Invalid
from booking.inventory.rules.identity import Keys, Units, content_hash, model_of
from booking.inventory.rules.plan import (
    CHANGED,
    NEW,
    NO_LAB,
    UNCHANGED,
    Known,
    KnownUnit,
    Named,
    Place,
    Plan,
    PlannedPool,
    PlannedUnit,
    PoolKey,
)
from booking.inventory.rules.rows import Problem, Reading, Rows, UnitRow
from booking.inventory.rules.values import plain


@dataclass(frozen=True, slots=True)
class _Item:
    """A row on its way: where it belongs, its key, and the unit it is already."""

    row: UnitRow
    site: Place
    lab: Place
    key: str
    unit: KnownUnit | None

    @property
    def pool_key(self) -> PoolKey:
        return (self.site.key, self.lab.key, plain(self.row.manufacturer), model_of(self.row))


def make_plan(rows: Rows, reading: Reading, known: Known) -> Plan:
    """Return what importing the rows would do; pure, and the same before and after a preview.

    Raises Invalid (import_site_needed) when no row has a site and there is not exactly one.
    """
    planner = _Planner(reading, known)
    items = planner.items(rows.usable)
    pools = _Pools(items, known)
    units = tuple(planner.unit(item, pools) for item in items)
    kept = {unit.row.line for unit in units}
    remarks = (p for some in (rows.flagged, planner.flagged) for p in some if p.line in kept)
    return Plan(
        units=units,
        pools=tuple(planner.pool(opened) for opened in pools.opened),
        rejected=_by_line((*rows.rejected, *planner.rejected)),
        flagged=_by_line(remarks),
        fields=frozenset(reading.sources),
    )


def _by_line(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line))


class _Planner:
    """Turns rows into items and units, noting what is refused and what should be known."""

    def __init__(self, reading: Reading, known: Known) -> None:
        self.reading = reading
        self.known = known
        self.rejected: list[Problem] = []
        self.flagged: list[Problem] = []
        self.sites = _by_name(known.sites)
        self.labs = _by_name(known.labs)
        self.units = Units(known)
        self.category_names = {plain(name): code for code, name in known.categories.items()}

    def flag(self, row: UnitRow, field: str, value: str, code: str, **parameters: object) -> None:
        """Note something about a row that goes in all the same."""
        label = self.reading.label(field)
        self.flagged.append(Problem(row.line, label, value, code, parameters))

    def reject(self, row: UnitRow, field: str, value: str, code: str, **parameters: object) -> None:
        """Refuse a row."""
        label = self.reading.label(field)
        self.rejected.append(Problem(row.line, label, value, code, parameters))

    # --- rows to items -------------------------------------------------------------

    def items(self, rows: Sequence[UnitRow]) -> list[_Item]:
        """Return the rows that go in, each once: of two about one unit the second is refused."""
        live = [site for site in self.known.sites if not site.retired]
        only = live[0] if len(live) == 1 else None
        if rows and only is None and not any(row.site for row in rows):
            raise Invalid("import_site_needed", field="site", actual=len(live))
        keys = Keys()
        taken: dict[str, int] = {}  # key, or unit, to the line it was first on
        items = []
        for row in rows:
            item = self.item(row, only, keys.key(row))
            if item is None:
                continue
            same = [item.key, *([f"unit:{item.unit.id}"] if item.unit else [])]
            first = next((taken[name] for name in same if name in taken), None)
            if first is None:
                taken.update(dict.fromkeys(same, row.line))
                items.append(item)
            else:
                self.repeated(row, first)
        return items

    def item(self, row: UnitRow, only: Named | None, key: str) -> _Item | None:
        """Return the row with its unit, site and lab, None when one of them cannot be told."""
        if not row.site and only is None:
            self.reject(row, "site", "", "import_site_missing")
            return None
        site = self.place(row.site, self.sites) if row.site or only is None else _place(only)
        found = self.units.find(row, key)
        if len(found) > 1:
            self.reject(row, "serial", row.serial, "import_ambiguous", count=len(found))
            return None
        lab = self.place(row.lab or NO_LAB, self.labs)
        if not row.lab:
            self.flag(row, "lab", "", "import_no_lab", lab=lab.name)
        if key.startswith("row:"):
            self.flag(row, "asset_no", row.asset_no or "", "import_keyless")
        return _Item(row, site, lab, key, found[0] if found else None)

    def place(self, name: str, known: Mapping[str, Named]) -> Place:
        """Return the named site or lab, one to be created if there is none.

        Raises Invalid when it has been retired: units put there would be lost from sight.
        """
        found = known.get(plain(name))
        if found and found.retired:
            raise Invalid("import_place_retired", actual=found.name_zh)
        return _place(found) if found else Place(None, name)

    def repeated(self, row: UnitRow, first: int) -> None:
        """Refuse the second row about a unit."""
        field = "asset_no" if row.asset_no else "serial"
        value = row.asset_no or row.serial
        self.reject(row, field, value, "import_repeated", first=first, line=row.line)

    # --- items to units ------------------------------------------------------------

    def unit(self, item: _Item, pools: "_Pools") -> PlannedUnit:
        """Return what becomes of the item, with remarks on its pool and category."""
        written = content_hash(item.row, item.site, item.lab)
        status, unit_id = NEW, None
        if item.unit:
            status = UNCHANGED if item.unit.import_hash == written else CHANGED
            unit_id = item.unit.id
        if item in pools.staying:
            self.flag(item.row, "model", item.row.model, "import_stays_in_pool")
        code, exact = self.category(item.row.category)
        if not exact and code:
            self.flag(item.row, "category", item.row.category, "import_category", used=code)
        elif not exact:
            self.flag(item.row, "category", item.row.category, "import_category_unknown")
        pool = pools.index_of[item.row.line]
        key = item.key if self.units.owner(item.key) in (None, unit_id) else None
        return PlannedUnit(item.row, status, unit_id, pool, key, written, self.state(item))

    def pool(self, opened: "_Opened") -> PlannedPool:
        """Return the pool as planned; its first row names and describes it."""
        first = opened.items[0]
        return PlannedPool(
            pool_id=opened.pool_id,
            site=first.site,
            lab=first.lab,
            first=first.row,
            category_code=self.category(first.row.category)[0],
            new_units=sum(item.unit is None for item in opened.items),
            rows=len(opened.items),
            takes_over=opened.takes_over,
        )

    def state(self, item: _Item) -> str | None:
        """Return the state to write; a file neither retires a unit in the park nor revives one."""
        state = item.row.state
        if (
            item.unit is None
            or state is None
            or (state == "retired") == (item.unit.state == "retired")
        ):
            return state
        self.flag(item.row, "state", item.row.state_note, "import_retired_by_hand")
        return "down" if state == "retired" else None

    def category(self, text: str) -> tuple[str | None, bool]:
        """Return a category's code and whether it is exactly what the text says.

        For a class that is not loaded it is the nearest class above.
        """
        code = self.category_names.get(plain(text))
        if code or not text:
            return code, True
        if not (text.isascii() and text.isdecimal() and len(text) <= 6):
            return None, False
        even = text.zfill(len(text) + len(text) % 2)  # spreadsheets drop the zero in front
        digits = even.ljust(6, "0")
        above = (digits, f"{digits[:4]}00", f"{digits[:2]}0000")
        code = next((known for known in above if known in self.known.categories), None)
        return code, code == digits


def _place(known: Named) -> Place:
    return Place(known.id, known.name_zh)


def _by_name(known: Iterable[Named]) -> dict[str, Named]:
    names: dict[str, Named] = {}
    for place in known:
        for name in (place.name_zh, place.name_en):
            if name:
                names.setdefault(plain(name), place)
    return names


@dataclass(slots=True)
class _Opened:
    """A pool that rows may fall into."""

    pool_id: int | None
    key: PoolKey
    takes_over: bool
    items: list[_Item]


class _Pools:
    """Sorts items into pools: existing ones first, one new pool for each new key.

    A unit that is in a pool stays there, for reservations name its pool; only when the file has
    all units of a pool, and they agree on a new model, lab or site, does the pool itself follow.
    """

    def __init__(self, items: Sequence[_Item], known: Known) -> None:
        self.staying: set[_Item] = set()
        self._by_id: dict[int, _Opened] = {}
        self._by_key: dict[PoolKey, _Opened] = {}
        self._open_existing(items, known)
        for item in items:
            self._pool_of(item).items.append(item)
        self.opened = [pool for pool in self._all() if pool.items]
        self.index_of = {
            item.row.line: index for index, pool in enumerate(self.opened) for item in pool.items
        }

    def _all(self) -> list[_Opened]:
        existing = list(self._by_id.values())
        return existing + [pool for pool in self._by_key.values() if pool.pool_id is None]

    def _open_existing(self, items: Sequence[_Item], known: Known) -> None:
        size = Counter(unit.pool_id for unit in known.units if unit.state != "retired")
        wanted: dict[int, set[PoolKey]] = defaultdict(set)
        present: Counter[int] = Counter()
        for item in items:
            if item.unit:
                wanted[item.unit.pool_id].add(item.pool_key)
                present[item.unit.pool_id] += item.unit.state != "retired"
        taken = {pool.key for pool in known.pools if not pool.retired}
        for pool in known.pools:
            keys = wanted[pool.id]
            speaks = len(keys) == 1 and present[pool.id] == size[pool.id]
            follows = speaks and not pool.retired and not keys & (taken - {pool.key})
            key = next(iter(keys)) if follows else pool.key
            opened = _Opened(pool.id, key, takes_over=follows, items=[])
            self._by_id[pool.id] = opened
            if not pool.retired:
                self._by_key.setdefault(key, opened)

    def _pool_of(self, item: _Item) -> _Opened:
        pool = self._by_id.get(item.unit.pool_id) if item.unit else None
        if pool is not None:
            if pool.key != item.pool_key:
                self.staying.add(item)
            return pool
        known = self._by_key.get(item.pool_key)
        if known is None:
            known = _Opened(None, item.pool_key, takes_over=False, items=[])
            self._by_key[item.pool_key] = known
        return known
