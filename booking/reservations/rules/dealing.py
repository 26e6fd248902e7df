"""What becomes of reservations whose unit, group or agreement goes: moved, kept, cancelled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from booking.core.errors import Invalid
from booking.reservations.rules.eject import Board, Held, Relocation
from booking.reservations.rules.slots import UnitFacts

MOVE, KEEP, CANCEL = FATES = ("move", "keep", "cancel")


@dataclass(frozen=True, slots=True)
class Dealing:
    """What somebody decided for each reservation, by id, and for all others; and why."""

    fates: Mapping[int, str] = field(default_factory=dict)
    rest: str | None = None
    reason: str = ""

    def fate(self, reservation_id: int) -> str | None:
        """Return what becomes of a reservation; None: nobody has decided."""
        return self.fates.get(reservation_id, self.rest)


NOTHING_DECIDED = Dealing()


def require_fates(dealing: Dealing) -> None:
    """Raise Invalid for an unknown fate, or when somebody is to lose a reservation for nothing."""
    fates = {*dealing.fates.values(), *([dealing.rest] if dealing.rest else [])}
    if not fates <= set(FATES):
        raise Invalid("unknown_choice", field="rest")
    if CANCEL in fates and not dealing.reason.strip():
        raise Invalid("reason_needed", field="reason")


def places(
    units: Sequence[UnitFacts],
    held: Mapping[int, Sequence[Held]],
    hit: Collection[int],
    whose: Mapping[int, int],
    supervised: Collection[int] = (),
) -> dict[int, tuple[Relocation, ...]]:
    """Return where each reservation on a unit that is `hit` can go: reservation -> its moves.

    `whose` names the reservation of each allocation that may move. In order of start each takes
    the best fit that those before it left; one without a place for all its hit units is left out.
    """
    rows = sorted(
        (one for unit_id in hit for one in held.get(unit_id, ()) if one.allocation_id in whose),
        key=lambda one: (one.block.start, one.allocation_id),
    )
    board = Board({u.unit_id: u for u in units if u.unit_id not in hit}, held, supervised)
    found: dict[int, tuple[Relocation, ...]] = {}
    homeless = set()
    for one in rows:
        reservation_id = whose[one.allocation_id]
        free = board.targets(one, one.shown) if one.shown else []
        if not free:
            homeless.add(reservation_id)
            continue
        unit_id, block = free[0]
        board.put(unit_id, block)
        move = Relocation(one.allocation_id, one.unit_id, unit_id, block)
        found[reservation_id] = (*found.get(reservation_id, ()), move)
    return {key: moves for key, moves in found.items() if key not in homeless}
