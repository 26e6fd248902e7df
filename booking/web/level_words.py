"""What the levels of qualification are called."""

from typing import Any

from flask_babel import gettext


def level_text(level: int) -> str:
    """Return a level in words, with its number: 2 · in staffed hours."""
    name = level_name(level)
    return gettext("%(level)s · %(name)s", level=level, name=name) if level and name else (
        name or str(level)
    )  # fmt: skip


def level_name(level: int) -> str:
    """Return a level in words alone; empty for one without a name."""
    return {
        0: gettext("none"),
        1: gettext("assisted"),
        2: gettext("in staffed hours"),
        3: gettext("at any hour"),
        4: gettext("trainer"),
    }.get(level, "")


def with_levels(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what a text about levels says, its levels in words."""
    return {
        name: level_text(value)
        for name, value in parameters.items()
        if name in ("limit", "actual") and isinstance(value, int)
    }
