"""Planted defects of series, bundles and chains."""

from tests.mutant import Mutant

RACES = "tests/races/test_races_groups.py"
SERIES = "tests/reservations/test_series.py"
CHANGES = "tests/reservations/test_group_changes.py"
RULES = "tests/reservations/test_recurrence.py"
BUNDLES = "tests/reservations/test_bundles.py"
RECURRENCE = "booking/reservations/rules/recurrence.py"
GROUP_CHANGES = "booking/reservations/services/group_changes.py"
RERULE = "tests/reservations/test_rerule.py"

GROUPS = (
    Mutant(
        name="parts of a bundle stand in each other's way",
        file="booking/reservations/queries/person.py",
        old='ReservationGroup.kind != "series"',
        new='ReservationGroup.kind == "series"',
        tests=("tests/reservations/test_bundles.py::test_parts_do_not_stand_in_each_others_way",),
        promise="a bundle is one for its person",
    ),
    Mutant(
        name="a series is changed as nobody saw it",
        file="booking/reservations/services/rerule.py",
        old="    if wanted.seen and wanted.seen != done.digest:\n",
        new="    if wanted.seen and not done.digest:\n",
        tests=(f"{RERULE}::test_a_preview_changes_nothing_and_binds_what_is_done",),
        promise="what is done is what was shown",
    ),
    Mutant(
        name="a new rule changes what is past",
        file="booking/reservations/services/group_changes.py",
        old="    coming = group.coming(now)\n    if change.scope is Scope.ALL:\n",
        new="    coming = list(group.members)\n    if change.scope is Scope.ALL:\n",
        tests=(f"{RERULE}::test_what_is_past_stays",),
        promise="past ones never change",
    ),
    Mutant(
        name="a series without an end is expanded for ever",
        file=RECURRENCE,
        old="        if number == MOST_OCCURRENCES:\n",
        new="        if number == MOST_OCCURRENCES * 9:\n",
        tests=(f"{RULES}::test_a_rule_without_a_near_end_is_refused_in_milliseconds",),
        promise="F17: a hostile rule is refused in milliseconds",
    ),
    Mutant(
        name="a repeated hour is the second",
        file=RECURRENCE,
        old="at.replace(fold=0)",
        new="at.replace(fold=1)",
        tests=(f"{RULES}::test_every_zone_to_2031_agrees_with_the_oracle",),
        promise="R10: local time across daylight saving is exact",
    ),
    Mutant(
        name="months without a 31st take their last day",
        file=RECURRENCE,
        old="        if number <= length:\n            yield date(year, month, number)\n",
        new="        yield date(year, month, min(number, length))\n",
        tests=(f"{RULES}::test_a_31st_skips_short_months_and_the_last_day_does_not",),
        promise="short months are skipped, as RFC 5545 has it",
    ),
    Mutant(
        name="a preview is kept",
        file="booking/infra/db.py",
        old='        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT rehearsal")\n',
        new="",
        tests=(f"{SERIES}::test_a_preview_tells_it_all_and_keeps_nothing",),
        promise="looking books nothing",
    ),
    Mutant(
        name="a refused series keeps what passed",
        file="booking/reservations/services/series.py",
        old="    if wanted.on_problem is OnProblem.REFUSE or not",
        new="    if not",
        tests=(f"{SERIES}::test_one_of_eight_in_the_way_refuses_all_and_is_listed",),
        promise="a series is whole or nothing unless the person chooses",
    ),
    Mutant(
        name="a changed series takes its past along",
        file="booking/reservations/queries/groups.py",
        old=" and m.row.start_at > now]",
        new="]",
        tests=(f"{CHANGES}::test_what_is_past_stays_when_a_running_series_changes",),
        promise="past occurrences never change",
    ),
    Mutant(
        name="a refused change leaves some moved",
        file=GROUP_CHANGES,
        old="    if found and (all_or_none or len(found) == len(affected)):\n",
        new="    if found and len(found) == len(affected):\n",
        tests=(f"{CHANGES}::test_an_occurrence_in_the_way_refuses_all_or_keeps_its_time",),
        promise="a change of a group is whole or nothing unless the person chooses",
    ),
    Mutant(
        name="anybody who sees a series cancels it",
        file=GROUP_CHANGES,
        old='not all(may(actor, "reservation.change", member.subject) for member in found):',
        new="not found:",
        also=(  # each reservation's own guard behind it
            (
                "booking/reservations/queries/reservations.py",
                "    if not may(actor, what, found.subject):\n",
                "    if found is None:\n",
            ),
        ),
        tests=(f"{CHANGES}::test_others_may_not_and_strangers_do_not_see",),
        promise="only who may change each reservation changes the group",
    ),
    Mutant(
        name="a series ends without its row locked",
        file="booking/reservations/services/splitting.py",
        old=".where(ReservationGroup.id == group_id).with_for_update()\n    ).one()",
        new=".where(ReservationGroup.id == group_id)\n    ).one()",
        also=(  # a series has one pool, whose lock would do; a bundle has several
            (
                "booking/reservations/services/cancelling.py",
                "    lock_pools(session, [row.pool_id])\n",
                "",
            ),
        ),
        tests=(f"{RACES}::test_cancelling_the_last_ones_at_once_ends_the_series[postgresql]",),
        promise="cancelling the last valid one ends the series, also when several go at once",
    ),
    Mutant(
        name="every occurrence sends its own mail",
        file="booking/reservations/services/notices.py",
        old="        if len(told) == 1:\n",
        new="        if told:\n",
        tests=(f"{SERIES}::test_a_series_sends_one_message_and_reminds_of_each",),
        promise="a series sends one message",
    ),
)
