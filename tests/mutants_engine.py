"""Planted defects of what groups, keys and draws promise together."""

from tests.mutant import Mutant

STARTING = "tests/reservations/test_starting.py"

ENGINE = (
    Mutant(
        name="a part of a bundle starts early alone",
        file="booking/reservations/services/starting.py",
        old="for one in parts_beside(session, row)]\n",
        new="for one in parts_beside(session, row)[:0]]\n",
        tests=(f"{STARTING}::test_what_keeps_one_part_keeps_the_bundle[sqlite]",),
        promise="a bundle starts early together or not at all",
    ),
)
