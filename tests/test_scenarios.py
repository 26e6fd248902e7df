"""The acceptance scenarios this version promises, each with its tests: service and API."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVICE = "tests/reservations/test_conflicts.py"
DEALING = "tests/reservations/test_dealing.py"
LIFE = "tests/reservations/test_life.py"
RACES = "tests/races/test_races.py"
API = "tests/api/test_scenarios_api.py"
API_RACES = "tests/races/test_races_api.py"

# number: (what it promises, test through the service, test through the API)
SCENARIOS = {
    1: (
        "a taken slot is refused and nothing is written",
        f"{SERVICE}::test_a_taken_slot_is_refused_and_nothing_is_written",
        f"{API}::test_a_taken_slot_is_refused_and_nothing_is_written",
    ),
    2: (
        "touching times are free",
        f"{SERVICE}::test_touching_reservations_do_not_conflict",
        f"{API}::test_touching_reservations_do_not_conflict",
    ),
    3: (
        "an overlap of one end is refused",
        f"{SERVICE}::test_any_overlap_is_refused",
        f"{API}::test_any_overlap_is_refused",
    ),
    4: (
        "inside or around is refused",
        f"{SERVICE}::test_any_overlap_is_refused",
        f"{API}::test_any_overlap_is_refused",
    ),
    5: (
        "another unit is free",
        f"{SERVICE}::test_the_same_time_on_another_unit_is_free",
        f"{API}::test_the_same_time_on_another_unit_is_free",
    ),
    6: (
        "what was cancelled or rejected holds nothing",
        f"{SERVICE}::test_a_cancelled_reservation_holds_nothing",
        f"{API}::test_cancelled_and_rejected_reservations_hold_nothing",
    ),
    7: (
        "a move may overlap its old self",
        f"{SERVICE}::test_a_reservation_may_overlap_its_old_self_when_moved",
        f"{API}::test_a_move_may_overlap_the_reservations_old_self",
    ),
    8: (
        "a refused move leaves the old times",
        f"{SERVICE}::test_moving_onto_another_is_refused_and_the_old_times_stay",
        f"{API}::test_a_move_onto_another_is_refused_and_the_old_times_stay",
    ),
    9: (
        "one of two gets the same slot",
        f"{RACES}::test_one_of_four_gets_the_same_slot",
        f"{API_RACES}::test_one_of_two_gets_the_same_slot",
    ),
    10: (
        "one of two gets overlapping slots",
        f"{RACES}::test_one_of_two_gets_overlapping_slots",
        f"{API_RACES}::test_one_of_two_gets_overlapping_slots",
    ),
    11: (
        "one of two moves into a slot",
        f"{RACES}::test_one_of_two_moves_into_one_slot",
        f"{API_RACES}::test_one_of_two_moves_into_one_slot",
    ),
    12: (
        "one of two decisions stands",
        f"{RACES}::test_two_managers_decide_once",
        f"{API_RACES}::test_one_of_two_decisions_stands",
    ),
    13: (
        "the API asks every rule of the pages",
        f"{LIFE}::test_only_a_manager_overrides_a_rule_and_with_a_reason",
        f"{API}::test_the_api_asks_every_rule_of_the_pages",
    ),
    14: (
        "the last two units go to one of two",
        f"{RACES}::test_the_last_two_of_three_units_go_to_one_of_two",
        f"{API_RACES}::test_the_last_two_of_three_units_go_to_one_of_two",
    ),
    15: (
        "a pool gives as many units as it has",
        f"{SERVICE}::test_a_pool_gives_as_many_units_as_it_has",
        f"{API}::test_a_pool_gives_as_many_units_as_it_has",
    ),
    16: (
        "what a smaller pool no longer holds is reported, not dropped",
        f"{DEALING}::test_reducing_a_pool_reports_and_deals_with_what_is_booked",
        f"{DEALING}::test_retiring_by_page_asks_for_each",
    ),
    17: (
        "three wrong quantities, three answers",
        f"{SERVICE}::test_three_wrong_quantities_give_three_answers",
        f"{API}::test_three_wrong_quantities_give_three_answers",
    ),
    19: (
        "a manager books inside a buffer; the neighbour's block gives way, its times never",
        "tests/reservations/test_buffers.py"
        "::test_a_manager_books_inside_a_buffer_with_a_reason_and_it_is_flagged",
        "tests/api/test_reservations_api.py::test_a_manager_books_inside_a_buffer_with_a_reason",
    ),
    29: (
        "a closure over reservations asks what becomes of each",
        "tests/reservations/test_closing.py"
        "::test_a_closure_over_a_reservation_asks_what_becomes_of_it",
        "tests/reservations/test_closing_pages.py"
        "::test_closing_a_unit_tells_which_reservations_stay",
    ),
}


@pytest.mark.parametrize("number", SCENARIOS)
def test_each_scenario_has_its_tests(number):
    _, *nodes = SCENARIOS[number]
    for node in nodes:
        path, _, name = node.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), node
