"""Planted defects of what was made quick: it must answer as what it took the place of did."""

from tests.mutant import Mutant

AT_ONCE = "booking/reservations/queries/at_once.py"
ONE = "tests/reservations/test_one_statement.py"
AVAILABLE = "tests/api/test_availability_api.py"
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
    Mutant(
        name="what is held is not looked for where a pool is read with its units",
        file="booking/reservations/queries/stocked.py",
        old="_with(func.json_group_array(Unit.id), is_free(START, END))",
        new="_with(func.json_group_array(Unit.id), is_free(START, START))",
        tests=(f"{AVAILABLE}::test_held_units_are_not_free_and_touching_times_are",),
        promise=FREE,
    ),
    Mutant(
        name="a pool one may not see is read with its units",
        file="booking/reservations/queries/facts.py",
        old="    if not sees_pool(",
        new="    if not actor and sees_pool(",
        tests=(f"{AVAILABLE}::test_what_one_may_not_see_answers_like_what_is_missing",),
        promise="what one may not see answers like what is missing",
    ),
    Mutant(
        name="a booking in one statement counts as held when the guard refused its block",
        file="booking/reservations/services/inserting.py",
        old="row.allocation_id is not None",
        new="row.id is not None",
        tests=(f"{ONE}::test_a_block_that_is_refused_leaves_a_reservation_to_be_seated",),
        promise="what is booked holds its units",
    ),
)
