"""Planted defects of the reservation core: giving up, retiring, expiring at the same moment."""

from tests.mutant import Mutant

RACES = "tests/races/test_races_retiring.py"
LESS = "tests/reservations/test_less.py"

CORE = (
    Mutant(
        name="times are taken that nobody can agree to",
        file="booking/policies/rules/times.py",
        old="    elif p.needs_decision and (",
        new="    elif not p.quantity and (",
        tests=(
            "tests/reservations/test_deadlines.py"
            "::test_what_begins_this_minute_leaves_nobody_time_to_agree[sqlite]",
        ),
        promise="no request is made that has expired already",
    ),
    Mutant(
        name="shortening holds today's buffers",
        file="booking/reservations/services/moving.py",
        old="    if is_less(old, period, row.quantity, quantity):\n        trim(",
        new="    if not period:\n        trim(",
        tests=(
            f"{LESS}::test_a_shortened_block_keeps_its_buffers_however_long_they_are_today",
            f"{LESS}::test_a_unit_out_of_service_can_be_given_up_in_part",
        ),
        promise="shortening never fails and takes nothing",
    ),
    Mutant(
        name="a change asked for outlives moving back",
        file="booking/reservations/services/moving.py",
        old="    hold = open_change(session, row.id) if change.of_times else None\n",
        new="    hold = None if change.of_times else open_change(session, row.id)\n",
        tests=(f"{LESS}::test_moving_back_to_the_present_times_takes_the_change_back",),
        promise="what is asked for no more is free",
    ),
    Mutant(
        name="former members lengthen what they have",
        file="booking/reservations/services/moving.py",
        old="    if party not in {(p.company_id, p.institution_id) for p in parties}:\n",
        new="    if not parties and not party:\n",
        tests=(f"{LESS}::test_a_former_member_gives_up_but_takes_nothing_new",),
        promise="only members take time in a party's name",
    ),
    Mutant(
        name="bookings do not look whether they are being retired",
        file="booking/reservations/services/requesting.py",
        old="    lock_booker(session, plan.person_id, plan.party)\n",
        new="",
        tests=(f"{RACES}::test_nobody_books_for_what_is_being_retired[sqlite-company]",),
        promise="what is retired holds nothing",
    ),
    Mutant(
        name="bookings in one statement do not look whether they are being retired",
        file="booking/reservations/services/inserting.py",
        old="    booker = BOOKER[field].cte(",
        new="    booker = select(literal(1)).cte(",
        tests=(f"{RACES}::test_nobody_books_for_what_is_being_retired[postgresql-company]",),
        promise="what is retired holds nothing",
    ),
    Mutant(
        name="bookings look without a lock whether they are being retired",
        file="booking/reservations/queries/people.py",
        old="    .with_for_update(read=True, key_share=True)\n",
        new="",
        tests=(f"{RACES}::test_nobody_books_for_what_is_being_retired[postgresql-company]",),
        promise="what is retired holds nothing",
    ),
    Mutant(
        name="companies are retired beside bookings",
        file="booking/companies/services/register.py",
        old="with_for_update(key_share=key_share)",
        new="with_for_update(key_share=key_share or True)",
        tests=(f"{RACES}::test_nobody_books_for_what_is_being_retired[postgresql-company]",),
        promise="what is retired holds nothing",
    ),
    Mutant(
        name="people are retired beside bookings",
        file="booking/reservations/services/retiring.py",
        old="    lock_person(session, user_id)\n",
        new="",
        tests=(f"{RACES}::test_nobody_books_for_what_is_being_retired[postgresql-person]",),
        promise="what is retired holds nothing",
    ),
    Mutant(
        name="a closure is ended without its row",
        file="booking/reservations/services/closing.py",
        old="        .where(Closure.id == closure_id, Closure.cancelled_at.is_(None))\n"
        "        .with_for_update()\n",
        new="        .where(Closure.id == closure_id, Closure.cancelled_at.is_(None))\n",
        tests=(f"{RACES}::test_a_closure_is_ended_once[postgresql]",),
        promise="a closure is ended once",
    ),
    Mutant(
        name="requests expire beside bookings of their pool",
        file="booking/approvals/services/deciding.py",
        old="    lock_pools(session, [row.pool_id for row in rows])\n",
        new="",
        tests=(f"{RACES}::test_expiring_waits_for_whoever_books_the_pool[expire_requests]",),
        promise="what a pool holds changes under its lock only",
    ),
    Mutant(
        name="a taken reference makes no reservation",
        file="booking/reservations/services/inserting.py",
        old='    .on_conflict_do_nothing(index_elements=["reference"])\n',
        new="",
        tests=("tests/reservations/test_core.py::test_a_taken_reference_is_not_given_twice",),
        promise="a booking that can be made is made",
    ),
)
