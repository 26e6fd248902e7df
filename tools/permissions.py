"""Print the permission table as docs/permissions.md: `python -m tools.permissions`."""

from pathlib import Path

from booking.accounts.rules.permissions import LOOKING, PERMISSIONS, READS, RELATIONS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
INTRODUCTION = """# Who may do what

Printed from `booking/accounts/rules/permissions.py` by `python -m tools.permissions`; a test keeps
it so. Pages, API and templates ask this table and no other. What somebody may not see answers like
what does not exist (404); what they see but may not do is refused (403). Every page and API route
is tried as every role by `tests/test_route_matrix.py` and `tests/api/test_matrix_api.py`.

An auditor does what is marked *reads*, and nothing else, whatever else they are; only their own
account (password, language, signing out) is theirs to change.
"""


def printed() -> str:
    """Return the document."""
    names = list(RELATIONS)
    parts = [INTRODUCTION, "## In which relation somebody stands to a thing\n"]
    parts.append("| relation | who |\n| --- | --- |")
    parts += [f"| `{name}` | {meaning} |" for name, meaning in RELATIONS.items()]
    parts.append("\n## What it takes\n\n| action | any of these | |\n| --- | --- | --- |")
    for action, allowed in PERMISSIONS.items():
        who = ", ".join(f"`{name}`" for name in names if name in allowed)
        parts.append(f"| `{action}` | {who} | {'reads' if action in READS else ''} |")
    parts.append("\n## Looking at a page that changes something\n")
    parts.append("| page for | is looked at with |\n| --- | --- |")
    parts += [f"| `{action}` | `{look}` |" for action, look in LOOKING.items()]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write the document."""
    TARGET.write_text(printed(), encoding="utf-8")


if __name__ == "__main__":
    main()
