"""Planted defects of finding a time: the earliest must be the earliest."""

from tests.mutant import Mutant

API = "tests/api/test_find_api.py"
PROMISE = "earliest never lies"
SOONEST = "booking/reservations/queries/soonest.py"

MAP = "tests/reservations/test_timemap.py"
FREED = f"{MAP}::test_what_is_freed_between_two_searches_is_found_by_the_second"

FOUND = (
    Mutant(
        name="what was freed is still held on the map",
        file="booking/reservations/queries/timemap.py",
        old="            here.time.free((bits[unit], start, end))\n",
        new="            here.time.hold((bits[unit], start, end))\n",
        tests=(f"{FREED}[sqlite]",),
        promise=PROMISE,
    ),
    Mutant(
        name="a quarter that is held in part counts as held",
        file="booking/reservations/rules/timemap.py",
        old="first, last = (start - origin + QUARTER - 1) // QUARTER, (end",
        new="first, last = (start - origin) // QUARTER, (end",
        tests=(f"{MAP}::test_a_map_filled_at_once_is_one_that_was_told_block_by_block",),
        promise=PROMISE,
    ),
    Mutant(
        name="a map is not told that its log was cut",
        file="booking/reservations/services/upkeep.py",
        old="    session.execute(insert(AllocationChange).values(entry))\n",
        new="",
        tests=(f"{MAP}::test_what_was_forgotten_is_read_anew[sqlite]",),
        promise=PROMISE,
    ),
    Mutant(
        name="a search ends while a sooner pool waits",
        file=SOONEST,
        old="        return full and self._found[self._limit - 1].key < self._ahead[0][:2]\n",
        new="        return full\n",
        tests=(f"{API}::test_the_earliest_is_found_behind_pools_that_come_later",),
        promise=PROMISE,
    ),
    Mutant(
        name="what a person holds of one pool bars those alike",
        file="booking/reservations/queries/candidates.py",
        old="quantity=1, person=Person())",
        new="quantity=1)",
        tests=(f"{API}::test_what_one_holds_of_a_pool_bars_no_pool_like_it",),
        promise=PROMISE,
    ),
    Mutant(
        name="another pool that must be free too is not asked",
        file="booking/reservations/queries/find.py",
        old="together_with(session, actor, wanted.together,",
        new="together_with(session, actor, (),",
        tests=(f"{API}::test_together_offers_what_is_free_with_another_pool",),
        promise="what is offered together can be booked together",
    ),
)
