"""The acceptance scenarios this version promises, each with its tests: service and API."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVICE = "tests/reservations/test_conflicts.py"
DEALING = "tests/reservations/test_dealing.py"
LIFE = "tests/reservations/test_life.py"
RACES = "tests/races/test_races.py"
API = "tests/api/test_scenarios_api.py"
SERIES = "tests/reservations/test_series.py"
CHANGES = "tests/reservations/test_group_changes.py"
RULES = "tests/reservations/test_recurrence.py"
GROUPS_API = "tests/api/test_groups_api.py"
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
    25: (
        "the occurrence past the horizon is named",
        f"{SERIES}::test_the_occurrence_past_the_horizon_is_named",
        f"{GROUPS_API}::test_the_occurrence_past_the_horizon_is_named",
    ),
    27: (
        "hours of some weekdays refuse a series of others",
        f"{SERIES}::test_hours_of_some_weekdays_refuse_a_series_of_others",
        f"{GROUPS_API}::test_hours_of_some_weekdays_refuse_a_series_of_others",
    ),
    37: (
        "every second day keeps its local time across daylight saving",
        f"{RULES}::test_every_second_day_keeps_its_local_time_across_daylight_saving",
        f"{GROUPS_API}::test_every_second_day_keeps_its_local_time_across_daylight_saving",
    ),
    38: (
        "the last day is included",
        f"{RULES}::test_a_rule_means_these_days",
        f"{GROUPS_API}::test_the_end_is_inclusive",
    ),
    39: (
        "a 31st and a fifth Monday skip months without one",
        f"{RULES}::test_a_31st_skips_short_months_and_the_last_day_does_not",
        f"{GROUPS_API}::test_a_31st_and_a_fifth_monday_skip_months_without_one",
    ),
    40: (
        "one of eight in the way refuses all, or is left out",
        f"{SERIES}::test_one_of_eight_in_the_way_may_be_left_out",
        f"{GROUPS_API}::test_one_of_eight_refuses_all_or_is_left_out_or_shifted",
    ),
    41: (
        "one is cancelled alone; the last valid one ends the series",
        f"{CHANGES}::test_cancelling_the_last_valid_one_ends_the_series",
        f"{GROUPS_API}::test_one_is_cancelled_and_the_last_ends_the_series",
    ),
    42: (
        "what is past stays when a running series changes",
        f"{CHANGES}::test_what_is_past_stays_when_a_running_series_changes",
        f"{GROUPS_API}::test_what_is_past_stays_when_a_running_series_changes",
    ),
    46: (
        "who waits holds nothing until the time is free",
        "tests/reservations/test_waiting.py::test_an_entry_holds_nothing_until_the_time_is_free",
        "tests/api/test_waiting_api.py::test_an_entry_holds_nothing_until_a_cancellation",
    ),
    47: (
        "an offer ends and goes to the next; a buffer is no offer",
        "tests/reservations/test_waiting.py::test_the_turn_goes_on_when_an_offer_ends",
        "tests/api/test_waiting_api.py::test_the_turn_goes_to_the_next_and_says_why",
    ),
    48: (
        "freed time is told, never to who freed it, and more time to nobody",
        "tests/reservations/test_waiting.py"
        "::test_who_watches_is_told_of_freed_time_but_not_who_freed_it",
        "tests/api/test_waiting_api.py::test_freed_time_is_told_but_not_to_who_freed_it",
    ),
}

PERSON = "tests/reservations/test_person_rules.py"
QUOTAS = "tests/reservations/test_quotas.py"
PERSON_API = "tests/api/test_formalities_api.py"
QUOTA_RACES = "tests/races/test_races_quotas.py"
BOTH = {
    18: ("a buffer keeps the next away", PERSON, "test_a_buffer_keeps_the_next_away"),
    20: ("both broken lengths are told", PERSON, "test_both_broken_lengths_are_told"),
    21: ("a length is on the grid", PERSON,
         "test_times_are_on_the_grid_and_ahead_within_the_horizon"),
    22: ("the end comes after the start", PERSON, "test_the_end_comes_after_the_start"),
    23: ("nothing starts in the past", PERSON,
         "test_times_are_on_the_grid_and_ahead_within_the_horizon"),
    24: ("the horizon is told with its limit", PERSON,
         "test_times_are_on_the_grid_and_ahead_within_the_horizon"),
    26: ("opening hours bind all but a manager with a reason", PERSON,
         "test_closed_hours_bind_people_but_not_a_manager_with_a_reason"),
    28: ("midnight is that of the site", PERSON, "test_midnight_is_that_of_the_site"),
    31: ("one coming reservation", QUOTAS,
         "test_one_coming_reservation_and_cancelling_it_frees_the_quota"),
    32: ("what was missed may count", QUOTAS, "test_what_was_missed_may_count_all_the_same"),
    33: ("the gap names its side", PERSON, "test_the_gap_between_ones_own_names_its_side"),
    34: ("ninety coming minutes", QUOTAS, "test_ninety_coming_minutes"),
    35: ("the week's first day decides", QUOTAS, "test_the_first_day_of_the_week"),
    52: ("all that is wrong with a person is told together", PERSON,
         "test_a_person_who_is_not_qualified_hears_everything_at_once"),
}  # fmt: skip
SCENARIOS |= {
    number: (promise, f"{service}::{test}", f"{PERSON_API}::{test}")
    for number, (promise, service, test) in BOTH.items()
}
SCENARIOS[36] = (
    "the last of a quota goes to one of two",
    f"{QUOTA_RACES}::test_the_last_of_a_quota_goes_to_one_of_two",
    f"{QUOTA_RACES}::test_one_of_two_requests_gets_the_last_of_a_quota",
)


@pytest.mark.parametrize("number", SCENARIOS)
def test_each_scenario_has_its_tests(number):
    _, *nodes = SCENARIOS[number]
    for node in nodes:
        path, _, name = node.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), node
