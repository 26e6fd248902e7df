"""The planted defects of `make mutants`: each breaks one promise, and its tests must go red."""

from tests.mutant import UNLOCKED, Mutant
from tests.mutants_allocation import ALLOCATION
from tests.mutants_calendar import CALENDAR
from tests.mutants_companies import COMPANIES
from tests.mutants_core import CORE
from tests.mutants_desk import DESK
from tests.mutants_draws import DRAWS
from tests.mutants_engine import ENGINE
from tests.mutants_federated import FEDERATED
from tests.mutants_feeds import FED
from tests.mutants_find import FOUND
from tests.mutants_groups import GROUPS
from tests.mutants_hardening import HARDENED
from tests.mutants_notices import NOTICED
from tests.mutants_pages import PAGES
from tests.mutants_people import PEOPLE
from tests.mutants_proof import PROOF
from tests.mutants_quotas import QUOTAS
from tests.mutants_record import RECORD
from tests.mutants_roleplay import ROLEPLAY
from tests.mutants_signin import SIGNING_IN
from tests.mutants_speed import QUICK
from tests.mutants_training import TRAINED
from tests.mutants_trust import TRUST
from tests.mutants_usage import USE
from tests.mutants_using import USED
from tests.mutants_waiting import AWAITED

DDL = "booking/infra/ddl.py"
GUARDS = "tests/infra/test_ddl.py"
NOT_TWICE = "a unit is never held twice"
MODEL = "tests/reservations/test_model.py::test_the_service_agrees_with_the_model"
RACES = "tests/races/test_races.py"
DRILLS = "tests/drills/test_short_forms.py::test_the_short_form_passes"
# What drivers do that send no BEGIN before a SELECT.
UNSENT = (
    '    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")\n',
    "    del connection, write\n",
)

# Whoever comes has the turn.
NO_TURNS = ("booking/infra/turns.py", "        if fcntl is None:\n", "        if seconds:\n")

DELIVER = "booking/reminders/jobs/deliver.py"
NO_MAIL_LOST = "no message is lost"

MUTANTS = (
    Mutant(
        name="no-overlap triggers dropped on SQLite",
        file=DDL,
        old="        if name not in present:\n",
        new='        if name not in present and not (sqlite and "no_overlap" in name):\n',
        tests=(f"{GUARDS}::test_a_unit_is_not_held_twice",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="no-overlap constraint dropped on PostgreSQL",
        file=DDL,
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        tests=(f"{GUARDS}::test_a_unit_is_not_held_twice",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="neither trigger nor BEGIN on SQLite",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and not (sqlite and "no_overlap" in name):\n',
        also=(
            ("booking/infra/db.py", UNSENT[0], UNSENT[1]),
            NO_TURNS,
        ),
        tests=(f"{RACES}::test_one_of_four_gets_the_same_slot[sqlite]",),
        promise="a unit is never held twice, between processes",
    ),
    Mutant(
        name="neither constraint nor lock on PostgreSQL",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        also=UNLOCKED,
        tests=(f"{RACES}::test_one_of_four_gets_the_same_slot[postgresql]",),
        promise="a unit is never held twice, between processes",
    ),
    Mutant(
        name="units counted without the constraint or the lock",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        also=UNLOCKED,
        tests=(f"{RACES}::test_the_last_two_of_three_units_go_to_one_of_two[postgresql]",),
        promise="a pool gives no more units than it has",
    ),
    Mutant(
        name="what was given up keeps the queue of writers",
        file="booking/infra/turns.py",
        old="            if not self._wanted:\n",
        new="            if not self._has:\n",
        tests=("tests/infra/test_turns.py::test_what_was_given_up_does_not_keep_the_lock",),
        promise="a writer that gave up holds up nobody",
    ),
    Mutant(
        name="a decision on a row that is not locked",
        file="booking/reservations/queries/reservations.py",
        old="    query = query.with_for_update(of=Reservation)",
        new="    query = query",
        tests=("tests/reservations/test_row_locks.py::test_who_comes_second_waits_for_the_row",),
        promise="one decision stands",
    ),
    Mutant(
        name="R1 without guard and lock (PostgreSQL)",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        also=UNLOCKED,
        tests=(f"{DRILLS}[postgresql-R1]",),
        promise="R1: no overlap under racing attempts",
    ),
    Mutant(
        name="R2 without guard and BEGIN (SQLite)",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and not (sqlite and "no_overlap" in name):\n',
        also=(
            ("booking/infra/db.py", UNSENT[0], UNSENT[1]),
            NO_TURNS,
        ),
        tests=(f"{DRILLS}[sqlite-R2]",),
        promise="R2: exactly one winner a slot",
    ),
    Mutant(
        name="R1 without guard and BEGIN (SQLite)",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and not (sqlite and "no_overlap" in name):\n',
        also=(
            ("booking/infra/db.py", UNSENT[0], UNSENT[1]),
            NO_TURNS,
        ),
        tests=(f"{DRILLS}[sqlite-R1]",),
        promise="R1: no overlap under racing attempts",
    ),
    Mutant(
        name="R2 without guard and lock (PostgreSQL)",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        also=UNLOCKED,
        tests=(f"{DRILLS}[postgresql-R2]",),
        promise="R2: exactly one winner a slot",
    ),
    Mutant(
        name="R5 with claims that never end",
        file="booking/infra/claims.py",
        old="    until, token = now + timedelta(seconds=lease_seconds), ",
        new="    until, token = now + timedelta(days=9), ",
        tests=(f"{DRILLS}[sqlite-R5]",),
        promise="R5: no message is lost when a relay is killed",
    ),
    Mutant(
        name="R9 with keys that are not kept",
        file="booking/reservations/services/requesting.py",
        old='        keep_key(session, key, "reservation_id", booked.reservation_id)\n',
        new="        pass\n",
        tests=(f"{DRILLS}[sqlite-R9]", f"{DRILLS}[postgresql-R9]"),
        promise="R9: a repeated request makes one reservation",
    ),
    Mutant(
        name="rules changed side by side",
        file="booking/policies/services/settings.py",
        old=".where(RuleEdition.id == 1).with_for_update()",
        new=".where(RuleEdition.id == 1)",
        tests=("tests/races/test_races_rules.py::test_one_of_two_forms_is_stale[postgresql]",),
        promise="no manager overwrites what another has just set",
    ),
    Mutant(
        name="a rejected change keeps its hold",
        file="booking/reservations/services/withdrawing.py",
        old="    release_hold(session, hold, now)\n",
        new="    hold.released_at = now\n",
        tests=(
            "tests/reservations/test_life.py::"
            "test_a_rejected_or_expired_change_releases_only_what_was_new",
        ),
        promise="no unit is lost",
    ),
    Mutant(
        name="a change request holds nothing new",
        file="booking/reservations/services/moving.py",
        old="    if new and not try_blocks(",
        new="    if not new and not try_blocks(",
        tests=(MODEL,),
        promise="what is asked for is held until it is decided",
    ),
    Mutant(
        name="warm-up forgotten when holding a unit",
        file="booking/reservations/services/holding.py",
        old="period.widened(unit.warmup_minutes, unit.cleanup_minutes))",
        new="period)",
        tests=(MODEL,),
        promise="buffers keep their distance",
    ),
    Mutant(
        name="cancelling leaves the units held",
        file="booking/reservations/services/cancelling.py",
        old='    release(session, ("reservation", row.id))\n',
        new="",
        tests=(MODEL,),
        promise="a cancelled reservation holds nothing",
    ),
    Mutant(
        name="partial overlap missed on SQLite",
        file=DDL,
        old="ORDER BY a.block_start DESC LIMIT 1) > NEW.block_start;",
        new="ORDER BY a.block_start DESC LIMIT 1) > NEW.block_end;",
        tests=(f"{GUARDS}::test_a_unit_is_not_held_twice",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="moves unguarded on SQLite",
        file=DDL,
        old="BEFORE UPDATE ON allocation ",
        new="BEFORE UPDATE OF kind ON allocation ",
        tests=(f"{GUARDS}::test_a_hold_cannot_be_moved_onto_another",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="retired rows coming back unguarded on SQLite",
        file=DDL,
        old="BEFORE UPDATE ON allocation ",
        new="BEFORE UPDATE OF block_start, block_end ON allocation ",
        tests=(f"{GUARDS}::test_a_retired_hold_cannot_come_back_over_another",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="touching times refused on PostgreSQL",
        file=DDL,
        old="int8range(block_start, block_end) WITH &&",
        new="int8range(block_start, block_end, '[]') WITH &&",
        tests=(f"{GUARDS}::test_touching_times_do_not_meet",),
        promise="intervals are half-open",
    ),
    Mutant(
        name="audit rows changeable",
        file=DDL,
        old="for _table in _APPEND_ONLY:",
        new="for _table in ():",
        tests=(f"{GUARDS}::test_what_was_audited_stays",),
        promise="what was audited stays",
    ),
    Mutant(
        name="imports forget retired allocations",
        file="booking/reservations/queries/imports.py",
        old='    used = ("approved", "in_use", "completed")\n',
        new="    used: tuple[str, ...] = ()\n",
        tests=(
            "tests/reservations/test_load.py"
            "::test_a_row_over_a_retired_allocation_is_a_conflict[sqlite]",
        ),
        promise="an import never overlaps what was held before",
    ),
    Mutant(
        name="an import batch is applied by whoever comes",
        file="booking/inventory/services/batches.py",
        old=(
            "            ImportBatch.claim_token == claimed.token,\n"
            "            ImportBatch.state.in_(states),\n"
        ),
        new="",
        tests=(
            "tests/inventory/test_import_batches.py"
            "::test_a_confirmed_batch_is_applied_once_by_whichever_process[sqlite]",
        ),
        promise="a confirmed import is applied once",
    ),
    Mutant(
        name="messages claimed for ever",
        file="booking/infra/claims.py",
        old="            next_try_at=until,\n",
        new="            next_try_at=None,\n",
        tests=("tests/infra/test_claims.py::test_a_claim_ends_with_its_lease",),
        promise=NO_MAIL_LOST,
    ),
    Mutant(
        name="messages marked as sent before they are",
        file=DELIVER,
        old="        send()\n",
        new="        write(lambda session: claims.mark_sent(session, claimed))\n        send()\n",
        tests=(
            "tests/reminders/test_smtp.py"
            "::test_what_the_server_refuses_is_tried_again_and_the_rest_goes_out",
        ),
        promise=NO_MAIL_LOST,
    ),
    Mutant(
        name="claims that do not lock on PostgreSQL",
        file="booking/infra/claims.py",
        old='ordered.with_for_update(skip_locked=True).cte("chosen")',
        new='ordered.cte("chosen")',
        tests=(
            "tests/infra/test_claims.py"
            "::test_what_another_is_claiming_is_passed_over_without_a_wait",
        ),
        promise="a message is sent once",
    ),
    Mutant(
        name="a new Message-ID at each try",
        file="booking/infra/mail.py",
        old="hashlib.sha256(dedupe_key.encode())",
        new="hashlib.sha256(os.urandom(8))",
        also=(("booking/infra/mail.py", "import hashlib\n", "import hashlib\nimport os\n"),),
        tests=("tests/reminders/test_delivery.py::test_a_repeat_has_the_same_message_id_and_file",),
        promise="a message is sent once",
    ),
    Mutant(
        name="mail sent inside a transaction",
        file=DELIVER,
        old="    db.session.rollback()\n    if send is None:",
        new="    if send is None:",
        tests=(
            "tests/reminders/test_delivery.py::test_no_transaction_is_open_while_a_message_travels",
        ),
        promise="a slow mail server holds up no booking",
    ),
    Mutant(
        name="reminders of what was moved or cancelled",
        file="booking/reminders/rules.py",
        old="    if kind != REMINDER:",
        new="    if kind:",
        tests=(
            "tests/reminders/test_letters.py::test_a_reminder_of_a_moved_reservation_is_not_sent",
        ),
        promise="no reminder of a cancelled reservation",
    ),
    Mutant(
        name="retiring looks at no reservation",
        file="booking/reservations/services/dealing.py",
        old="    hit = live_reservations(session, or_(*(gone.where for gone in gones)), now)\n",
        new="    hit = []\n",
        tests=(
            "tests/park/test_retiring.py::test_a_booked_unit_stays_and_its_reservations_are_named",
        ),
        promise="what is booked is not retired",
    ),
    Mutant(
        name="everybody edits every pool",
        file="booking/inventory/queries/editing.py",
        old='    return true() if may(actor, "pool.edit") else Pool.lab_id.in_(',
        new="    return true() if actor else Pool.lab_id.in_(",
        tests=("tests/park/test_matrix_park.py::test_a_labs_route_is_missing_for_everybody_else",),
        promise="a lab's pools are edited by its managers only",
    ),
    Mutant(
        name="the park's pages ask for no permission",
        file="booking/web/access.py",
        old="            if not allowed(actor(), action):\n",
        new="            if not action:\n",
        tests=(
            "tests/park/test_matrix_park.py::test_an_operators_route_is_missing_for_everybody_else",
        ),
        promise="the park is edited by operators only",
    ),
    Mutant(
        name="the catalogue shows what is not shared",
        file="booking/inventory/queries/visible.py",
        old="    return Pool.retired_at.is_(None) & or_(own, shared_pools(now))\n",
        new="    return Pool.retired_at.is_(None) & (true() if now else own)\n",
        tests=(
            "tests/inventory/test_catalogue.py"
            "::test_a_person_finds_what_is_shared_and_what_is_their_own",
        ),
        promise="a pool without an agreement is seen by its own people only",
    ),
    Mutant(
        name="the catalogue forgets that agreements end",
        file="booking/inventory/queries/visible.py",
        old="        or_(Contribution.until_at.is_(None), Contribution.until_at > now),\n",
        new="",
        tests=("tests/inventory/test_catalogue.py::test_a_pool_is_seen_while_its_agreement_runs",),
        promise="a pool is shared while its agreement runs",
    ),
    Mutant(
        name="the catalogue calls a unit free without its buffers",
        file="booking/inventory/queries/free.py",
        old="last_end <= literal_column(str(start), BigInt) - warmup * 60)\n",
        new="last_end <= literal_column(str(start), BigInt) - warmup * 0)\n",
        tests=(
            "tests/inventory/test_catalogue.py::test_buffers_count_when_looking_for_a_free_unit",
        ),
        promise="what is shown as free can be booked",
    ),
    Mutant(
        name="a typed percent sign finds everything",
        file="booking/inventory/rules/search.py",
        old="        word = word.replace(special, ESCAPE + special)\n",
        new="        word = word.replace(special, special)\n",
        tests=("tests/inventory/test_catalogue.py::test_words_find",),
        promise="what is searched is text, not a pattern",
    ),
    *CORE,
    *PAGES,
    *TRUST,
    *USED,
    *USE,
    *ALLOCATION,
    *FED,
    *FOUND,
    *CALENDAR,
    *COMPANIES,
    *PEOPLE,
    *QUICK,
    *TRAINED,
    *GROUPS,
    *AWAITED,
    *PROOF,
    *QUOTAS,
    *DESK,
    *NOTICED,
    *DRAWS,
    *RECORD,
    *FEDERATED,
    *SIGNING_IN,
    *HARDENED,
    *ROLEPLAY,
    *ENGINE,
)
