"""The form of all rules at one place: for everyone, or for one group of people."""

from collections.abc import Mapping, Sequence
from datetime import time
from functools import cache
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from booking.core.hours import WeeklyHours
from booking.inventory.forms.hours import HoursForm
from booking.policies.queries.own import Own
from booking.policies.rules.registry import BY_NAME, KINDS, RuleKind
from booking.policies.rules.settings import Change
from booking.policies.rules.values import NEVER
from booking.web.fields import CheckboxesField, options
from booking.web.messages import message
from booking.web.rule_words import N_, WORDS

INHERIT, OWN, NONE, NOT_AT_ALL, NOBODY = "", "own", "none", "never", "0"
NUMBER, LIST, GRANTS = "_number", "_list", "_grants"  # what a rule's second field is called
_UNITS = {
    "minutes": N_("%(what)s, in minutes"),
    "hours": N_("%(what)s, in hours"),
    "days": N_("%(what)s, in days"),
}
_CHOICES = {
    "open": _l("open as on any day"),
    "closed": _l("closed; open on make-up workdays"),
    "workdays": _l("Monday to Friday"),
    "six_days": _l("Monday to Saturday"),
    "daily": _l("every day"),
}
_PURPOSES = {
    "research": _l("Research"), "development": _l("Development"), "teaching": _l("Teaching"),
    "other": _l("Other"),
}  # fmt: skip


class _Form(FlaskForm):
    """What every form of rules has: the state of the place as the person saw it."""

    seen = HiddenField(validators=[InputRequired()])


class EveryoneForm(HoursForm, _Form):
    """The rules for everyone; the hours of the week are lines of their own."""

    def hours_count(self) -> bool:
        """Return whether the place has hours of its own."""
        return bool(self["opening_hours"].data == OWN)


def kinds_at(scope: str, *, grouped: bool) -> list[RuleKind]:
    """Return the rules that can be set at such a place, for everyone or for groups, in order."""
    return [k for k in KINDS if scope in k.scopes and (k.for_groups or not grouped)]


@cache
def form_class(scope: str, *, grouped: bool) -> type[FlaskForm]:
    """Return the class of the form for places of this kind."""
    fields: dict[str, Any] = {}
    for kind in kinds_at(scope, grouped=grouped):
        fields.update(_fields(kind))
        if grouped:
            fields[kind.name + GRANTS] = BooleanField(_l("grants: wins over stricter groups"))
    if scope == "pool" and not grouped:
        fields["approval"] = RadioField(_l("Approval"), choices=options({
            "manual": _l("The lab decides on each request"),
            "auto": _l("Approved by itself when the rules are kept"),
        }))  # fmt: skip
    return type("RulesForm", (_Form if grouped else EveryoneForm,), fields)


def presented(scope: str, own: Own, group: str) -> dict[str, Any]:
    """Return what the fields hold at first: what is set here for everyone, or for the group."""
    data: dict[str, Any] = {}
    for kind in kinds_at(scope, grouped=bool(group)):
        held = own.get((kind.name, group))
        if held is not None:
            data.update(_presented(kind, held[0]))
            data[kind.name + GRANTS] = held[1]
    if not group:
        hours = own.get(("opening_hours", ""))
        data.update(HoursForm.lines(WeeklyHours.parse(hours[0]) if hours else None))
    return data


def offer_groups(form: FlaskForm, groups: Mapping[int, str]) -> None:
    """Offer these decider groups, id → name, where the form asks for one."""
    if "group_decides" in form:
        field = cast(SelectField, form["group_decides"])
        own = {str(key): name for key, name in groups.items()}
        field.choices = options({**_modes(BY_NAME["group_decides"]), **own})


def changes_of(form: FlaskForm, scope: str, group: str) -> list[Change]:
    """Return what was typed as changes, one a rule; the service leaves out what is the same."""
    found = []
    for kind in kinds_at(scope, grouped=bool(group)):
        stored = _stored(form, kind)
        grants = bool(group) and bool(form[kind.name + GRANTS].data)
        found.append(
            Change(kind.name, group=group, clear=True)
            if stored is INHERIT
            else Change(kind.name, stored, group, grants)
        )
    return found


def complete(form: FlaskForm, kinds: Sequence[RuleKind]) -> bool:
    """Return whether each rule that says “as follows” is followed by a value; else say so there."""
    missing = [
        field
        for kind in kinds
        if (field := _needed(form, kind)) is not None and not field.errors and not field.data
        and field.data != 0
    ]  # fmt: skip
    for field in missing:
        field.errors = [*field.errors, message("required", {})]
    return not missing


def _needed(form: FlaskForm, kind: RuleKind) -> Field | None:
    second = {"latest": NUMBER, "purposes": LIST}.get(kind.type)
    if second is None or form[kind.name].data != OWN:
        return None
    return form[kind.name + second]


def _fields(kind: RuleKind) -> dict[str, Field]:
    """Return the fields of one rule: its own name first, a second one where it needs two."""
    what = _l(WORDS[kind.name][0]) if kind.name in WORDS else kind.name
    limits = [Optional(), NumberRange(kind.least, kind.most)]
    if kind.type == "weekly":
        choices = options({INHERIT: _l("inherited"), OWN: _l("Its own, as follows")})
        return {kind.name: RadioField(what, choices=choices, default=INHERIT)}
    if kind.type in ("flag", "choice"):
        return {kind.name: SelectField(what, choices=options(_modes(kind)))}
    if kind.type == "latest":
        label = _l("Minutes apart") if kind.name == "merge_minutes" else _l("Minutes before")
        return {
            kind.name: SelectField(what, choices=options(_modes(kind))),
            kind.name + NUMBER: IntegerField(label, limits),
        }
    if kind.type == "purposes":
        return {
            kind.name: SelectField(what, choices=options(_modes(kind))),
            kind.name + LIST: CheckboxesField(_l("Purposes"), choices=options(_PURPOSES)),
        }
    if kind.type == "minute":
        return {kind.name: TimeField(what, [Optional()])}
    if kind.type == "group":
        return {kind.name: SelectField(what, choices=options(_modes(kind)))}
    label = _l(_UNITS[kind.type], what=what) if kind.type in _UNITS else what
    return {kind.name: IntegerField(label, limits)}


def _modes(kind: RuleKind) -> dict[str, Any]:
    """Return the choices of a rule that is not just a number; the first inherits."""
    inherit = {INHERIT: _l("inherited")}
    if kind.type == "group":
        return {**inherit, NOBODY: _l("nobody else")}
    if kind.type == "flag":
        return {**inherit, "yes": _l("yes"), "no": _l("no")}
    if kind.type == "choice":
        return {**inherit, **{c: _CHOICES.get(c, c) for c in kind.choices}}
    if kind.type == "purposes":
        return {**inherit, NONE: _l("any"), OWN: _l("only those ticked")}
    if kind.name == "merge_minutes":
        return {**inherit, NONE: _l("no"), OWN: _l("when at most so far apart:")}
    return {
        **inherit, OWN: _l("so long before the start:"), NONE: _l("no limit"),
        NOT_AT_ALL: _l("not at all"),
    }  # fmt: skip


def _presented(kind: RuleKind, stored: Any) -> dict[str, Any]:
    if kind.type == "weekly":
        return {kind.name: OWN}
    if kind.type == "flag":
        return {kind.name: "yes" if stored else "no"}
    if kind.type == "group":
        return {kind.name: str(stored)}
    if kind.type in ("latest", "purposes") and stored is None:
        return {kind.name: NONE}
    if kind.type == "latest":
        return {kind.name: NOT_AT_ALL} if stored == NEVER else {
            kind.name: OWN, kind.name + NUMBER: stored,
        }  # fmt: skip
    if kind.type == "purposes":
        return {kind.name: OWN, kind.name + LIST: stored}
    return {kind.name: time(*divmod(stored, 60)) if kind.type == "minute" else stored}


def _stored(form: FlaskForm, kind: RuleKind) -> Any:
    """Return what was typed for a rule in its JSON form; INHERIT when nothing was."""
    typed = form[kind.name].data
    if typed is None or typed == INHERIT:
        return INHERIT
    if kind.type == "weekly":
        return cast(HoursForm, form).weekly().text
    if kind.type == "flag":
        return typed == "yes"
    if kind.type == "group":
        return int(typed)
    if kind.type == "minute":
        return int(typed.hour * 60 + typed.minute)
    if kind.type == "latest":
        return {NONE: None, NOT_AT_ALL: NEVER}.get(typed, form[kind.name + NUMBER].data)
    if kind.type == "purposes":
        return None if typed == NONE else sorted(form[kind.name + LIST].data)
    return typed
