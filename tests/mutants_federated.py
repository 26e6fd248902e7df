"""Planted defects of limits, tokens and signing in by other ways than a password."""

from tests.mutant import Mutant

RATE = "tests/infra/test_rate.py"
LIMITS = "tests/web/test_limits.py"
MATRIX = "tests/test_route_matrix.py"
OIDC = "tests/accounts/test_oidc.py"
SMS = "tests/accounts/test_sms.py"
OUT = "tests/infra/test_outbound.py"

FEDERATED = (
    Mutant(
        name="each process counts searches for itself",
        file="booking/infra/rate.py",
        old="        count.shared = max(count.shared, shared)\n",
        new="        count.shared = min(count.shared, shared)\n",
        tests=(f"{RATE}::test_what_is_asked_often_is_bounded_over_all_processes[sqlite]",),
        promise="limits hold over all processes",
    ),
    Mutant(
        name="guessing is slowed by the minute only",
        file="booking/web/limits.py",
        old="for times, seconds in ((1, MINUTE), (2, 5 * MINUTE), (4, 30 * MINUTE))",
        new="for times, seconds in ((1, MINUTE),)",
        tests=(f"{LIMITS}::test_who_goes_on_guessing_waits_longer",),
        promise="who goes on guessing a password waits longer",
    ),
    Mutant(
        name="a token may search without end",
        file="booking/web/limits.py",
        old="    if request.endpoint in SEARCH_CALLS:\n",
        new="    if request.endpoint in SEARCH_PAGES:\n",
        tests=(f"{LIMITS}::test_1000_searches_are_too_many_by_pages_and_tokens_together",),
        promise="searches are limited by whatever way",
    ),
    Mutant(
        name="anybody may end anybody's token",
        file="booking/accounts/services/tokens.py",
        old="    if row is None or row.user_id != actor.user_id:\n",
        new="    if row is None:\n",
        tests=(f"{MATRIX}::test_each_role_gets_what_the_table_says[POST tokens.end 0]",),
        promise="a token is its person's own",
    ),
    Mutant(
        name="an id_token for another application is taken",
        file="booking/infra/oidc.py",
        old='             "aud": {"essential": True, "value": provider.client_id}},\n',
        new='             "aud": {"essential": False}},\n',
        tests=(f"{OIDC}::test_what_proves_nobody_lets_nobody_in",),
        promise="only what the provider says to us signs in",
    ),
    Mutant(
        name="any signature will do",
        file="booking/infra/oidc.py",
        old='ALGORITHMS = ["RS256",',
        new='ALGORITHMS = ["none", "HS256", "RS256",',
        tests=(f"{OIDC}::test_what_proves_nobody_lets_nobody_in",),
        promise="only what the provider says to us signs in",
    ),
    Mutant(
        name="a sign-in comes back twice",
        file="booking/accounts/views/elsewhere.py",
        old="        write(lambda s: spend_state(s, state, now))\n",
        new="",
        tests=(f"{OIDC}::test_a_state_of_somebody_else_or_used_before_is_refused",),
        promise="a sign-in begun elsewhere comes back once",
    ),
    Mutant(
        name="somebody else's answer signs in here",
        file="booking/accounts/views/elsewhere.py",
        old="        or not hmac.compare_digest(",
        new="        or not state and not hmac.compare_digest(",
        tests=(f"{OIDC}::test_a_state_of_somebody_else_or_used_before_is_refused",),
        promise="nobody is signed in as somebody else",
    ),
    Mutant(
        name="a verified address opens the account",
        file="booking/accounts/services/identities.py",
        old='        raise WrongState("not_connected")\n    user = create_user',
        new='        return user_by_email(session, proven.email or "").id  # type: ignore\n'
        "    user = create_user",
        tests=(f"{OIDC}::test_an_address_alone_opens_no_account",),
        promise="an account is connected by its owner only",
    ),
    Mutant(
        name="certificates are not looked at",
        file="booking/infra/outbound.py",
        old="    return ssl.create_default_context()\n",
        new="    return ssl._create_unverified_context()\n",
        tests=(f"{OUT}::test_a_certificate_nobody_vouches_for_is_refused",),
        promise="other servers are asked by verified TLS only",
    ),
    Mutant(
        name="a code by SMS may be tried for ever",
        file="booking/accounts/services/sms_codes.py",
        old=" or row.tries >= MOST_TRIES:\n",
        new=":\n",
        tests=(f"{SMS}::test_a_code_ends_after_five_minutes_or_five_tries",),
        promise="a code of six digits is not guessed",
    ),
    Mutant(
        name="tries at a code are not locked",
        file="booking/accounts/services/sms_codes.py",
        old="        .with_for_update()\n",
        new="",
        tests=(f"{SMS}::test_of_many_who_try_at_once_five_are_heard[postgresql]",),
        promise="a code of six digits is not guessed",
    ),
    Mutant(
        name="a code proves a number for anybody",
        file="booking/accounts/services/sms_codes.py",
        old='    return f"{actor.user_id} {number}"\n',
        new="    return number\n",
        tests=(f"{SMS}::test_a_code_sent_for_one_person_proves_nothing_of_another",),
        promise="a number is proven by who reads its messages",
    ),
    Mutant(
        name="how one signs in is changed without a fresh proof",
        file="booking/accounts/views/ways.py",
        old="@freshly_proven\n",
        new="@signed_in\n",
        tests=("tests/accounts/test_ways.py::test_who_signed_in_long_ago_proves_it_again_first",),
        promise="a browser left open does not give the account away",
    ),
)
