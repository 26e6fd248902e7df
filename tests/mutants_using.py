"""Planted defects of using what was reserved."""

from tests.mutant import Mutant

USING = "tests/reservations/test_using.py"

USED = (
    Mutant(
        name="a cancellation taken back holds nothing",
        file="booking/reservations/services/undoing.py",
        old="    _hold_again(session, pool, row, period)\n    row.status",
        new="    del pool, period\n    row.status",
        tests=(f"{USING}::test_another_unit_takes_its_place_or_nothing_does",),
        promise="a live reservation holds its units",
    ),
    Mutant(
        name="starting early holds nothing more",
        file="booking/reservations/services/starting.py",
        old='    if not stretch(session, ("reservation", row.id), old, new):\n',
        new="    if row.id < 0:\n",
        tests=(
            "tests/reservations/test_starting.py::test_it_holds_its_units_from_this_minute_on",
            "tests/reservations/test_starting.py::test_who_has_the_unit_before_keeps_it",
        ),
        promise="who starts early takes nobody's time",
    ),
    Mutant(
        name="starting early asks no rule",
        file="booking/reservations/services/starting.py",
        old="v.code.startswith(OF_LONGER)",
        new="not v.code",
        tests=("tests/reservations/test_starting.py::test_the_longer_time_counts_for_quotas",),
        promise="a longer time costs the difference",
    ),
    Mutant(
        name="reservations that differ become one",
        file="booking/reservations/queries/beside.py",
        old="        .where(*_as(alike))\n",
        new="",
        tests=("tests/reservations/test_joining.py::test_they_stay_two_where_they_differ",),
        promise="joining loses nothing",
    ),
    Mutant(
        name="the joined one goes to another unit",
        file="booking/reservations/services/joining.py",
        old=" or unit_ids_of(session, [row.id]) != had:",
        new=" or not had:",
        tests=(
            "tests/reservations/test_joining.py::test_they_stay_two_where_only_another_unit_is_free",
        ),
        promise="joining loses nothing",
    ),
    Mutant(
        name="a file takes units out without the pool's lock",
        file="booking/inventory/services/imports.py",
        old="        lock_pools(session, pools)\n",
        new="",
        tests=(
            "tests/races/test_races_import.py"
            "::test_a_file_takes_out_no_unit_that_is_just_booked[postgresql]",
        ),
        promise="no reservation is lost in silence",
    ),
    Mutant(
        name="a file takes booked units out of service",
        file="booking/inventory/services/imports.py",
        old='    plan = spared(plan, bars(session, ids) if ids else {}, reading.label("state"))\n',
        new="",
        tests=(
            "tests/reservations/test_import_in_use.py"
            "::test_a_booked_unit_keeps_its_state_and_names_its_reservations",
        ),
        promise="no reservation is lost in silence",
    ),
    Mutant(
        name="a calibration is told again at each run",
        file="booking/reservations/queries/calibrations.py",
        old='f"unit:{one.unit_id}:{KIND}:{day}:{user_id}"',
        new='f"unit:{one.unit_id}:{KIND}:{day}:{user_id}:{now.timestamp()}"',
        tests=(
            "tests/reservations/test_calibration.py"
            "::test_the_labs_managers_are_told_once_of_each_due_day",
        ),
        promise="a message is sent once",
    ),
    Mutant(
        name="ending early frees nothing",
        file="booking/reservations/services/using.py",
        old='        trim(session, ("reservation", row.id), found.period, used, row.quantity)\n',
        new="",
        tests=(f"{USING}::test_checking_out_early_frees_the_rest_and_keeps_the_booked_end",),
        promise="what is not used is free at once",
    ),
    Mutant(
        name="who came is called absent",
        file="booking/reservations/services/using.py",
        old='begun.where(Reservation.status == "approved", Reservation.start_at <= now)\n',
        new="begun.where(Reservation.start_at <= now)\n",
        also=(
            (
                "booking/reservations/services/using.py",
                '        .where(Reservation.id.in_(ids), Reservation.status == "approved")\n',
                "        .where(Reservation.id.in_(ids))\n",
            ),
        ),
        tests=(f"{USING}::test_who_does_not_come_is_released_and_told_once",),
        promise="nobody who is there loses their time",
    ),
)
