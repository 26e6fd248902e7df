"""Planted defects of who may do what: steps of approval, stand-ins, links, roles of the park."""

from tests.mutant import Mutant

STEPS = "tests/approvals/test_steps.py"
STEPPING = "booking/reservations/services/stepping.py"
LOCK = (
    "    query = query.with_for_update(of=Reservation).execution_options(populate_existing=True)\n"
)

TRUST = (
    Mutant(
        name="a step is decided without looking whether it waits",
        file=STEPPING,
        old='        .where(ApprovalStep.id == step.id, ApprovalStep.state == "waiting")\n',
        new="        .where(ApprovalStep.id == step.id)\n",
        tests=(f"{STEPS}::test_a_step_read_before_is_taken_once[sqlite]",),
        promise="each step is decided once",
    ),
    Mutant(
        name="two admins decide a step without lock and comparison",
        file=STEPPING,
        old='        .where(ApprovalStep.id == step.id, ApprovalStep.state == "waiting")\n',
        new="        .where(ApprovalStep.id == step.id)\n",
        tests=(
            "tests/races/test_races_steps.py"
            "::test_a_step_is_decided_once_and_not_the_next_one_with_it[postgresql]",
        ),
        promise="each step is decided once, between processes too",
        also=(("booking/reservations/queries/reservations.py", LOCK, ""),),
    ),
    Mutant(
        name="a decider is shown every step",
        file="booking/approvals/queries/inbox.py",
        old='or_(ApprovalStep.id.is_(None), ApprovalStep.kind == "lab")',
        new='or_(ApprovalStep.id.is_(None), ApprovalStep.kind != "")',
        tests=(f"{STEPS}::test_each_sees_in_the_inbox_only_what_waits_for_them[sqlite]",),
        promise="the inbox shows only what waits for its reader",
    ),
    Mutant(
        name="the company's step can be skipped by the lab",
        file="booking/reservations/queries/steps.py",
        old='    return may(actor, f"step.{step.kind}", replace(subject, group_ids=groups))\n',
        new='    return may(actor, "step.lab", replace(subject, group_ids=groups))\n',
        tests=(f"{STEPS}::test_nobody_takes_another_step_than_their_own[sqlite-mei]",),
        promise="no step is skipped",
    ),
    Mutant(
        name="a larger request keeps the steps already taken",
        file="booking/reservations/services/moving.py",
        old="            begin_again(session, row, now)\n",
        new="            pass\n",
        tests=(f"{STEPS}::test_moving_a_request_begins_its_steps_again_unless_it_is_less[sqlite]",),
        promise="what was agreed to is what is booked",
    ),
    Mutant(
        name="anybody may stand in",
        file="booking/companies/services/absences.py",
        old="    if not may_stand_in(session, actor, duties, deputy.id, now):\n",
        new="    if not deputy:\n",
        tests=("tests/approvals/test_away.py::test_nobody_from_outside_stands_in[sqlite-cy]",),
        promise="nobody from outside sees what waits for a decision",
    ),
    Mutant(
        name="a link outlives what it asked",
        file="booking/approvals/queries/asked.py",
        old="row.version != version or ",
        new="",
        tests=(
            "tests/approvals/test_by_link.py"
            "::test_what_was_moved_or_decided_meanwhile_is_another_question",
        ),
        promise="a mail's link decides what its reader was asked",
    ),
    Mutant(
        name="a link is read however its bits are spelt",
        file="booking/infra/signed.py",
        old="_serializer(purpose).dumps(found) != token or ",
        new="",
        tests=("tests/approvals/test_by_link.py::test_every_flipped_bit_ends_it",),
        promise="a changed link is none",
    ),
    Mutant(
        name="an operator takes over an administrator",
        file="booking/companies/services/people.py",
        old="    if above and not may(",
        new="    if not above and not may(",
        tests=(
            "tests/park/test_park_roles.py"
            "::test_an_operator_takes_over_neither_administrator_nor_auditor",
        ),
        promise="nobody gets more than they were given",
    ),
    Mutant(
        name="an auditor changes what they manage",
        file="booking/accounts/rules/permissions.py",
        old="    if actor.reads_only and action not in READS:\n",
        new="    if not action:\n",
        tests=(
            "tests/accounts/test_permissions.py"
            "::test_an_auditor_reads_all_and_changes_nothing_even_as_manager_and_admin",
        ),
        promise="an auditor changes nothing",
    ),
    Mutant(
        name="a new password leaves the links of the old one",
        file="booking/accounts/services/passwords.py",
        old="    end_links(session, actor.user_id, now)\n",
        new="",
        tests=(
            "tests/accounts/test_passwords.py"
            "::test_a_change_ends_the_links_asked_for_before[sqlite]",
        ),
        promise="whoever knew the old password has nothing left that works",
    ),
    Mutant(
        name="a token needs no consent",
        file="booking/web/api/guard.py",
        old="    if person.must_agree and",
        new="    if not person.user_id and",
        tests=(
            "tests/privacy/test_policy.py"
            "::test_a_token_works_not_before_its_person_has_agreed[sqlite]",
        ),
        promise="nothing of a person is worked on before they agree, by pages or by token",
    ),
    Mutant(
        name="every wrong password is a row of its own",
        file="booking/accounts/services/wrong_passwords.py",
        old="        .where(WrongPassword.first_at <= now - WINDOW)\n",
        new="",
        tests=(
            "tests/accounts/test_wrong_passwords.py"
            "::test_however_many_there_were_they_are_one_row_an_hour[sqlite]",
        ),
        promise="whoever tries passwords fills no audit",
    ),
    Mutant(
        name="mailing colleagues has no limit",
        file="booking/web/limits.py",
        old=', "company.again"})',
        new="})",
        tests=(
            "tests/web/test_limits.py"
            "::test_invitations_are_limited_for_who_sends_them[company.again]",
        ),
        promise="nobody floods others with invitations",
    ),
    Mutant(
        name="anybody stands in for a group's member",
        file="booking/companies/queries/duties.py",
        old="        and_(Lab.id.is_(None), of_park),\n",
        new="        Lab.id.is_(None),\n",
        tests=(
            "tests/approvals/test_away.py"
            "::test_nobody_of_elsewhere_stands_in_for_a_groups_member[sqlite-cy]",
        ),
        promise="nobody of elsewhere sees what a group decides on",
    ),
    Mutant(
        name="a group's stand-in books without the group",
        file="booking/reservations/rules/steps.py",
        old="group_id in by.duties.own_group_ids",
        new="group_id in by.duties.group_ids",
        tests=(
            "tests/approvals/test_away.py"
            "::test_a_groups_stand_in_decides_for_the_group_alone[sqlite]",
        ),
        promise="standing in is deciding and nothing more",
    ),
    Mutant(
        name="staff who may not approve have a stand-in who does",
        file="booking/companies/queries/duties.py",
        old="    return or_(role.in_(LEADING), Lab.staff_may_approve == 1)\n",
        new="    return or_(role.in_(LEADING), Lab.id > 0)\n",
        tests=(
            "tests/approvals/test_away.py"
            "::test_staff_who_approve_name_a_stand_in_and_staff_who_do_not_cannot[sqlite]",
        ),
        promise="a stand-in decides what the one who is away does",
    ),
    Mutant(
        name="whoever gave a report reads them all",
        file="booking/reservations/queries/reports.py",
        old="    return true() if _sees_all(actor, at) else UnitReport.user_id == actor.user_id\n",
        new="    return true()\n",
        tests=(
            "tests/reservations/test_reports.py"
            "::test_who_gave_one_reads_theirs_after_leaving_and_no_other[sqlite]",
        ),
        promise="a report is read by those it is for",
    ),
    Mutant(
        name="a certificate goes with who gave it",
        file="booking/privacy/services/erasing.py",
        old="    stays = or_(StoredFile.id.in_(shown), StoredFile.id.in_(of_units))\n",
        new="    stays = or_(StoredFile.id.in_(shown), ~of_units.exists())\n",
        tests=(
            "tests/reservations/test_reports.py::test_a_certificate_outlives_who_gave_it[sqlite]",
        ),
        promise="what is known of an instrument outlives who wrote it down",
    ),
)
