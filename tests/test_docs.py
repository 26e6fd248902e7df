"""What an operator or developer can set or run is written down."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

import config

ROOT = Path(__file__).resolve().parents[1]
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
# Flask's, Flask-Migrate's and flask-smorest's own; `db upgrade` is what an operator needs of them.
NOT_OURS = ("run", "shell", "routes", "db", "openapi")


def test_every_setting_is_in_the_operating_guide():
    settings = {name for name in vars(config.Default) if name.isupper()}
    documented = set(re.findall(r"^\| `BOOKING_(\w+)` \|", OPERATING, re.MULTILINE))

    assert settings == documented


def test_every_command_is_in_the_operating_guide(app):
    documented = re.findall(r"^\| `([a-z -]+)", OPERATING, re.MULTILINE)
    ours = {
        name
        for top, command in app.cli.commands.items()
        if top not in NOT_OURS
        for name in _names(top, command)
    }

    assert sorted(ours - {name.strip() for name in documented}) == []


def _names(name: str, command: click.Command) -> Iterator[str]:
    if isinstance(command, click.Group):
        for sub, subcommand in command.commands.items():
            yield from _names(f"{name} {sub}", subcommand)
    else:
        yield name


def test_every_make_target_is_in_the_operating_guide():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9]+):.*##", makefile, re.MULTILINE))

    assert {t for t in targets if f"`make {t}`" not in OPERATING} == set()


def test_every_make_target_explains_itself():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    explained = set(re.findall(r"^([a-z0-9]+):.*##", makefile, re.MULTILINE))

    # These two are steps of the others.
    assert set(phony.split()) - explained == {"environment", "dev"}
