"""The permission table: printed in docs, asked everywhere, and what the roles of it amount to."""

import re
from pathlib import Path

import pytest

from booking.accounts.rules.permissions import (
    LOOKING,
    PERMISSIONS,
    READS,
    RELATIONS,
    Subject,
    may,
    may_look,
    require,
)
from booking.core.actor import Actor, Party
from booking.core.errors import NotFound
from tools import permissions as tool

ROOT = Path(__file__).resolve().parents[2]
ASKED = r'\b(?:may|may_look|require|park_permission)\((?:[\w.]+(?:\(\))?, )?"([a-z_.]+)"'
OWN_LAB = Subject(user_id=1, company_id=7, lab_id=3, institution_id=5)


def member(*roles, **more):
    """Return somebody with these roles in company 7."""
    return Actor(1, parties=(Party(7, None, frozenset(roles)),), **more)


def test_the_document_is_the_table():
    assert tool.TARGET.read_text(encoding="utf-8") == tool.printed()


def test_the_table_names_known_relations_and_actions_only():
    assert set().union(*PERMISSIONS.values()) == set(RELATIONS)
    assert set(LOOKING) | set(LOOKING.values()) <= set(PERMISSIONS)


def test_code_and_templates_ask_for_actions_of_the_table():
    asked = set()
    for folder, kind in (("booking", "*.py"), ("templates", "*.html")):
        for path in (ROOT / folder).rglob(kind):
            text = path.read_text(encoding="utf-8")
            asked |= set(re.findall(ASKED, text))

    assert {"reservation.decide", "park.roles"} <= asked <= set(PERMISSIONS)


def test_nothing_else_decides_by_a_role_of_the_park():
    ours = ("accounts", "demo", "migrations", "companies/services/people.py", "companies/forms")
    deciding = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / "booking").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r'park_role (==|!=|in) |== "(operator|auditor|administrator)"', line)
        and not str(path.relative_to(ROOT / "booking")).startswith(ours)
    ]

    # Whom to ask for a place, and what an auditor is.
    assert sorted(deciding) == [
        'booking/core/actor.py: return self.park_role == "auditor"',
        'booking/reservations/queries/placeless.py: .where(User.park_role == "operator", '
        "User.retired_at.is_(None))",
    ]


def test_an_auditor_reads_all_and_changes_nothing_even_as_manager_and_admin():
    auditor = member("member", "admin", "booker", labs={3: "manager"}, park_role="auditor")
    allowed = {action for action in PERMISSIONS if may(auditor, action, OWN_LAB)}

    assert allowed == READS
    assert not {a for a in READS if a.endswith((".edit", ".change", ".decide", ".send"))}
    assert all(may_look(auditor, action) for action in LOOKING)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("member", set()),
        # sees and changes what the company booked
        ("booker", {"read", "read_note", "read_purpose", "change", "transfer", "for_colleague"}),
        ("finance", {"read", "read_purpose"}),
        ("admin", {"read", "read_note", "read_purpose", "transfer"}),
    ],
)
def test_what_a_role_gives_over_a_colleagues_reservation(role, allowed):
    colleagues = Subject(user_id=2, company_id=7, lab_id=3, institution_id=5)
    found = {action for action in PERMISSIONS if may(member("member", role), action, colleagues)}

    assert {a.removeprefix("reservation.") for a in found if a.startswith("reservation.")} == {
        "request",
        *allowed,
    }
    other = Subject(user_id=2, company_id=8)
    assert not may(member("member", role), "reservation.read", other)


def test_an_administrator_edits_the_park_and_its_roles_but_reads_no_reservation():
    administrator = Actor(9, park_role="administrator")

    assert may(administrator, "park.edit")
    assert may(administrator, "park.roles")
    assert not may(administrator, "reservation.read", OWN_LAB)
    assert not may(Actor(9, park_role="operator"), "park.roles")


def test_what_is_not_allowed_looks_like_what_is_not_there():
    with pytest.raises(NotFound):
        require(member("member"), "park.edit")
