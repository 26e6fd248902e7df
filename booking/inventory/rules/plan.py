"""What an import would do, as values: units, pools, places, and what is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from booking.inventory.rules.rows import Problem, UnitRow
from booking.inventory.rules.values import plain

# In which a unit can be booked.
BOOKABLE = ("in_service", "limited")
NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
# Rows that name no lab go here, visibly, until somebody sorts them out.
NO_LAB = "未分配"
NO_LAB_EN = "Unassigned"

# site, lab, manufacturer, model (a name where there is no model)
PoolKey = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A site or lab by its name; `id` None: to be created."""

    id: int | None
    name: str

    @property
    def key(self) -> str:
        """Return what tells it from others, before it has an id and after."""
        return f"#{self.id}" if self.id is not None else plain(self.name)


@dataclass(frozen=True, slots=True)
class Named:
    """A site or lab in the database, with both its names."""

    id: int
    name_zh: str
    name_en: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit of the institution as it is in the database."""

    id: int
    pool_id: int
    asset_no: str | None
    serial: str
    import_key: str | None
    import_hash: str | None
    state: str


@dataclass(frozen=True, slots=True)
class KnownPool:
    """A pool of the institution; into a retired one nothing new falls."""

    id: int
    site_id: int
    lab_id: int
    manufacturer: str
    model: str
    name: str
    retired: bool = False

    @property
    def key(self) -> PoolKey:
        """Return what units share that are in it."""
        kind = plain(self.model or self.name)
        return (f"#{self.site_id}", f"#{self.lab_id}", plain(self.manufacturer), kind)


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows that matters to a plan. Pools are in id order."""

    sites: tuple[Named, ...] = ()
    labs: tuple[Named, ...] = ()
    pools: tuple[KnownPool, ...] = ()
    units: tuple[KnownUnit, ...] = ()
    categories: Mapping[str, str] = field(default_factory=dict)  # code -> name_zh


@dataclass(frozen=True, slots=True)
class PlannedPool:
    """A pool the rows fall into; `pool_id` None: to be created.

    `first` is the row that names and describes it. `takes_over`: the file has all units of an
    existing pool and they agree, so the pool's own texts follow the file.
    """

    pool_id: int | None
    site: Place
    lab: Place
    first: UnitRow
    category_code: str | None
    new_units: int
    rows: int
    takes_over: bool


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """What becomes of a row; `unit_id` None: a new unit. `pool` is an index of Plan.pools."""

    row: UnitRow
    status: str
    unit_id: int | None
    pool: int
    key: str | None  # None: another unit already bears it
    content_hash: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole of an import before it is done. `fields` are those the file speaks of."""

    units: tuple[PlannedUnit, ...]
    pools: tuple[PlannedPool, ...]
    rejected: tuple[Problem, ...]
    flagged: tuple[Problem, ...]
    fields: frozenset[str]

    def count(self, status: str) -> int:
        """Return how many rows are new, changed or unchanged."""
        return sum(unit.status == status for unit in self.units)

    @property
    def new_sites(self) -> tuple[str, ...]:
        """Return the names of the sites to be created, in file order."""
        return _new(pool.site for pool in self.pools)

    @property
    def new_labs(self) -> tuple[str, ...]:
        """Return the names of the labs to be created, in file order."""
        return _new(pool.lab for pool in self.pools)


@dataclass(frozen=True, slots=True)
class InUse:
    """Why a unit keeps its state whatever a file says: a code with what its text says."""

    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def leaving(plan: Plan, states: Mapping[int, str]) -> list[int]:
    """Return the units a plan takes out of service or back into it, by id.

    `states` are those of the units now.
    """
    if "state" not in plan.fields:
        return []
    return sorted(
        unit.unit_id
        for unit in plan.units
        if unit.unit_id is not None and unit.status == CHANGED and unit.state is not None
        and (unit.state in BOOKABLE) != (states[unit.unit_id] in BOOKABLE)
    )  # fmt: skip


def spared(plan: Plan, in_use: Mapping[int, InUse], label: str) -> Plan:
    """Return the plan in which these units keep their state, and say why under `label`.

    Their rows count as changed until the file and the unit agree, so nothing is forgotten.
    """
    if not in_use:
        return plan
    kept = [(unit, in_use[unit.unit_id or 0]) for unit in plan.units if unit.unit_id in in_use]
    units = tuple(
        replace(unit, state=None, content_hash="") if unit.unit_id in in_use else unit
        for unit in plan.units
    )
    said = [
        Problem(unit.row.line, label, unit.row.state_note, why.code, why.parameters)
        for unit, why in kept
    ]
    flagged = sorted((*plan.flagged, *said), key=lambda problem: problem.line)
    return replace(plan, units=units, flagged=tuple(flagged))


def _new(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.name for place in places if place.id is None))
