"""Planted defects of training and qualifications."""

from tests.mutant import Mutant

SEATS = "booking/training/services/seats.py"
LEVELS = "booking/policies/rules/levels.py"
RECORDS = "booking/training/services/records.py"
UNIQUE = (
    "    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_signup')),\n"
    "    sa.UniqueConstraint('session_id', 'seat_no',"
    " name=op.f('uq_training_signup_session_id_seat_no'))\n"
)
RACE = "tests/races/test_races_training.py"
COURSES = "tests/training/test_courses.py"
RULES = "tests/training/test_levels.py"
NOT_OVERSOLD = "no training session has more people than seats"
EARNED = "nobody has a level they did not earn"

TRAINED = (
    Mutant(
        name="seats given without the lock and without the constraint",
        file=SEATS,
        old="    training = locked_session(session, session_id)  # the crowd",
        new="    # the crowd",
        also=(
            (
                "booking/migrations/versions/0024_training.py",
                UNIQUE,
                "    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_signup'))\n",
            ),
        ),
        tests=(f"{RACE}::test_no_more_people_are_seated_than_there_are_seats[postgresql]",),
        promise=NOT_OVERSOLD,
    ),
    Mutant(
        name="a seat may be had twice",
        file="booking/migrations/versions/0024_training.py",
        old=UNIQUE,
        new="    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_signup'))\n",
        tests=(f"{RACE}::test_the_database_gives_no_seat_twice_and_none_that_is_not_there",),
        promise=NOT_OVERSOLD,
    ),
    Mutant(
        name="a seat is offered whoever has it",
        file="booking/training/queries/sessions.py",
        old="Seat.session_id == session_id, Seat.number.not_in(taken)",
        new="Seat.session_id == session_id",
        tests=(f"{COURSES}::test_the_last_seat_is_given_once_and_then_to_who_waits",),
        promise=NOT_OVERSOLD,
    ),
    Mutant(
        name="one signs off for oneself",
        file=RECORDS,
        old="    if found.user_id == actor.user_id:\n",
        new="    if found.user_id is None:\n",
        tests=(f"{COURSES}::test_a_trainer_signs_for_others_and_nobody_for_themselves",),
        promise=EARNED,
    ),
    Mutant(
        name="a signature before the other steps",
        file=RECORDS,
        old="    if steps_of(facts.course, row).missing:\n",
        new="    if not facts.course:\n",
        tests=(f"{COURSES}::test_the_lab_signs_off_after_the_other_steps",),
        promise=EARNED,
    ),
    Mutant(
        name="a suspension is forgotten",
        file=LEVELS,
        old="            if one.suspended_at is not None:\n                return ()\n",
        new="",
        tests=(f"{RULES}::test_what_counts_at_a_pool",),
        promise="who is suspended does not book",
    ),
    Mutant(
        name="another lab's training counts above what is accepted",
        file=LEVELS,
        old="Qualified(min(one.level, most),",
        new="Qualified(one.level,",
        tests=(f"{RULES}::test_a_lab_accepts_the_qualifications_of_another",),
        promise=EARNED,
    ),
    Mutant(
        name="nights need no higher level",
        file=LEVELS,
        old="    elif more.value > needed.value and not _staffed(rules, p):\n",
        new="    elif more.value > 99 and not _staffed(rules, p):\n",
        tests=(f"{RULES}::test_outside_staffed_hours_the_higher_level_is_needed",),
        promise=EARNED,
    ),
)
