"""Planted defects of notices: who writes and reads them, what must be read before booking."""

from tests.mutant import Mutant

SERVICES, QUERIES = "booking/notices/services.py", "booking/notices/queries.py"
TESTS = "tests/notices/test_notices.py"
TICKED = "test_what_must_be_read_is_ticked_before_booking_and_anew_when_it_changed[sqlite]"

NOTICED = (
    Mutant(
        name="anybody writes notices",
        file=QUERIES,
        old='    require(actor, "notice.write", where.subject)\n',
        new="",
        tests=(f"{TESTS}::test_only_operators_and_the_labs_managers_write",),
        promise="notices are written by operators and the lab's managers only",
    ),
    Mutant(
        name="any version's tick counts",
        file="booking/reservations/queries/formalities.py",
        old="if (one.notice_id, one.version) not in read]",
        new="if one.notice_id not in {key for key, _version in read}]",
        tests=(f"{TESTS}::{TICKED}",),
        promise="a changed notice is read anew",
    ),
    Mutant(
        name="notices of what one does not see",
        file=QUERIES,
        old="    return _lines(actor).where(_TOLD, Notice.from_at <= now, places)\n",
        new="    return _lines(actor).where(_TOLD, Notice.from_at <= now, places | _TOLD)\n",
        tests=(f"{TESTS}::test_a_notice_is_read_by_whoever_sees_what_it_is_about[sqlite]",),
        promise="a notice is read by whoever sees what it is about",
    ),
    Mutant(
        name="a process keeps asking for a notice that was withdrawn",
        file=SERVICES,
        old="    if row.must_read and row.published_at is not None:\n",
        new="    if row.must_read and row.published_at is None:\n",
        tests=(f"{TESTS}::test_a_withdrawn_notice_asks_for_nothing_at_once[sqlite]",),
        promise="a withdrawn notice holds up no booking",
    ),
)
