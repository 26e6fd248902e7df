"""Planted defects of the calendar of a group."""

from tests.mutant import Mutant

MAKING = "tests/board/test_calendar_making.py"
SHADING = "tests/policies/test_shading.py"

CALENDAR = (
    Mutant(
        name="undoing cancels what became of a booking since",
        file="booking/board/views/calendar_making.py",
        old='cancel(session, actor, row_id, "", now, version)',
        new='cancel(session, actor, row_id, "", now)',
        tests=(f"{MAKING}::test_only_what_is_as_it_was_made_is_undone",),
        promise="undo cancels only what is as it was made",
    ),
    Mutant(
        name="a calendar undoes what was booked of another group",
        file="booking/board/views/calendar_making.py",
        old="    if found.row.pool_id != pool_id:\n",
        new="    if False:\n",
        tests=(f"{MAKING}::test_only_what_is_as_it_was_made_is_undone",),
        promise="undo cancels only what is as it was made",
    ),
    Mutant(
        name="a calendar shows days as free that are not open yet",
        file="booking/policies/rules/shading.py",
        old="    end = min(within.end, end)\n",
        new="    end = within.end\n",
        tests=(f"{SHADING}::test_a_day_that_cannot_be_booked_says_which_rule_bars_it",),
        promise="a calendar shades exactly what cannot be booked",
    ),
)
