"""Planted defects of limits, tokens and signing in by other ways than a password."""

from tests.mutant import Mutant

RATE = "tests/infra/test_rate.py"
LIMITS = "tests/web/test_limits.py"

FEDERATED = (
    Mutant(
        name="each process counts searches for itself",
        file="booking/infra/rate.py",
        old="        count.shared = max(count.shared, shared)\n",
        new="        count.shared = min(count.shared, shared)\n",
        tests=(f"{RATE}::test_what_is_asked_often_is_bounded_over_all_processes[sqlite]",),
        promise="limits hold over all processes",
    ),
    Mutant(
        name="guessing is slowed by the minute only",
        file="booking/web/limits.py",
        old="for times, seconds in ((1, MINUTE), (2, 5 * MINUTE), (4, 30 * MINUTE))",
        new="for times, seconds in ((1, MINUTE),)",
        tests=(f"{LIMITS}::test_who_goes_on_guessing_waits_longer",),
        promise="who goes on guessing a password waits longer",
    ),
    Mutant(
        name="a token may search without end",
        file="booking/web/limits.py",
        old="    if request.endpoint in SEARCH_CALLS:\n",
        new="    if request.endpoint in SEARCH_PAGES:\n",
        tests=(f"{LIMITS}::test_1000_searches_are_too_many_by_pages_and_tokens_together",),
        promise="searches are limited by whatever way",
    ),
    Mutant(
        name="anybody may end anybody's token",
        file="booking/accounts/services/tokens.py",
        old="    if row is None or row.user_id != actor.user_id:\n",
        new="    if row is None:\n",
        tests=("tests/test_route_matrix.py::test_each_role_gets_what_the_table_says",),
        promise="a token is its person's own",
    ),
)
