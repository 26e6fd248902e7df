"""Planted defects of what the drills prove, and of promises that one line keeps."""

from tests.mutant import UNLOCKED, Mutant

DB = "booking/infra/db.py"
DDL = "booking/infra/ddl.py"
DURABLE = "tests/infra/test_durability.py"
DRILLS = "tests/drills/test_short_forms.py::test_the_short_form_passes"
MODEL = "tests/reservations/test_model.py::test_the_service_agrees_with_the_model"
SHOWING = "booking/reservations/views/showing.py"
HOLDS = "tests/reservations/test_short_holds.py"
ON_DISK = "what is acknowledged outlives a power cut"
UNGUARDED_SQLITE = (
    DDL,
    "        if name not in present:\n",
    '        if name not in present and not (sqlite and "no_overlap" in name):\n',
)
UNGUARDED_POSTGRESQL = (
    DDL,
    "        if name not in present:\n",
    '        if name not in present and (sqlite or "no_overlap" not in name):\n',
)
# What drivers do that send no BEGIN before a SELECT; and whoever comes has the turn.
UNSENT = (
    DB,
    '    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")\n',
    "    del connection, write\n",
)
NO_TURNS = ("booking/infra/turns.py", "        if fcntl is None:\n", "        if seconds:\n")

PROOF = (
    Mutant(
        "SQLite does not wait for the disk", DB, '"synchronous=full"', '"synchronous=normal"',
        (f"{DURABLE}::test_sqlite_waits_for_the_disk_and_keeps_foreign_keys",), ON_DISK,
    ),
    Mutant(
        "PostgreSQL does not wait for the disk", DB, "-c synchronous_commit=on",
        "-c synchronous_commit=off",
        (f"{DURABLE}::test_postgresql_waits_for_the_disk_but_not_for_ever_for_a_lock",), ON_DISK,
    ),
    Mutant(
        "foreign keys are not kept on SQLite", DB, '"foreign_keys=on"', '"foreign_keys=off"',
        (f"{DURABLE}::test_sqlite_waits_for_the_disk_and_keeps_foreign_keys",),
        "no row points at nothing",
    ),
    Mutant(
        "a time without a zone is stored", DB, "        if value.tzinfo is None:\n",
        "        if value.tzinfo is value:\n",
        (f"{DURABLE}::test_a_time_without_a_zone_is_not_stored",), "times are instants",
    ),
    Mutant(
        "a period without a zone", "booking/core/period.py",
        "if self.start.tzinfo is None or self.end.tzinfo is None:", "if self.start is self.end:",
        ("tests/core/test_time.py::test_a_period_is_never_empty_or_naive",),
        "times are instants",
    ),
    Mutant(
        "the newcomer sits down before the others have moved",
        "booking/reservations/services/seating.py",
        "    return try_blocks(\n        session, blocks, owner, pinned=pinned, "
        "after=lambda: relocate(session, found.moves)\n    )\n",
        "    if not try_blocks(session, blocks, owner, pinned=pinned):\n        return False\n"
        "    relocate(session, found.moves)\n    return True\n",
        ("tests/reservations/test_eject_service.py::test_a_provisional_reservation_gives_way",),
        "room is made: park, move, sit",
    ),
    Mutant(
        "an offer is taken twice", "booking/reservations/services/waiting.py",
        "    entry = _locked(session, actor, entry_id)\n"
        '    if entry.state != "offered":\n'
        '        raise WrongState("no_offer", actual=entry.state)\n'
        "    if entry.offer_until",
        "    entry = _locked(session, actor, entry_id)\n    if entry.offer_until",
        ("tests/races/test_races_waiting.py::test_an_offer_is_taken_or_ends_never_both",),
        "an offer is taken or ends, never both",
    ),
    Mutant(
        "a short hold holds nothing", "booking/reservations/services/short_holds.py",
        "        units = hold_any(session, pool, period, wanted.quantity, owner, "
        "looked=stock.free)\n",
        "        units = [free.unit_id for free in stock.free[:1]]\n",
        (MODEL,), "a chosen slot is kept while the form is filled in",
    ),
    Mutant(
        "who waits is not told of what was given back", "booking/reservations/services/kept.py",
        "    note_freed(session, Freed(hold.pool_id, period, now, hold.user_id, news=False))\n",
        "    del period, now\n", (MODEL,), "freed time goes to who waits",
    ),
    Mutant(
        "looking at a reservation changes it", SHOWING,
        "    shown = steps_shown(session, reservation_id)\n",
        "    write(lambda s: setattr(s.get_one(Reservation, reservation_id), 'note', 'seen'))\n"
        "    shown = steps_shown(session, reservation_id)\n",
        ("tests/test_route_matrix.py::test_reading_changes_nothing_but_the_bookkeeping"
         "[GET reservations.show]",),
        "no GET changes anything",
        also=((SHOWING, "import LIVE, ApprovalStep\n",
               "import LIVE, ApprovalStep, Reservation\n"),),
    ),
    Mutant(
        "R3 without guard and BEGIN (SQLite)", *UNGUARDED_SQLITE,
        (f"{DRILLS}[sqlite-R3]",), "R3: no overlap over HTTP", also=(UNSENT, NO_TURNS),
    ),
    Mutant(
        "R3 without guard and lock (PostgreSQL)", *UNGUARDED_POSTGRESQL,
        (f"{DRILLS}[postgresql-R3]",), "R3: no overlap over HTTP",
        also=UNLOCKED,
    ),
    Mutant(
        "R4 without guard and BEGIN (SQLite)", *UNGUARDED_SQLITE,
        (f"{DRILLS}[sqlite-R4]",), "R4: no two ways in overlap", also=(UNSENT, NO_TURNS),
    ),
    Mutant(
        "R4 without guard and lock (PostgreSQL)", *UNGUARDED_POSTGRESQL,
        (f"{DRILLS}[postgresql-R4]",), "R4: no two ways in overlap",
        also=UNLOCKED,
    ),
    Mutant(
        "R10 with the second of a repeated hour",
        "booking/reservations/rules/recurrence.py", "at.replace(fold=0)", "at.replace(fold=1)",
        (f"{DRILLS}[sqlite-R10]",), "R10: local time across daylight saving is exact",
    ),
)  # fmt: skip
