"""What audit rows say in words: tables from action to sentence, for pages and exports.

Rows written by `audit.services.add` and `change` are named `<table>.<verb>`; every other action has
a line of its own in the table of its feature. A test fails on an action without words.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from booking.web.audit_words.booking import BOOKING_ACTIONS, BOOKING_THINGS
from booking.web.audit_words.columns import COLUMNS
from booking.web.audit_words.fields import CODES, FIELDS, MORE_FIELDS
from booking.web.audit_words.instruments import INSTRUMENTS_ACTIONS, INSTRUMENTS_THINGS
from booking.web.audit_words.parties import PARTIES_ACTIONS, PARTIES_THINGS
from booking.web.audit_words.people import PEOPLE_ACTIONS, PEOPLE_THINGS
from booking.web.audit_words.training import TRAINING_ACTIONS, TRAINING_THINGS
from booking.web.rule_texts import N_

ACTIONS: Mapping[str, str] = {
    **PEOPLE_ACTIONS,
    **PARTIES_ACTIONS,
    **INSTRUMENTS_ACTIONS,
    **BOOKING_ACTIONS,
    **TRAINING_ACTIONS,
}
VERBS: Mapping[str, str] = {
    "create": N_("Added: %(what)s"),
    "edit": N_("Changed: %(what)s"),
    "rules": N_("Changed who decides: %(what)s"),
    "retire": N_("Retired: %(what)s"),
    "restore": N_("Brought back: %(what)s"),
    "end": N_("Ended: %(what)s"),
    "join": N_("Began again: %(what)s"),
    "roles": N_("Changed the roles: %(what)s"),
    "limit": N_("Changed the monthly hours: %(what)s"),
    "hours": N_("Changed the shared hours: %(what)s"),
    "pause": N_("Paused: %(what)s"),
    "resume": N_("Ended the pause: %(what)s"),
    "hand_over": N_("Handed over: %(what)s"),
    "regroup": N_("Moved to another group: %(what)s"),
    "calibration": N_("Changed the calibration: %(what)s"),
}
THINGS: Mapping[str, str] = {
    **TRAINING_THINGS,
    **PARTIES_THINGS,
    **INSTRUMENTS_THINGS,
    **PEOPLE_THINGS,
    **BOOKING_THINGS,
}


def sentence(action: str) -> str:
    """Return what was done, in words; the code itself for one that has none."""
    if action in ACTIONS:
        return gettext(ACTIONS[action])
    thing, _dot, verb = action.partition(".")
    if verb in VERBS:
        return gettext(VERBS[verb], what=thing_text(thing))
    return action


def has_words(action: str) -> bool:
    """Return whether an action reads as a sentence."""
    thing, _dot, verb = action.partition(".")
    return action in ACTIONS or (verb in VERBS and thing in THINGS)


def thing_text(thing: str) -> str:
    """Return what a kind of thing is called; the code itself for one without a word."""
    return gettext(THINGS[thing]) if thing in THINGS else thing


def field_text(name: str) -> str:
    """Return what a value of `before` or `after` is called."""
    known = FIELDS.get(name) or MORE_FIELDS.get(name) or COLUMNS.get(name)
    return gettext(known) if known else name


def has_field_words(name: str) -> bool:
    """Return whether a value of `before` or `after` is called something."""
    return name in FIELDS or name in MORE_FIELDS or name in COLUMNS


def value_text(name: str, value: Any) -> Any:
    """Return a value in words where it is a code of ours."""
    known = CODES[name].get(value) if name in CODES and isinstance(value, str) else None
    return gettext(known) if known else value


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, whole: bool
) -> list[tuple[str, Any, Any]]:
    """Return (name, old, new) of what differs, as FIELDS has them; only those unless `whole`."""
    there = {**before, **after}
    names = [*(n for n in FIELDS if n in there), *(n for n in there if n not in FIELDS)]
    return [
        (name, before.get(name), after.get(name))
        for name in names
        if (whole or name in FIELDS) and before.get(name) != after.get(name)
    ]
