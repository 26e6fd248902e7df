"""Planted defects of the rules about people."""

from tests.mutant import Mutant

RACES = "tests/races/test_races_quotas.py"
QUOTAS = "tests/reservations/test_quotas.py"
PERSON = "tests/reservations/test_person_rules.py"
LOCKING = "booking/reservations/services/locking.py"

PEOPLE = (
    Mutant(
        name="a person's quota is counted without a lock",
        file=LOCKING,
        old='_TAKE.format(key="3, :person")',
        new='_TAKE.format(key="3, pg_backend_pid()")',
        tests=(f"{RACES}::test_the_last_of_a_quota_goes_to_one_of_two[postgresql-person]",),
        promise="two requests racing for the last of a quota: one wins",
    ),
    Mutant(
        name="a company's quota is counted without a lock",
        file=LOCKING,
        old='_TAKE.format(key="2, :company")',
        new='_TAKE.format(key="2, pg_backend_pid()")',
        tests=(f"{RACES}::test_the_last_of_a_quota_goes_to_one_of_two[postgresql-company]",),
        promise="two colleagues racing for the last of a company's quota: one wins",
    ),
    Mutant(
        name="an asked change costs nothing until decided",
        file="booking/reservations/queries/spending_rows.py",
        old="join(Hold, Hold.reservation_id == Reservation.id)",
        new="join(Hold, Hold.id == -1)",
        tests=(f"{QUOTAS}::test_an_asked_change_is_counted_before_it_is_decided",),
        promise="no quota is exceeded by way of a change request",
    ),
    Mutant(
        name="a cancellation taken back asks no quota",
        file="booking/reservations/services/undoing.py",
        old="    require_room(session, pool, row, now)\n",
        new="",
        tests=(f"{QUOTAS}::test_one_coming_reservation_and_cancelling_it_frees_the_quota",),
        promise="no quota is exceeded by cancelling and taking back",
    ),
    Mutant(
        name="the earliest slot forgets the person's other reservations",
        file="booking/policies/rules/times.py",
        old="    taken = barred(rules, proposal)\n",
        new="    taken: list[Period] = []\n",
        tests=(f"{PERSON}::test_the_earliest_slot_keeps_the_gap",),
        promise="earliest never lies",
    ),
)
