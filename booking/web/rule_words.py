"""Rules in plain words: what each is called, what it is for, its values, and where they are set."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, ngettext

from booking.companies.models import DeciderGroup
from booking.core.hours import WeeklyHours
from booking.infra.db import db
from booking.policies.rules.registry import BY_NAME
from booking.policies.rules.values import NEVER
from booking.web.formats import hours_text, length_text
from booking.web.level_words import level_text
from booking.web.locale import named

Names = Mapping[tuple[str, str], tuple[str, str]]  # (kind, key) -> (name in Chinese, in English)


def N_(text: str) -> str:
    """Return `text` unchanged, marked for extraction."""
    return text


# rule -> (what it is called, what it is for)
WORDS: dict[str, tuple[str, str]] = {
    "opening_hours": (N_("Opening hours"), N_("When reservations may be.")),
    "holidays": (
        N_("On holidays"),
        N_("Closed: on the calendar's holidays; on make-up workdays it opens as on a Monday."),
    ),
    "overnight": (N_("Past midnight"), N_("Whether a reservation may run past midnight.")),
    "granularity_minutes": (N_("Grid"), N_("Reservations start and end on it.")),
    "min_minutes": (N_("Shortest"), N_("The shortest reservation.")),
    "max_minutes": (N_("Longest"), N_("The longest reservation.")),
    "horizon_days": (N_("Book at the earliest"), N_("How many days ahead bookings open.")),
    "create_latest_minutes": (N_("Book at the latest"), N_("How long before the start.")),
    "edit_latest_minutes": (N_("Change at the latest"), N_("How long before the start.")),
    "cancel_latest_minutes": (N_("Cancel at the latest"), N_("How long before the start.")),
    "warmup_minutes": (
        N_("Warm-up before"), N_("The unit is blocked then, but it is not booked time."),
    ),
    "cleanup_minutes": (
        N_("Clean-up after"), N_("The unit is blocked then, but it is not booked time."),
    ),
    "share_buffers": (
        N_("Neighbours share a buffer"),
        N_("Two reservations of one person or one chain need only one between them."),
    ),
    "merge_minutes": (
        N_("Join own neighbours"),
        N_(
            "A person's reservations this near become one; parts of series and bundles, and what "
            "a draw gave, stay as they are."
        ),
    ),
    "early_start_minutes": (
        N_("Start early"), N_("How long before the start one may begin, if the unit is free."),
    ),
    "own_gap_minutes": (
        N_("Gap between one's own"), N_("Between one person's reservations of the instrument."),
    ),
    "one_at_a_time": (
        N_("One instrument at a time"), N_("No reservation elsewhere at the same time."),
    ),
    "max_units": (N_("Most units at once"), N_("In one reservation.")),
    "level": (
        N_("Qualification level"),
        N_(
            "Needed to book; 0: none, 1: assisted, 2: in staffed hours, 3: at any hour, 4: trainer."
        ),
    ),
    "off_hours_level": (
        N_("Level outside staffed hours"),
        N_("A higher level for nights, weekends and holidays; 0: the same level at any hour."),
    ),
    "staffed_days": (
        N_("Staffed on"), N_("Only for the level outside staffed hours. Holidays are not."),
    ),
    "staffed_from_minute": (N_("Staffed from"), N_("Only for the level outside staffed hours.")),
    "staffed_until_minute": (N_("Staffed until"), N_("Only for the level outside staffed hours.")),
    "purposes": (N_("Allowed purposes"), N_("What a reservation may be for.")),
    "note_needed": (N_("Note required"), N_("A reservation must say what it is about.")),
    "decide_within_hours": (N_("Decide within"), N_("A request nobody decided on expires.")),
    "company_decides": (
        N_("The company agrees first"),
        N_("An admin of the company decides on spending and need before anybody else."),
    ),
    "group_decides": (
        N_("A group agrees as well"),
        N_("After the lab, one of a named group decides, such as biosafety."),
    ),
    "unit_fixed_hours": (
        N_("Units final"), N_("How long before the start the unit no longer changes."),
    ),
    "check_in": (N_("Check-in"), N_("Who does not check in loses the time.")),
    "check_in_early_minutes": (
        N_("Check-in opens"), N_("How long before the start one may check in."),
    ),
    "no_show_minutes": (
        N_("No-show after"), N_("How long after the start a reservation counts as missed."),
    ),
    "hold_minutes": (N_("Keep a chosen time"), N_("While the booking form is open.")),
    "offer_minutes": (N_("Waitlist offer"), N_("How long a freed time is kept for the next.")),
    "priority_after_fault": (
        N_("Priority after a fault"), N_("Whose time a fault took is served first."),
    ),
    "opens_at_minute": (
        N_("A new day opens at"),
        N_("The time of day, at the site, at which one more day ahead opens; 00:00: at midnight."),
    ),
    "fair_opening_minutes": (
        N_("Fair opening"),
        N_(
            "Requests for a day that come this soon after it opens wait for each other; then who "
            "used the instrument least comes first, and equals are drawn. 0: first come, first "
            "served."
        ),
    ),
}  # fmt: skip
SECTIONS: dict[str, str] = {
    "times": N_("Hours"),
    "lengths": N_("Length and grid"),
    "limits": N_("Earliest and latest"),
    "buffers": N_("Around a reservation"),
    "people": N_("Who and for what"),
    "decisions": N_("Decisions and offers"),
    "use": N_("Check-in"),
}


# code of a violation -> the rule it is of
RULE_OF = {
    "closed_hours": "opening_hours", "holiday": "holidays", "overnight": "overnight",
    "granularity_start": "granularity_minutes", "granularity_length": "granularity_minutes",
    "too_short": "min_minutes", "too_long": "max_minutes", "horizon": "horizon_days",
    "fair_opening": "fair_opening_minutes", "being_drawn": "fair_opening_minutes",
    "reaches_fair_day": "fair_opening_minutes",
    "too_late": "create_latest_minutes", "too_late_to_change": "edit_latest_minutes",
    "never_changed": "edit_latest_minutes", "too_late_to_cancel": "cancel_latest_minutes",
    "never_cancelled": "cancel_latest_minutes", "gap_before": "own_gap_minutes",
    "gap_after": "own_gap_minutes", "one_at_a_time": "one_at_a_time", "too_many_units": "max_units",
    "level_needed": "level", "level_ends": "level", "level_off_hours": "off_hours_level",
    "purpose_not_allowed": "purposes",
    "note_needed": "note_needed",
}  # fmt: skip
OTHERS = {
    "past": N_("Start in the past"),
    "outside_shared_hours": N_("Shared hours"),
    "sharing_paused": N_("Sharing agreement"),
    "customs_purpose": N_("Customs supervision"),
    "agreement_needed": N_("User agreement"),
    "notice_unread": N_("Notice to be read"),
    "answer_needed": N_("Questions at booking"),
    "no_time_to_decide": N_("Decide within"),
}


def rule_text(name: str) -> str:
    """Return what a rule is called."""
    return gettext(WORDS[name][0]) if name in WORDS else name


def rule_hint(name: str) -> str:
    """Return what a rule is for."""
    return gettext(WORDS[name][1]) if name in WORDS else ""


def section_text(section: str) -> str:
    """Return the heading of a section of rules."""
    return gettext(SECTIONS[section]) if section in SECTIONS else section


def overridden_text(codes: str) -> str:
    """Return which rules were overridden, by the codes kept with a reservation."""
    return gettext(", ").join(dict.fromkeys(_code_text(code) for code in codes.split()))


def _code_text(code: str) -> str:
    if code.startswith("quota_"):
        return gettext("Quotas")
    return rule_text(RULE_OF[code]) if code in RULE_OF else gettext(OTHERS.get(code, code))


def value_text(name: str, value: Any) -> str:
    """Return a rule's value in words."""
    kind = BY_NAME[name].type
    if kind == "weekly" or isinstance(value, WeeklyHours):
        return hours_text(value)
    if kind == "latest":
        return _latest(name, value)
    if kind == "flag":
        return gettext("yes") if value else gettext("no")
    if kind == "choice":
        return choice_text(value)
    if kind == "purposes":
        return _purposes(value)
    if kind == "group":
        return _group(value)
    return _number(name, kind, value)


def choice_text(choice: str) -> str:
    """Return what one choice of a rule means."""
    return {
        "open": gettext("open as on any day"),
        "closed": gettext("closed; open on make-up workdays"),
        "workdays": gettext("Monday to Friday"),
        "six_days": gettext("Monday to Saturday"),
        "daily": gettext("every day"),
    }.get(choice, choice)


def origin_text(kind: str, names: tuple[str, str] = ("", "")) -> str:
    """Return where a value is set, such as: from the lab Imaging."""
    name = named(*names)
    if kind in ("default", "park") or not name:
        return {
            "default": gettext("default"),
            "park": gettext("from the park"),
            "site": gettext("from the site"),
            "category": gettext("from the category"),
            "lab": gettext("from the lab"),
            "pool": gettext("set here"),
            "unit": gettext("of the unit"),
            "contribution": gettext("from the sharing agreement"),
        }.get(kind, kind)
    return {
        "site": gettext("from the site %(name)s", name=name),
        "category": gettext("from the category %(name)s", name=name),
        "lab": gettext("from the lab %(name)s", name=name),
        "pool": gettext("from the instrument %(name)s", name=name),
    }.get(kind, name)


def group_text(group: str, names: Names) -> str:
    """Return who belongs to a group, such as: members of Alpha Bio."""
    kind, _, key = group.partition(":")
    name = named(*names.get((kind, key), ("", ""))) or key
    return {
        "company": gettext("people of %(name)s", name=name),
        "institution": gettext("people of %(name)s", name=name),
        "tier": gettext("price tier “%(name)s”", name=name),
        "level": gettext("people with level %(name)s", name=key),
        "tag": gettext("people tagged “%(name)s”", name=key),
    }.get(kind, group)


def _latest(name: str, value: int | None) -> str:
    if name == "merge_minutes":
        if value is None or value == NEVER:
            return gettext("no")
        if not value:
            return gettext("when they touch")
        return gettext("when at most %(length)s apart", length=length_text(value))
    if value is None:
        return gettext("no limit")
    if value == NEVER:
        return gettext("not at all")
    return gettext("%(length)s before the start", length=length_text(value))


def _purposes(value: frozenset[str] | None) -> str:
    if value is None:
        return gettext("any")
    words = {
        "research": gettext("Research"), "development": gettext("Development"),
        "teaching": gettext("Teaching"), "other": gettext("Other"),
    }  # fmt: skip
    return gettext(", ").join(word for purpose, word in words.items() if purpose in value)


def _group(value: int) -> str:
    found = db.session().get(DeciderGroup, value) if value else None
    return named(found.name_zh, found.name_en) if found else gettext("nobody else")


def _number(name: str, kind: str, value: int) -> str:
    if kind == "minutes":
        return length_text(value)
    if kind == "hours":
        return length_text(value * 60)
    if kind == "days":
        return ngettext("%(num)s day ahead", "%(num)s days ahead", value)
    if kind == "minute":
        return f"{value // 60:02d}:{value % 60:02d}"
    if name not in ("level", "off_hours_level"):
        return str(value)
    if not value:
        return gettext("none") if name == "level" else gettext("the same")
    return level_text(value)
