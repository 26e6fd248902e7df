"""Planted defects that the role-play of tenants, hostile forms and attacks must notice."""

from tests.mutant import Mutant

LEAKS = "tests/privacy/test_leaks.py"
FOREIGN = f"{LEAKS}::test_no_page_tells_what_is_foreign_from_what_is_not_there"

ATTACKS = "tests/hostile/test_attacks.py"

ROLEPLAY = (
    Mutant(
        name="a number of five thousand digits is read",
        file="booking/reservations/api/availability.py",
        old="    if any(len(part) > MOST_DIGITS for part in parts):",
        new="    if any(not part for part in parts):",
        tests=("tests/hostile/test_forms.py::test_no_field_of_any_call_breaks_the_api",),
        promise="no field makes a fault",
    ),
    Mutant(
        name="no day of the week is one",
        file="booking/reservations/forms/groups.py",
        old='if day in {*"1234567"}]',
        new='if day in "1234567"]',
        tests=("tests/reservations/test_rerule.py::test_a_day_that_is_none_is_left_out",),
        promise="no field makes a fault",
    ),
    Mutant(
        name="a token of any scope opens every operation",
        file="booking/web/api/guard.py",
        old="    if scope not in (person.scopes or ()):\n",
        new="    if not person.scopes:\n",
        tests=(f"{ATTACKS}::test_a_token_of_all_other_scopes_opens_no_operation",),
        promise="a token opens what it was made for",
    ),
    Mutant(
        name="our addresses are what a request says",
        file="booking/web/links.py",
        old='    return str(current_app.config["PUBLIC_BASE_URL"]).rstrip("/") + path\n',
        new='    host = request.headers.get("X-Forwarded-Host")\n'
        '    return str(host or current_app.config["PUBLIC_BASE_URL"]).rstrip("/") + path\n',
        tests=(f"{ATTACKS}::test_no_page_believes_what_only_a_proxy_may_say",),
        promise="links lead here, whatever a header says",
        also=(("booking/web/links.py", "import current_app", "import current_app, request"),),
    ),
    Mutant(
        name="JSON needs no token of a form",
        file="booking/web/shell.py",
        old="    csrf.init_app(app)\n",
        new="    csrf.init_app(app)\n"
        "    app.before_request_funcs[None] = [\n"
        "        lambda f=f: None if request.is_json else f()\n"
        "        for f in app.before_request_funcs[None]\n"
        "    ]\n",
        tests=(f"{ATTACKS}::test_no_trick_gets_a_form_past_its_token",),
        promise="forms are taken from our own pages only",
    ),
    Mutant(
        name="a lab spells its way through everybody's names",
        file="booking/reservations/queries/people.py",
        old="        if known_to is not None:\n",
        new="        if known_to is not None and not typed:\n",
        tests=(
            f"{FOREIGN}[mei]",
            "tests/reservations/test_booking_for_colleagues.py"
            "::test_a_part_of_a_name_finds_a_lab_only_whom_it_knows",
        ),
        promise="nobody learns the names of others' people",
    ),
    Mutant(
        name="an answer of the API holds what its description does not name",
        file="booking/web/api/answers.py",
        old='        "id": row.id,\n',
        new='        "id": row.id,\n        "note": "",\n',
        tests=("tests/drills/test_short_forms.py::test_the_short_form_passes[sqlite-R11]",),
        promise="the API answers what it says, to whom it says",
    ),
    Mutant(
        name="what is wrong inside a list is said in another's words",
        file="booking/web/api/fields.py",
        old='    default_error_messages = {**_CODES, "invalid": "not_a_list"}\n',
        new="    default_error_messages = {}\n",
        tests=("tests/api/test_fields_api.py::test_every_refusal_of_a_field_has_a_text",),
        promise="no body makes a fault",
    ),
)
