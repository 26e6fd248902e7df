"""The scripts behind make: what they find on a machine, and what they say when it lacks something.

Each runs in a tree of its own, with a path of a few programs and pretended Pythons.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("sh", "cat", "chmod", "cksum", "dirname", "mkdir")
ORDINARY_USER = "#!/bin/sh\necho 1000\n"
TOO_OLD = "#!/bin/sh\nexit 1\n"
# Debian's: new enough, but cannot import ensurepip.
WITHOUT_ENSUREPIP = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'
# A complete one: makes an environment whose own Python notes what it is asked to install.
COMPLETE = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exit 0
mkdir -p .venv/bin
cat >.venv/bin/python <<'END'
#!/bin/sh
case "$*" in *"pip install"*) echo "$*" >>installs;; esac
END
chmod +x .venv/bin/python
"""


@pytest.fixture
def machine(tmp_path):
    """Return a tree with our scripts, and a path without any Python in `bin`."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("Flask\n")
    (tmp_path / "bin").mkdir()
    for program in PROGRAMS:
        (tmp_path / "bin" / program).symlink_to(shutil.which(program))
    _program(tmp_path, "id", ORDINARY_USER)
    return tmp_path


def _program(machine: Path, name: str, text: str) -> None:
    target = machine / "bin" / name
    target.write_text(text)
    target.chmod(0o755)


def _environment(machine: Path, wanted: str = "requirements.txt") -> subprocess.CompletedProcess:
    return subprocess.run(  # noqa: S603 - our own script
        [shutil.which("sh"), "tools/environment.sh", wanted],
        cwd=machine,
        env={"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def _installs(machine: Path) -> int:
    note = machine / "installs"
    return len(note.read_text().splitlines()) if note.exists() else 0


def test_without_a_python_it_says_which_is_needed(machine):
    done = _environment(machine)

    assert done.returncode == 2
    assert "Python 3.11 or newer" in done.stderr


def test_a_python_that_is_too_old_is_passed_over(machine):
    _program(machine, "python3.15", TOO_OLD)
    _program(machine, "python3.12", COMPLETE)

    assert _environment(machine).returncode == 0


def test_without_ensurepip_an_ordinary_user_is_told_what_root_must_install(machine):
    _program(machine, "python3", WITHOUT_ENSUREPIP)

    done = _environment(machine)

    assert done.returncode == 2
    assert "apt-get install python3-venv" in done.stderr


def test_a_complete_python_is_preferred_to_a_newer_one_without_ensurepip(machine):
    _program(machine, "python3.13", WITHOUT_ENSUREPIP)
    _program(machine, "python3.11", COMPLETE)

    assert _environment(machine).returncode == 0


def test_the_second_time_nothing_is_installed(machine):
    _program(machine, "python3", COMPLETE)

    _environment(machine)
    _environment(machine)

    assert _installs(machine) == 1


def test_changed_requirements_are_installed(machine):
    _program(machine, "python3", COMPLETE)
    _environment(machine)

    (machine / "requirements.txt").write_text("Flask\nBabel\n")
    _environment(machine)

    assert _installs(machine) == 2


def test_running_needs_nothing_more_after_the_developers_packages(machine):
    _program(machine, "python3", COMPLETE)
    _environment(machine, "requirements-dev.txt")

    _environment(machine, "requirements.txt")

    assert _installs(machine) == 1


def test_ci_runs_the_checks_and_then_the_tests():
    script = ROOT / ".ci" / "run"
    steps = [line for line in script.read_text().splitlines() if line.startswith("make ")]

    assert os.access(script, os.X_OK)
    assert [step.split()[-1] for step in steps] == ["check", "test"]
