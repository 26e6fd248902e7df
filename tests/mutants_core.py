"""Planted defects of the reservation core: giving up, retiring, expiring at the same moment."""

from tests.mutant import Mutant

LESS = "tests/reservations/test_less.py"

CORE = (
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
)
