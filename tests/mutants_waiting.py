"""Planted defects of waiting: what is freed goes to who waits, once, and in turn."""

from tests.mutant import Mutant

PRIORITY = "tests/reservations/test_priority.py"
WAITING = "tests/reservations/test_waiting.py"
RACES = "tests/races/test_races_waiting.py"
OFFERING = "booking/reservations/services/offering.py"
SERVICE = "booking/reservations/services/waiting.py"
IN_TURN = "freed time goes to who waits, in turn"

AWAITED = (
    Mutant(
        name="a cancellation is not offered to who waits",
        file="booking/reservations/services/cancelling.py",
        old="    note_freed(session, Freed(row.pool_id, _period(row), now, by))\n",
        new="    del by\n",
        tests=(f"{WAITING}::test_an_entry_holds_nothing_until_the_time_is_free",),
        promise=IN_TURN,
    ),
    Mutant(
        name="whose time a fault took waits like everybody",
        file="booking/reservations/services/priority.py",
        old="AFTER_FAULT = 1\n",
        new="AFTER_FAULT = 0\n",
        tests=(f"{PRIORITY}::test_who_lost_their_time_comes_before_those_who_waited_longer",),
        promise="whose time a fault took is served first",
    ),
    Mutant(
        name="who takes another time keeps the old one too",
        file=SERVICE,
        old="        end_replaced(session, actor, lost, now)\n",
        new="        del lost\n",
        tests=(f"{PRIORITY}::test_a_kept_one_ends_when_another_time_is_taken_for_it",),
        promise="one time is replaced by one",
    ),
    Mutant(
        name="a broken unit stays offered",
        file="booking/reservations/services/breakdown.py",
        old="    take_back(session, [unit_id], now)\n",
        new="",
        tests=(f"{PRIORITY}::test_who_loses_an_offer_gets_what_else_is_free",),
        promise="what is offered can be had",
    ),
    Mutant(
        name="an offer holds nothing",
        file=OFFERING,
        old='    if not try_blocks(session, blocks, ("hold", hold_id), ',
        new='    if blocks is None and not try_blocks(session, blocks, ("hold", hold_id), ',
        tests=(f"{WAITING}::test_an_entry_holds_nothing_until_the_time_is_free",),
        promise="nobody finds free what was offered",
    ),
    Mutant(
        name="who joins is not offered what is free",
        file=SERVICE,
        old='    if kind != "notice":\n',
        new='    if kind == "":\n',
        tests=(f"{RACES}::test_who_joins_while_time_is_freed_is_offered_it",),
        promise="no release is missed by who joins meanwhile",
    ),
    Mutant(
        name="offers are decided without the pool's lock",
        file=SERVICE,
        old="    lock_pools(session, [entry.pool_id])\n"
        "    session.refresh(entry, with_for_update=True)\n",
        new="",
        tests=(f"{RACES}::test_an_offer_is_taken_or_ends_never_both[postgresql-slow]",),
        promise="an offer is taken or ends, never both",
    ),
    Mutant(
        name="an offer can be taken after its end",
        file=SERVICE,
        old="entry.offer_until is None or entry.offer_until <= now",
        new="entry.offer_until is None",
        tests=(f"{WAITING}::test_the_turn_goes_on_when_an_offer_ends",),
        promise=IN_TURN,
    ),
    Mutant(
        name="who freed time is told that it is free",
        file=OFFERING,
        old="one.by == entry.user_id or ",
        new="",
        tests=(f"{WAITING}::test_who_watches_is_told_of_freed_time_but_not_who_freed_it",),
        promise="nobody is told what they did themselves",
    ),
    Mutant(
        name="every choice on the form keeps one more time",
        file="booking/reservations/services/short_holds.py",
        old="        give_back(session, actor, hold_id, now)\n",
        new="        del hold_id\n",
        tests=(
            "tests/reservations/test_keeping_page.py"
            "::test_another_choice_takes_the_place_of_the_first",
        ),
        promise="one form keeps one time",
    ),
    Mutant(
        name="an offer is taken without the answers given",
        file="booking/reservations/services/waiting.py",
        old="answers=dict(answers),",
        new="answers={},",
        tests=(
            "tests/reservations/test_waiting_pages.py"
            "::test_what_a_group_asks_is_answered_before_the_offer_is_taken",
        ),
        promise="what a group asks is answered whichever way one books",
    ),
)
