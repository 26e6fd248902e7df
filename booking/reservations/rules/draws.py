"""Who comes first when a day opens fairly: by turns, least recent use, and a lot; never arrival."""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from booking.core.errors import RuleViolated
from booking.core.period import Period

RECENT = timedelta(days=90)  # whose use counts; what is booked ahead counts too
MOST_ENTRIES = 10  # of a person, for one day
ENTRY_STATES = ("waiting", "withdrawn", "won", "lost")
Party = tuple[int | None, int | None]  # company id, institution id


@dataclass(frozen=True, slots=True)
class Entrant:
    """A request to be ranked: whose it is, for which party, and what it asks for."""

    entry_id: int
    user_id: int
    party: Party
    period: Period
    unit_id: int | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Use:
    """Minutes of the pool that people and parties have used of late or booked ahead."""

    by_person: Mapping[int, int]
    by_party: Mapping[Party, int]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a request: `rank` from 1, and all that it follows from.

    `turn`: it is its person's or its party's n-th request, whichever is later.
    """

    entry_id: int
    rank: int
    turn: int
    person_minutes: int
    party_minutes: int
    lot: str


def places(entrants: Sequence[Entrant], use: Use, seed: str) -> list[Place]:
    """Return the place of each request, first to last.

    By turns, so that nobody, and no party, has a second place before everybody had a first; then
    who used least, then whose party used least, then by lot. One's own go by start. Neither ids of
    requests nor their order count.
    """

    def person(one: Entrant) -> tuple[int, int, str, int]:
        return (
            use.by_person.get(one.user_id, 0), use.by_party.get(one.party, 0),
            lot(seed, one.user_id), one.user_id,
        )  # fmt: skip

    own = _turns(entrants, lambda one: one.user_id, _wanted)
    turns = _turns(
        entrants, lambda one: one.party, lambda one: (own[one], *person(one), *_wanted(one))
    )
    turn = {one: max(own[one], turns[one]) for one in entrants}
    order = sorted(entrants, key=lambda one: (turn[one], *person(one), *_wanted(one)))
    return [
        Place(one.entry_id, rank, turn[one], *person(one)[:3])
        for rank, one in enumerate(order, start=1)
    ]


def lot(seed: str, user_id: int) -> str:
    """Return a person's lot in a draw: whoever knows the seed can work it out again."""
    return hashlib.sha256(f"{seed}:{user_id}".encode()).hexdigest()[:16]


def sealed(seed: str) -> str:
    """Return what is shown of a seed before the draw, so that nobody can choose another later."""
    return hashlib.sha256(seed.encode()).hexdigest()


def is_collected(refusal: RuleViolated) -> bool:
    """Return whether the day asked for opens fairly just now."""
    return any(violation.code == "fair_opening" for violation in refusal.violations)


def is_being_drawn(refusal: RuleViolated) -> bool:
    """Return whether the requests for the day asked for are not decided yet."""
    return any(violation.code == "being_drawn" for violation in refusal.violations)


def _wanted(one: Entrant) -> tuple[Period, int, int, int, int]:
    company_id, institution_id = one.party
    return (one.period, one.unit_id or 0, one.quantity, company_id or 0, institution_id or 0)


def _turns(
    entrants: Iterable[Entrant],
    whose: Callable[[Entrant], Hashable],
    order: Callable[[Entrant], tuple[object, ...]],
) -> dict[Entrant, int]:
    """Return of each request the how-many-th of its owner it is, counted in this order."""
    turns: dict[Entrant, int] = {}
    counted: dict[Hashable, int] = {}
    for one in sorted(entrants, key=order):
        counted[whose(one)] = turns[one] = counted.get(whose(one), 0) + 1
    return turns
