"""Planted defects of what was made quick: it must answer as what it took the place of did."""

from tests.mutant import Mutant

AT_ONCE = "booking/reservations/queries/at_once.py"
AT_ONCE_TESTS = "tests/reservations/test_at_once.py"
SAME = f"{AT_ONCE_TESTS}::test_what_is_free_is_the_same_looked_up_by_time_and_unit_by_unit[sqlite]"
FREE = "what is said to be free is free"

QUICK = (
    Mutant(
        name="a block longer than a day is not seen by what looks at the times around it",
        file=AT_ONCE,
        old="held.where(_LONG, ends >= later)",
        new="held.where(_LONG, ends < later)",
        tests=(SAME,),
        promise=FREE,
    ),
    Mutant(
        name="the longest warm-up of all units is not looked back for",
        file=AT_ONCE,
        old="func.min(wanted.c.first)",
        new="func.max(wanted.c.first)",
        tests=(SAME,),
        promise=FREE,
    ),
    Mutant(
        name="units are free at once whatever their clean-up",
        file=AT_ONCE,
        old="        about.c.first < wanted.c.last,\n",
        new="        about.c.first < end,\n",
        tests=(SAME,),
        promise=FREE,
    ),
    Mutant(
        name="shared hours are not asked where all units are",
        file="booking/reservations/queries/fleet.py",
        old="or_(own, _SHARED_DURING)",
        new="true()",
        tests=(f"{AT_ONCE_TESTS}::test_what_is_free_of_all_is_what_is_free_of_each_pool[sqlite]",),
        promise=FREE,
    ),
)
