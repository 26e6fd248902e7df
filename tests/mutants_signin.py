"""Planted defects of signing in: second factors, devices, who must have what."""

from tests.mutant import Mutant

LINK = "tests/approvals/test_by_link.py"
DEVICES = "tests/accounts/test_devices.py"

SIGNING_IN = (
    Mutant(
        name="a decision link stands in for the second factor",
        file="booking/approvals/views/link.py",
        old="    ways = _lacking(asked) if reader is None else None\n",
        new="    ways = None\n",
        tests=(f"{LINK}::test_the_link_does_not_stand_in_for_a_second_factor",),
        promise="a link by mail proves one factor, never two",
    ),
    Mutant(
        name="wrong codes at a decision link are not counted",
        file="booking/approvals/views/link.py",
        old="            tried(user_id, kind_of(typed), lambda: write(work))\n",
        new="            write(work)\n",
        tests=(f"{LINK}::test_wrong_codes_at_the_link_are_counted",),
        promise="codes are guessed at five times, wherever they are typed",
    ),
    Mutant(
        name="wrong second factors are told to nobody",
        file="booking/accounts/services/factors.py",
        old="    if today == WRONG_UNTIL_TOLD:\n",
        new="    if today < 0:\n",
        tests=(
            "tests/accounts/test_authenticator.py"
            "::test_wrong_codes_are_noted_and_the_fifth_of_a_day_is_told",
        ),
        promise="who is guessed at learns of it",
    ),
    Mutant(
        name="answers of passkeys that do not hold are not counted",
        file="booking/accounts/views/passkeys.py",
        old='        return tried(user_id, "passkey", lambda: _held(answer, challenge, user_id))\n',
        new="        return _held(answer, challenge, user_id)\n",
        tests=(
            "tests/accounts/test_passkeys.py"
            "::test_answers_that_do_not_hold_are_counted_as_codes_are_and_told",
        ),
        promise="every kind of second factor is bounded alike",
    ),
    Mutant(
        name="a device is known by its browser's words",
        file="booking/accounts/services/devices.py",
        old='        .where(UserSession.user_id == user_id, UserSession.device_hash == "")\n',
        new="        .where(UserSession.user_id == user_id)\n",
        tests=(f"{DEVICES}::test_a_browsers_words_alone_make_nothing_known[sqlite]",),
        promise="a new device gives a letter",
    ),
    Mutant(
        name="a device signed out from afar stays known",
        file="booking/accounts/views/security.py",
        old="        forget_device_of(session, who, session_id, now)\n",
        new="",
        tests=(
            f"{DEVICES}::test_who_is_signed_out_from_afar_is_new_again_the_others_are_not[sqlite]",
        ),
        promise="devices are revoked with their sessions",
    ),
    Mutant(
        name="any device cookie is believed",
        file="booking/web/devices.py",
        old='read_word(DEVICE, request.cookies.get(_name(), ""))',
        new='request.cookies.get(_name(), "")',
        tests=(f"{DEVICES}::test_a_cookie_that_was_not_signed_here_is_nothing",),
        promise="devices are known by what was given out here",
    ),
    Mutant(
        name="a required second factor stays a reminder for ever",
        file="booking/web/proof.py",
        old="    return deadline(required, here.asked_at)\n",
        new="    return deadline(required, here.asked_at) and clock.now() + timedelta(days=1)\n",
        tests=(
            "tests/companies/test_factor_policy.py"
            "::test_before_the_day_it_is_brought_to_mind_and_after_it_nothing_else_opens",
        ),
        promise="whose role needs a second factor does nothing without",
    ),
    Mutant(
        name="anybody says who needs a second factor",
        file="booking/companies/views/factors.py",
        old='@park_permission("park.edit")\n',
        new='@park_permission("catalogue.read")\n',
        tests=("tests/companies/test_factor_policy.py::test_nobody_else_sets_it",),
        promise="only the operator asks second factors of roles",
    ),
    Mutant(
        name="changes nobody decides on are left lying",
        file="booking/approvals/services/escalating.py",
        old="        .where(Hold.released_at.is_(None), Hold.expires_at > now, ~_noted())\n",
        new="        .where(Hold.released_at.is_(None), Hold.expires_at < now, ~_noted())\n",
        tests=(
            "tests/approvals/test_steps.py"
            "::test_a_change_is_brought_to_mind_and_handed_up_as_a_request_is[sqlite]",
        ),
        promise="what waits for a decision is brought to mind, then handed up",
    ),
)
