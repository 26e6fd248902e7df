"""Which reservation of a series becomes which day of its new rule: pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from booking.core.period import Period
from booking.reservations.rules.recurrence import Occurrence


@dataclass(frozen=True, slots=True)
class Pairing:
    """Old reservations by place (their index) and new days: who stays, moves, comes and goes."""

    stay: tuple[tuple[int, int], ...]  # (old, new): the same times
    move: tuple[tuple[int, int], ...]
    come: tuple[int, ...]
    go: tuple[int, ...]


def paired(old: Sequence[Period], new: Sequence[Occurrence]) -> Pairing:
    """Return how the old times become the new ones, both in order of start.

    What has its time already stays; of the others the first becomes the first, and so on.
    """
    at = {occurrence.period: n for n, occurrence in enumerate(new)}
    stay = tuple((n, at[period]) for n, period in enumerate(old) if period in at)
    kept_old, kept_new = {n for n, _ in stay}, {n for _, n in stay}
    rest = [n for n in range(len(old)) if n not in kept_old]
    free = [n for n in range(len(new)) if n not in kept_new]
    both = min(len(rest), len(free))
    move = tuple(zip(rest[:both], free[:both], strict=True))
    return Pairing(stay, move, tuple(free[both:]), tuple(rest[both:]))
