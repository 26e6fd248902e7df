"""The planted defects of the pages."""

from tests.mutant import Mutant

MATRIX = "tests/test_route_matrix.py"
INBOX = "tests/approvals/test_inbox.py"

PAGES = (
    Mutant(
        name="a reservation's page is shown to everybody",
        file="booking/reservations/queries/named.py",
        old="where(Reservation.id == reservation_id, seen_by(actor))",
        new="where(Reservation.id == reservation_id)",
        tests=(f"{MATRIX}::test_each_role_gets_what_the_table_says",),
        promise="a foreign reservation answers like a missing one",
    ),
    Mutant(
        name="forms are taken without their token",
        file="booking/web/shell.py",
        old="    csrf.init_app(app)\n",
        new="",
        tests=(f"{MATRIX}::test_without_its_token_no_form_is_taken",),
        promise="no other site can act for who is signed in",
    ),
    Mutant(
        name="the inbox shows every lab's requests",
        file="booking/approvals/queries/inbox.py",
        old="    managed = lab.in_(sorted(deciding))\n",
        new="    managed = lab.is_not(None)\n",
        tests=(f"{INBOX}::test_each_approver_sees_the_requests_of_their_labs",),
        promise="a manager sees the requests of the labs they manage",
    ),
    Mutant(
        name="a manager approves times nobody showed",
        file="booking/approvals/services/deciding.py",
        old="    if expected_version is not None and row.version != expected_version:\n",
        new="    if False:\n",
        tests=(f"{INBOX}::test_several_are_approved_at_once_and_each_result_is_told",),
        promise="a decision is about what the decider saw",
    ),
    Mutant(
        name="a request is decided after its deadline",
        file="booking/approvals/services/deciding.py",
        old="    if deadline is not None and deadline <= now:\n",
        new="    if False:\n",
        tests=(f"{INBOX}::test_what_is_past_its_deadline_waits_no_longer",),
        promise="an undecided request expires at its deadline, whenever the job comes by",
    ),
    Mutant(
        name="a page tells the owner institution who booked",
        file="booking/accounts/rules/permissions.py",
        old='            "stand_in", "group_member", "operator", "auditor",\n',
        new='            "stand_in", "representative", "operator", "auditor",\n',
        tests=(
            "tests/reservations/test_reservation_pages.py"
            "::test_the_owner_institution_sees_company_and_hours_only",
        ),
        promise="an institution sees company and hours of its units' use, no note, no person",
    ),
)
