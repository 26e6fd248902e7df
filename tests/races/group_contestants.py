"""What racing processes do with groups; top-level functions, which processes can be given."""

from bench.drills.ground import slot
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import write
from booking.reservations.rules.groups import BundleWanted, OnProblem, Scope, SeriesWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.services.bundles import make_bundle
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.group_changes import GroupChange, cancel_group, change_group
from booking.reservations.services.series import make_series

# A week apart: the rounds' slots lie within two days, so no round meets another's.
WEEKLY = "FREQ=WEEKLY;COUNT=3"


def repeat(number: int, actor: Actor, how: str, offset: float = 0, **wanted: object) -> int:
    """Return the id of a series of three weeks from this round's slot on."""
    start, end = slot(number * 4 + offset)
    request = BookingRequest(start=start, end=end, **wanted)  # type: ignore[arg-type]
    asked = SeriesWanted(request, parse_rule(WEEKLY), on_problem=OnProblem(how))
    now = clock.now()
    return write(lambda s: make_series(s, actor, asked, now)).group_id


def repeat_as(number: int, actor: Actor, how: str, wanted: dict[str, object]) -> int:
    """Return the id of a series from this round's slot on."""
    return repeat(number, actor, how, **wanted)


def bundle_as(number: int, actor: Actor, unit_ids: tuple[int, ...]) -> int:
    """Return the id of a bundle of these units at this round's slot."""
    start, end = slot(number * 4)
    requests = tuple(BookingRequest(start=start, end=end, unit_id=unit) for unit in unit_ids)
    now = clock.now()
    return write(lambda s: make_bundle(s, actor, BundleWanted(requests), now)).group_id


def move_all(number: int, actor: Actor, groups: list[int], by: float) -> str:
    """Move all of this round's series by some hours."""
    start, end = slot(number * 4 + by)
    change, now = GroupChange(Scope.ALL, None, start, end), clock.now()
    write(lambda s: change_group(s, actor, groups[number], None, change, now))
    return "moved"


def end_all(number: int, actor: Actor, groups: list[int]) -> str:
    """Cancel all of this round's series."""
    now = clock.now()
    write(lambda s: cancel_group(s, actor, groups[number], None, Scope.ALL, "race", now))
    return "cancelled"


def end_member(number: int, actor: Actor, members: list[list[int]], which: int) -> str:
    """Cancel one reservation of this round's series."""
    now = clock.now()
    write(lambda s: cancel(s, actor, members[number][which], "race", now))
    return "cancelled"
