"""Planted defects of allocation: who gives way to whom, and what is told."""

from tests.mutant import UNLOCKED, Mutant

EJECT = "tests/reservations/test_eject_service.py"
PURE = "tests/reservations/test_eject.py"
DEALING = "tests/reservations/test_dealing.py"
REGROUPING = "tests/park/test_regrouping.py"
BUFFERS = "tests/reservations/test_buffers.py"
RACES = "tests/races/test_races_eject.py"
LOCKS = "tests/reservations/test_row_locks.py"
MOVABLE = "booking/reservations/queries/movable.py"
GIVES_WAY = "only a provisional reservation gives way, and only to a free unit"

ALLOCATION = (
    Mutant(
        name="a named unit gives way",
        file=MOVABLE,
        old="        Reservation.named_unit == 0,\n",
        new="",
        tests=(f"{EJECT}::test_a_named_unit_does_not_give_way",),
        promise=GIVES_WAY,
    ),
    Mutant(
        name="what is final gives way",
        file=MOVABLE,
        old='{"final": now + timedelta(hours=hours)}',
        new='{"final": now}',
        tests=(f"{EJECT}::test_what_is_final_does_not_give_way",),
        promise=GIVES_WAY,
    ),
    Mutant(
        name="one with an undecided change gives way",
        file=MOVABLE,
        old='        Reservation.start_at > bindparam("final"),\n        ~_CHANGING,\n',
        new='        Reservation.start_at > bindparam("final"),\n',
        tests=(f"{EJECT}::test_one_with_an_undecided_change_stays",),
        promise=GIVES_WAY,
    ),
    Mutant(
        name="the owner displaces what is approved",
        file=MOVABLE,
        old='        Reservation.status == "pending",\n',
        new='        Reservation.status != "cancelled",\n',
        tests=(f"{EJECT}::test_the_owner_displaces_no_other",),
        promise="the owner's priority ends with the approval",
    ),
    Mutant(
        name="two moved blocks may meet on one unit",
        file="booking/reservations/rules/eject.py",
        old="        return not self.in_the_way(unit_id, block) and self.takes(unit_id, block)\n",
        new="        return not self.in_the_way(unit_id, block)\n",
        tests=(f"{PURE}::test_it_is_found_when_brute_force_finds_it",),
        promise=GIVES_WAY,
    ),
    Mutant(
        name="a move for another's sake is not on record",
        file="booking/reservations/services/seating.py",
        old="    row.version, row.named_unit = row.version + 1, 0\n",
        new="    row.named_unit = 0\n",
        tests=(f"{EJECT}::test_a_provisional_reservation_gives_way",),
        promise="every change bumps the version",
    ),
    Mutant(
        name="what is undecided goes with its unit",
        file="booking/reservations/services/dealing.py",
        old="    if not undecided:\n        return\n",
        new="    if undecided or not undecided:\n        return\n",
        tests=(f"{DEALING}::test_nothing_happens_while_one_reservation_is_undecided",),
        promise="no reservation is lost in silence",
    ),
    Mutant(
        name="a unit goes without looking again under the lock",
        file="booking/reservations/services/dealing.py",
        old="    lock_pools(session, [pool_id for gone in gones for pool_id in gone.pools])\n",
        new="",
        tests=(f"{RACES}::test_a_unit_that_breaks_keeps_nobody[postgresql]",),
        promise="no reservation is lost in silence",
    ),
    Mutant(
        name="a cancelled one is not told why",
        file="booking/reservations/services/dealing.py",
        old='"cancelled", now, reason=reason, by=actor.name',
        new='"cancelled", now, by=actor.name',
        tests=(f"{DEALING}::test_reducing_a_pool_reports_and_deals_with_what_is_booked",),
        promise="no reservation is lost in silence",
    ),
    Mutant(
        name="a buffer is shared with a stranger",
        file="booking/reservations/queries/neighbours.py",
        old="person_id is not None and row.user_id == person_id",
        new="person_id is not None",
        tests=(f"{BUFFERS}::test_a_stranger_shares_nothing",),
        promise="buffers give way between neighbours of one person only",
    ),
    Mutant(
        name="a member's reason opens a buffer",
        file="booking/reservations/services/requesting.py",
        old='request.override_reason.strip() if leads else ""',
        new="request.override_reason.strip()",
        tests=(f"{BUFFERS}::test_a_members_reason_opens_no_buffer",),
        promise="only a manager uses another's buffer",
    ),
    Mutant(
        name="a shown time gives way",
        file="booking/reservations/rules/buffers.py",
        old="one.shown is None or one.shown.overlaps(period)",
        new="one.shown is None",
        tests=(
            "tests/reservations/test_buffer_rules.py::test_nothing_overlaps_and_no_shown_time_is_cut",
        ),
        promise="a permitted use of a buffer never cuts a shown time",
    ),
    Mutant(
        name="a buffer stays short when its neighbour has gone",
        file="booking/reservations/services/cancelling.py",
        old="    give_back(session, had, now)\n",
        new="",
        tests=(f"{BUFFERS}::test_a_buffer_is_given_back_when_the_neighbour_goes",),
        promise="a buffer is short only beside the neighbour it was shortened for",
    ),
    Mutant(
        name="room made without constraint or lock",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        also=UNLOCKED,
        tests=(f"{LOCKS}::test_nobody_takes_the_place_that_one_who_gives_way_is_getting",),
        promise="a unit is never held twice, between processes",
    ),
    Mutant(
        name="a reservation stays behind when its unit changes pools",
        file="booking/reservations/services/regrouping.py",
        old="        before, row.pool_id = row.pool_id, target_id\n",
        new="        before = row.pool_id\n",
        tests=(f"{REGROUPING}::test_a_unit_goes_with_what_is_kept_and_leaves_what_moves",),
        promise="no reservation is lost in silence",
    ),
    Mutant(
        name="what the other pool forbids goes along",
        file="booking/reservations/services/regrouping.py",
        old=" if leaving.into is not None else {}",
        new=" if leaving.into is None else {}",
        tests=(f"{REGROUPING}::test_what_the_other_groups_rules_forbid_stays_out",),
        promise="what is kept goes along only where the rules allow",
    ),
    Mutant(
        name="a unit changes pools under who books it",
        file="booking/reservations/services/dealing.py",
        old="    lock_pools(session, [pool_id for gone in gones for pool_id in gone.pools])\n",
        new="",
        tests=(
            "tests/races/test_races_retiring.py"
            "::test_a_unit_takes_along_who_books_it_while_it_changes_pools[postgresql]",
        ),
        promise="a reservation holds units of its own pool",
    ),
)
