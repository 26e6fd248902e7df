"""Planted defects of what is kept and shown of use."""

from tests.mutant import Mutant

KEPT = "tests/usage/test_keeping.py"
PAGES = "tests/usage/test_pages.py"
TRUE = "what charts show is what reservations add up to"

USE = (
    Mutant(
        name="late changes are not written down",
        file="booking/infra/usage_log.py",
        old='_LATE = "{r}.start_at < (SELECT until_at',
        new='_LATE = "{r}.start_at < (SELECT -until_at',
        tests=(f"{KEPT}::test_a_history_brought_in_later_is_kept_too[sqlite]",),
        promise=TRUE,
    ),
    Mutant(
        name="a no-show counts as use",
        file="booking/infra/usage_log.py",
        old='USED = ("approved", "in_use", "completed")',
        new='USED = ("approved", "in_use", "completed", "no_show")',
        tests=(f"{KEPT}::test_a_missed_reservation_is_no_use_but_counts[sqlite]",),
        promise=TRUE,
    ),
    Mutant(
        name="a lab looks at everybody's use",
        file="booking/usage/views/asked.py",
        old='    if may(who, "usage.read"):\n',
        new='    if may(who, "usage.read") or who.labs:\n',
        tests=(f"{PAGES}::test_a_lab_and_an_institution_see_their_own_alone",),
        promise="a lab and an institution see the use of their own units alone",
    ),
)
