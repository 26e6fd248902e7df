"""Planted defects of finding a time: the earliest must be the earliest."""

from tests.mutant import Mutant

API = "tests/api/test_find_api.py"
PROMISE = "earliest never lies"
SOONEST = "booking/reservations/queries/soonest.py"

FOUND = (
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
