"""Planted defects of the rules about people."""

from tests.mutant import Mutant

RACES = "tests/races/test_races_quotas.py"
QUOTAS = "tests/reservations/test_quotas.py"
PERSON = "tests/reservations/test_person_rules.py"
ACCOUNTS = "tests/accounts"
CONTRIBUTED = "tests/inventory/test_contributed.py"
LOCKING = "booking/reservations/services/locking.py"

PEOPLE = (
    Mutant(
        name="a person's quota is counted without a lock",
        file=LOCKING,
        old='_TAKE.format(key="3, :person")',
        new='_TAKE.format(key="3, pg_backend_pid()")',
        tests=(f"{RACES}::test_the_last_of_a_quota_goes_to_one_of_two[postgresql-person]",),
        promise="two requests racing for the last of a quota: one wins",
    ),
    Mutant(
        name="a company's quota is counted without a lock",
        file=LOCKING,
        old='_TAKE.format(key="2, :company")',
        new='_TAKE.format(key="2, pg_backend_pid()")',
        tests=(f"{RACES}::test_the_last_of_a_quota_goes_to_one_of_two[postgresql-company]",),
        promise="two colleagues racing for the last of a company's quota: one wins",
    ),
    Mutant(
        name="a member's limit of the month is counted without a lock",
        file=LOCKING,
        old="AND m.month_minutes IS NOT NULL)",
        new="AND m.month_minutes < 0)",
        tests=(f"{RACES}::test_the_last_of_a_months_limit_goes_to_one_of_two[postgresql]",),
        promise="nobody books more in a month than their company lets them",
    ),
    Mutant(
        name="an asked change costs nothing until decided",
        file="booking/reservations/queries/spending_rows.py",
        old="join(Hold, Hold.reservation_id == Reservation.id)",
        new="join(Hold, Hold.id == -1)",
        tests=(f"{QUOTAS}::test_an_asked_change_is_counted_before_it_is_decided",),
        promise="no quota is exceeded by way of a change request",
    ),
    Mutant(
        name="a cancellation taken back asks no quota",
        file="booking/reservations/services/undoing.py",
        old="    require_room(session, pool, row, now)\n",
        new="",
        tests=(f"{QUOTAS}::test_one_coming_reservation_and_cancelling_it_frees_the_quota",),
        promise="no quota is exceeded by cancelling and taking back",
    ),
    Mutant(
        name="the earliest slot forgets the person's other reservations",
        file="booking/policies/rules/times.py",
        old="    taken = barred(rules, proposal)\n",
        new="    taken: list[Period] = []\n",
        tests=(f"{PERSON}::test_the_earliest_slot_keeps_the_gap",),
        promise="earliest never lies",
    ),
    Mutant(
        name="a code of an authenticator app works twice",
        file="booking/accounts/rules/factors.py",
        old="encode()) and step > last:",
        new="encode()) and step > 0:",
        also=(
            (
                "booking/accounts/services/factors.py",
                "Authenticator.last_step < step)",
                "Authenticator.last_step <= step)",
            ),
        ),
        tests=(f"{ACCOUNTS}/test_authenticator.py::test_a_code_works_once[sqlite]",),
        promise="a code signs in once",
    ),
    Mutant(
        name="two requests race with one code of an authenticator app",
        file="booking/accounts/services/factors.py",
        old=".where(Authenticator.id == row.id, Authenticator.last_step < step)",
        new=".where(Authenticator.id == row.id)",
        tests=(f"{ACCOUNTS}/test_races_factors.py::test_one_code_opens_one_session",),
        promise="a code signs in once, also at the same moment",
    ),
    Mutant(
        name="a recovery code works twice",
        file="booking/accounts/services/factors.py",
        old="            RecoveryCode.used_at.is_(None),\n        )\n        .values",
        new="        )\n        .values",
        tests=(
            f"{ACCOUNTS}/test_authenticator.py"
            "::test_a_recovery_code_stands_in_once_and_is_told_of[sqlite]",
        ),
        promise="a recovery code works once",
    ),
    Mutant(
        name="a link to a new password works twice",
        file="booking/accounts/services/links.py",
        old="        .values(used_at=now)\n        .returning(OneTimeLink.id)",
        new="        .values(used_at=None)\n        .returning(OneTimeLink.id)",
        also=(
            (
                "booking/accounts/services/links.py",
                "    end_links(session, user_id, now)\n    end_steps(session, user_id)\n",
                "    end_steps(session, user_id)\n",
            ),
        ),
        tests=(
            f"{ACCOUNTS}/test_resets.py::test_the_link_sets_a_password_once_and_ends_all_else"
            "[sqlite]",
        ),
        promise="a link works once",
    ),
    Mutant(
        name="a session survives a reset of the password",
        file="booking/accounts/services/links.py",
        old="    end_sessions(session, user_id, now)\n",
        new="",
        tests=(
            f"{ACCOUNTS}/test_resets.py::test_the_link_sets_a_password_once_and_ends_all_else"
            "[sqlite]",
        ),
        promise="a new password ends every session",
    ),
    Mutant(
        name="a session survives a change of the password",
        file="booking/accounts/services/passwords.py",
        old="    end_sessions(session, actor.user_id, now)\n",
        new="",
        tests=(
            f"{ACCOUNTS}/test_sign_in.py::test_a_new_password_ends_every_other_session[sqlite]",
        ),
        promise="a new password ends every session",
    ),
    Mutant(
        name="a reset stands in for the second factor",
        file="booking/accounts/services/entering.py",
        old="    if person.factor_since is not None and not strong:\n",
        new='    if person.factor_since is not None and not strong and how != "link":\n',
        tests=(
            f"{ACCOUNTS}/test_resets.py::test_a_reset_does_not_stand_in_for_the_second_factor"
            "[sqlite]",
        ),
        promise="no way in leaves out the second factor",
    ),
    Mutant(
        name="a passkey's challenge works twice",
        file="booking/accounts/services/steps.py",
        old="        delete(BegunStep)\n        .where(\n",
        new="        select(BegunStep.user_id, BegunStep.challenge)\n        .where(\n",
        also=(
            (
                "booking/accounts/services/steps.py",
                "        .returning(BegunStep.user_id, BegunStep.challenge)\n",
                "",
            ),
        ),
        tests=(f"{ACCOUNTS}/test_passkeys.py::test_a_challenge_works_once[sqlite]",),
        promise="a challenge is signed once",
    ),
    Mutant(
        name="a challenge of one purpose serves another",
        file="booking/accounts/services/steps.py",
        old=(
            "            BegunStep.purpose == purpose,\n            BegunStep.expires_at > now,\n"
            "        )\n        .returning"
        ),
        new="            BegunStep.expires_at > now,\n        )\n        .returning",
        also=(
            (
                "booking/web/login.py",
                'session.get(f"step:{purpose}")',
                'session.get(f"step:{purpose}") or session.get("step:passkey_sign_in")',
            ),
            (
                "booking/accounts/views/passkeys.py",
                "    if owner != user_id:\n",
                "    if owner is not None and owner != user_id:\n",
            ),
        ),
        tests=(f"{ACCOUNTS}/test_passkeys.py::test_a_challenge_serves_its_purpose_only[sqlite]",),
        promise="a challenge is of one purpose",
    ),
    Mutant(
        name="who lacks the second factor asked for goes on",
        file="booking/web/proof.py",
        old="    return due is not None and due <= clock.now()\n",
        new="    return False\n",
        tests=(
            f"{ACCOUNTS}/test_required_factor.py::test_days_of_grace_count_from_the_first_sign_in",
        ),
        promise="who must have a second factor has one",
    ),
    Mutant(
        name="who leaves a company waits on in its name",
        file="booking/reservations/services/leaving.py",
        old="now, company_id=company_id, user_id=user_id)\n    return end_place",
        new="now, company_id=-1, user_id=user_id)\n    return end_place",
        tests=(
            "tests/companies/test_wishes.py"
            "::test_who_goes_waits_no_longer_and_the_next_is_offered_it[sqlite-by_herself]",
        ),
        promise="who leaves a company books and waits for it no longer",
    ),
    Mutant(
        name="anybody limits what an institution shares",
        file="booking/inventory/queries/sharing.py",
        old='    require(actor, "sharing.limit", Subject(institution_id=found[2].id))\n',
        new="",
        tests=(f"{CONTRIBUTED}::test_nobody_else_limits_a_contribution[sqlite-cy]",),
        promise="an institution limits its own units, nobody another's",
    ),
    Mutant(
        name="what others book during a pause is not noticed",
        file="booking/inventory/rules/sharing.py",
        old="        return self.paused_until is None or period.start < self.paused_until\n",
        new="        return False\n",
        tests=(
            f"{CONTRIBUTED}::test_in_a_pause_others_do_not_book_and_afterwards_they_do[sqlite]",
        ),
        promise="outside what an institution shares only its own people book",
    ),
    Mutant(
        name="a representative closes a unit for any reason",
        file="booking/reservations/services/closing.py",
        old="kind == OWN_USE and may(",
        new="may(",
        tests=(f"{CONTRIBUTED}::test_a_representative_closes_for_own_use_only[sqlite]",),
        promise="an institution takes its units back for its own use, the lab looks after them",
    ),
)
