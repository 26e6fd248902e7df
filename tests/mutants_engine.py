"""Planted defects of what groups, keys and draws promise together."""

from tests.mutant import Mutant

DRAWS_API = "tests/api/test_draws_api.py"
FAIR_GROUPS = "tests/reservations/test_fair_groups.py"
GROUPS = "tests/reservations/test_group_changes.py"
STARTING = "tests/reservations/test_starting.py"

ENGINE = (
    Mutant(
        name="a part of a bundle starts early alone",
        file="booking/reservations/services/starting.py",
        old="for one in parts_beside(session, row)]\n",
        new="for one in parts_beside(session, row)[:0]]\n",
        tests=(f"{STARTING}::test_what_keeps_one_part_keeps_the_bundle[sqlite]",),
        promise="a bundle starts early together or not at all",
    ),
    Mutant(
        name="a chain that rules refuse is called taken",
        file="booking/reservations/services/bundles.py",
        old="    if found:\n        raise PartsViolated(found)\n",
        new="",
        tests=(f"{FAIR_GROUPS}::test_a_chain_says_what_no_other_time_would_mend[sqlite]",),
        promise="a refusal names the rule",
    ),
    Mutant(
        name="what comes back lies behind the end of its series",
        file="booking/reservations/services/undoing.py",
        old="    regain(session, row)\n",
        new="",
        tests=(f"{GROUPS}::test_what_comes_back_is_of_the_series_again",),
        promise="a series' rule says what there is",
    ),
    Mutant(
        name="a key of a draw is not kept",
        file="booking/reservations/services/entering.py",
        old='        keep_key(session, key, "draw_entry_id", entry_id)\n',
        new="        pass\n",
        tests=(f"{DRAWS_API}::test_a_key_enters_once_and_answers_the_same_ever_after[sqlite]",),
        promise="the same key and body have one answer",
    ),
)
