"""What others wrote is listed whole, and a known weakness in it is not overlooked."""

import json
from subprocess import CompletedProcess

import pytest
from packaging.requirements import Requirement

from tools import supply

SAFE = {"name": "flask", "version": "3.1.3", "vulns": []}
WEAK = {
    "name": "jinja2", "version": "3.1.5",
    "vulns": [{"id": "CVE-2025-27516", "fix_versions": ["3.1.6"]}],
}  # fmt: skip
UNKNOWN = {"name": "click", "skip_reason": "not found"}


@pytest.fixture
def answering(monkeypatch):
    """Return a function that has the tools answer so; the newest one asked is noted."""
    monkeypatch.setattr(supply, "prepare", lambda: None)

    def answer(stdout="", stderr="", code=0):
        monkeypatch.setattr(
            supply, "tool", lambda *_words, **_: CompletedProcess([], code, stdout, stderr)
        )

    return answer


def audited(answering, *packages):
    answering(json.dumps({"dependencies": packages}))
    return supply.main(["audit"])


def test_no_known_weakness_passes_and_says_how_many_were_compared(answering, capsys):
    assert audited(answering, SAFE, UNKNOWN) == 0
    assert capsys.readouterr().out.startswith("1 of ")


def test_a_known_weakness_fails_and_is_named(answering, capsys):
    assert audited(answering, SAFE, WEAK) == 1
    said = capsys.readouterr().out
    assert "jinja2 3.1.5: CVE-2025-27516, mended in 3.1.6" in said


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        (json.dumps({"dependencies": [UNKNOWN]}), ""),
        ("", "ServiceError: Could not connect to an endpoint"),
        ("", "requests.exceptions.ProxyError: Max retries exceeded"),
    ],
    ids=["knows nothing", "no connection", "proxy"],
)
def test_where_nobody_can_be_asked_the_audit_says_so_and_passes(answering, capsys, stdout, stderr):
    answering(stdout, stderr, 1)
    assert supply.main(["audit"]) == 0
    assert capsys.readouterr().out.startswith("not reachable: skipped (")


def test_a_tool_that_is_broken_passes_nothing(answering, capsys):
    answering(stderr="TypeError: main() missing 1 argument", code=1)
    assert supply.main(["audit"]) == 1
    assert "TypeError" in capsys.readouterr().out


def test_a_list_that_cannot_be_made_is_a_failure(answering):
    answering(stderr="Could not connect", code=1)
    assert supply.main(["sbom"]) == 1


def test_what_users_get_is_counted_with_all_that_follows_and_nothing_else():
    used = supply.parts(supply.requirements(supply.WANTED))
    assert {"flask", "werkzeug", "psycopg-binary", "markupsafe"} <= used.keys()
    assert used.keys().isdisjoint({"pytest", "playwright", "ruff", "time-machine"})


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(SystemExit, match="no-such-package is not installed"):
        supply.parts([Requirement("no-such-package>=1")])


def test_the_list_holds_what_is_used_and_hangs_together():
    def part(name):
        return {"bom-ref": f"{name}==1", "name": name, "version": "1"}

    document = {
        "metadata": {"timestamp": "now"},
        "components": [part("Flask"), part("Jinja2"), part("pytest")],
        "dependencies": [
            {"ref": "Flask==1", "dependsOn": ["Jinja2==1", "pytest==1"]},
            {"ref": "Jinja2==1"},
            {"ref": "pytest==1"},
        ],
    }
    front = {"name": "bootstrap", "version": "5.3.9", "licence": "MIT"}
    found = supply.pruned(document, {"flask": "1", "jinja2": "1"}, {"flask"}, [front])

    refs = [component["bom-ref"] for component in found["components"]]
    assert refs == ["Flask==1", "Jinja2==1", "pkg:npm/bootstrap@5.3.9"]
    assert found["metadata"]["component"]["name"] == "booking"
    assert {edge["ref"]: edge.get("dependsOn") for edge in found["dependencies"]} == {
        "booking": ["Flask==1", "pkg:npm/bootstrap@5.3.9"],
        "Flask==1": ["Jinja2==1"],
        "Jinja2==1": [],
        "pkg:npm/bootstrap@5.3.9": None,
    }
    with pytest.raises(SystemExit, match="not in the list: click"):
        supply.pruned(document, {"click": "8"}, set(), [])


def test_wrong_words_are_refused(capsys):
    assert supply.main(["bom"]) == 2
    assert "audit" in capsys.readouterr().out
