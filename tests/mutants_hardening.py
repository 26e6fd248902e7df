"""Planted defects of what strangers meet first: sign-in, answers' headers, forms, redirects."""

from tests.mutant import Mutant

SAME_WORK = "tests/accounts/test_same_work.py"

HARDENED = (
    Mutant(
        name="nobody's password is not compared",
        file="booking/infra/passwords.py",
        old="            matches = _hasher().verify(stored or nobodys, password)\n",
        new="            matches = stored and _hasher().verify(stored or nobodys, password)\n",
        tests=(f"{SAME_WORK}::test_every_failing_sign_in_is_the_same_work",),
        promise="the time of a refusal tells nobody whether there is an account",
    ),
    Mutant(
        name="nobody's hash is made when it is first needed",
        file="booking/infra/passwords.py",
        old="        nobodys = _nobodys_hash()  # whoever comes first: it is made once a process\n",
        new='        nobodys = "" if stored else _nobodys_hash()\n',
        tests=(f"{SAME_WORK}::test_the_first_try_of_a_process_tells_nothing_either",),
        promise="the time of a refusal tells nobody whether there is an account",
    ),
)
