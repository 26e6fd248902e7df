"""Planted defects of the ledgers that quotas are told by."""

from tests.mutant import Mutant

LEDGERS = "tests/reservations/test_quota_ledgers.py"
WRITTEN = "booking/infra/quota_use.py"

QUOTAS = (
    Mutant(
        name="a ledger keeps what a reservation was before it changed",
        file=WRITTEN,
        old='"update": f"{had} {has}"',
        new='"update": has',
        tests=(f"{LEDGERS}::test_changes_after_it_was_completed_are_told_as_well",),
        promise="a quota counts what is booked, whatever became of it",
    ),
    Mutant(
        name="a pool that moves leaves its reservations in the ledger",
        file=WRITTEN,
        old="_UNCOUNT.format(\"'lab','site','category'\")",
        new="_UNCOUNT.format(\"'pool'\")",
        tests=(f"{LEDGERS}::test_a_pool_that_moves_takes_its_reservations_along",),
        promise="a quota counts what its scope holds",
    ),
    Mutant(
        name="a new ledger waits for nobody",
        file="booking/reservations/services/counting.py",
        old="        _let_writers_end(session)\n",
        new="        pass\n",
        tests=(f"{LEDGERS}::test_a_new_ledger_waits_for_who_cannot_know_of_it",),
        promise="a quota misses no reservation that was written as it was set",
    ),
    Mutant(
        name="requests past their time stay in the total",
        file="booking/reservations/queries/quota_sums.py",
        old="_HOLDS, _LAPSED,",
        new="_HOLDS,",
        tests=(f"{LEDGERS}::test_the_ledger_tells_what_the_reservations_do",),
        promise="what has expired uses no quota",
    ),
)
