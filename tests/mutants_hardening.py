"""Planted defects of what strangers meet first: sign-in, answers' headers, forms, redirects."""

from tests.mutant import Mutant

SAME_WORK = "tests/accounts/test_same_work.py"
HEADERS = "tests/web/test_headers.py"
MATRIX = "tests/test_route_matrix.py::test_each_role_gets_what_the_table_says"

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
    Mutant(
        name="a form gives a person whatever it names",
        file="booking/accounts/services/people.py",
        old=".values(locale=locale))\n",
        new='.values(**{"locale": locale, **_bait()}))\n\n\ndef _bait() -> dict[str, str]:\n'
        '    form = __import__("flask").request.form\n'
        '    return {k: form[k] for k in ("password_hash",) if k in form}\n',
        tests=(f"{MATRIX}[POST shell.language 0]",),
        promise="a form changes what it shows, and nothing else",
    ),
    Mutant(
        name="pages without headers of their own policy",
        file="booking/web/headers.py",
        old='    response.headers.setdefault("Permissions-Policy", PERMISSIONS)\n',
        new="    del response.headers[0:0]\n",
        tests=(f"{MATRIX}[GET shell.home 0]", f"{HEADERS}::test_error_pages_are_guarded_too"),
        promise="every answer tells browsers what it must not do",
    ),
    Mutant(
        name="pages that browsers keep",
        file="booking/web/headers.py",
        old='    response.headers.setdefault("Cache-Control", "no-store")\n',
        new='    response.headers.setdefault("Cache-Control", "private")\n',
        tests=(f"{MATRIX}[GET accounts.password 0]",),
        promise="nothing personal stays in a browser",
    ),
    Mutant(
        name="what strangers type is written to the log as it is",
        file="booking/web/denials.py",
        old="    return json.dumps(value[:LONGEST] if isinstance(value, str) else value)\n",
        new="    return str(json and value)\n",
        tests=("tests/web/test_denials.py::test_what_is_typed_stays_on_its_line_and_in_its_place",),
        promise="nobody forges a line of the log",
    ),
    Mutant(
        name="refusals leave no trace",
        file="booking/web/denials.py",
        old="    if status in EVENTS:\n",
        new="    if status < 0:\n",
        tests=("tests/web/test_denials.py::test_too_many_tries_are_told",),
        promise="who tries is seen",
    ),
    Mutant(
        name="a backslash leads away",
        file="booking/web/links.py",
        old='    if "\\\\" in target or any(ord(c) < 32 for c in target):\n',
        new="    if any(ord(c) < 32 for c in target):\n",
        tests=(f"{HEADERS}::test_where_one_goes_next_is_a_path_of_ours",),
        promise="no form leads to another site",
    ),
    Mutant(
        name="security.txt of yesterday",
        file="booking/web/disclosure.py",
        old='        f"Expires: {midnight + GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",\n',
        new='        "Expires: 2027-05-22T00:00:00Z",\n',
        tests=(
            "tests/web/test_disclosure.py::TestWithContact"
            "::test_it_never_expires_and_never_lasts_a_year",
        ),
        promise="who finds a weakness finds whom to tell",
    ),
)
