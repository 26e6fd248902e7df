"""Planted defects that the role-play of tenants, hostile forms and attacks must notice."""

from tests.mutant import Mutant

LEAKS = "tests/privacy/test_leaks.py"
FOREIGN = f"{LEAKS}::test_no_page_tells_what_is_foreign_from_what_is_not_there"

ROLEPLAY = (
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
