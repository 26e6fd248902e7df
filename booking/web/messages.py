"""Every code of core/errors.py and of the rules: its status and its text, for pages, API and mail.

Texts are message ids in English; `text_of` gives them in the reader's language.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.core.errors import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    InvalidFields,
    NotFound,
    PartsTaken,
    PartsViolated,
    Refusal,
    RuleViolated,
    Stale,
    TooMany,
    Violation,
    WrongState,
)
from booking.core.hours import WeeklyHours
from booking.web.account_texts import ACCOUNT_TEXTS
from booking.web.company_texts import COMPANY_TEXTS
from booking.web.formats import hours_text, instant_text, length_text
from booking.web.import_texts import IMPORT_TEXTS
from booking.web.level_words import with_levels
from booking.web.locale import named
from booking.web.rule_texts import LENGTHS, NO_LENGTHS, QUESTION_TEXTS, RULE_TEXTS, WORDS
from booking.web.rule_texts import N_ as N_  # others take it from here
from booking.web.training_texts import TRAINING_TEXTS
from booking.web.waiting_texts import WAITING_TEXTS

STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    InvalidFields: 422,
    NotFound: 404,
    Forbidden: 403,
    RuleViolated: 422,
    PartsViolated: 422,
    Conflict: 409,
    PartsTaken: 409,
    WrongState: 409,
    Stale: 412,
    Busy: 503,
    TooMany: 429,
}

TEXTS: dict[str, str] = {
    # --- general -----------------------------------------------------------------
    "invalid": N_("This value cannot be accepted."),
    "required": N_("Please fill this in."),
    "not_found": N_("This is not here, or not yours to see."),
    "forbidden": N_("You may not do this."),
    "too_many_favourites": N_("At most %(limit)s favourites. Let one go first."),
    "bundle_full": N_("A bundle has at most %(limit)s instruments. Take one out first."),
    "too_many_reports": N_("At most %(limit)s reports about one unit. Remove one first."),
    "too_many_reasons": N_("At most %(limit)s reasons; these are %(actual)s."),
    "too_many_members": N_("A group has at most %(limit)s members."),
    "absence_too_long": N_("An absence lasts at most %(limit)s days."),
    "no_stand_in": N_(
        "Nobody with this address may decide for you: they must belong to your lab or its "
        "institution, to your company, and to what your approval groups are for."
    ),
    "reads_only": N_("Auditors read everything and change nothing."),
    "busy": N_("The system is busy. Please try again in a moment."),
    "too_many": N_("Too many tries. Please wait %(retry_seconds)s seconds."),
    "stale": N_("Somebody changed this since you opened it. Please look again and repeat."),
    "rule_violation": N_("The booking rules do not allow this."),
    "conflict": N_("This time is already taken."),
    "malformed": N_("The request could not be read."),
    "idempotency_mismatch": N_("This Idempotency-Key was used before with another request."),
    # --- accounts ----------------------------------------------------------------
    **ACCOUNT_TEXTS,
    # --- a booking's fields ------------------------------------------------------
    "end_before_start": N_("The end must be after the start."),
    "whole_minutes": N_("Times are in whole minutes."),
    "quantity_invalid": N_("Book at least one unit."),
    "unknown_purpose": N_("Choose what it is for: research, development, teaching or other."),
    "too_long_text": N_("At most %(limit)s characters."),
    "party_needed": N_("Say for which company or institution you are booking."),
    "not_your_party": N_("This person does not belong to that company or institution."),
    "pool_or_unit": N_("Name either an instrument group or one unit."),
    "one_named_unit": N_("A named unit is booked alone: leave the quantity at 1."),
    "named_or_preferred": N_("Name a unit, or say which you would prefer; not both."),
    "too_many_preferred": N_("Prefer at most %(limit)s units."),
    "not_of_pool": N_("Unit %(actual)s does not belong to this instrument group."),
    "not_for_others": N_("You may book only for yourself here."),
    "unknown_person": N_("There is no such person."),
    "one_party": N_("Name either a company or an institution."),
    "unknown_closure": N_("Choose maintenance, calibration, fault or own use."),
    "ended_closure": N_("This time is already over."),
    "reason_needed": N_("Please give a reason."),
    "unknown_field": N_("Unknown field."),
    "offset_needed": N_("Give the time with its offset, such as 2026-11-23T09:00:00+08:00."),
    # --- the park's places, parties and people -----------------------------------
    "name_taken": N_("“%(actual)s” exists here already, perhaps retired."),
    "unknown_choice": N_("Choose one of the list."),
    "units_needed": N_("Choose the units that leave, all of this group."),
    "all_units": N_("At least one unit has to stay."),
    "unknown_zone": N_("“%(actual)s” is not a time zone such as Asia/Shanghai."),
    "not_a_credit_code": N_(
        "This is no unified social credit code: 18 characters, the last of which checks the others."
    ),
    "address_unknown": N_("Nobody here has the address %(actual)s. Invite the person first."),
    # --- pools, units, contributions ---------------------------------------------
    "out_of_range": N_("From %(least)s to %(most)s, please; not %(actual)s."),
    "not_a_grid": N_("A day must divide evenly: 5, 10, 15, 20, 30, 45, 60, 90 or 120 minutes …"),
    "no_length_fits": N_(
        "No length can be booked: from %(least)s to %(most)s minutes in steps of %(step)s."
    ),
    "asset_no_taken": N_("Another unit of the institution has the number %(actual)s."),
    "not_hours": N_("“%(part)s” is not like 08:00-18:00."),
    "not_a_picture": N_("Choose a JPEG, PNG or WebP picture."),
    "picture_too_large": N_("The picture is too large: at most %(limit)s megapixels."),
    "file_kind": N_(
        "This is no kind of file that is taken: pictures (JPEG, PNG, WebP), PDF, Word, Excel, "
        "PowerPoint, OpenDocument, plain text or ZIP."
    ),
    "file_packed": N_("This archive holds macros, leads out of its folder or unpacks to too much."),
    "file_named_otherwise": N_("By its content this is %(actual)s; its name says otherwise."),
    "too_many_bytes": N_("The file is too large: at most %(limit)s MB."),
    "never_shared": N_("Give at least one time at which it is shared."),
    "not_in_our_years": N_("A day of the years %(least)s to %(most)s, please."),
    "ends_in_the_past": N_("This day is over already."),
    "no_pools_chosen": N_("Choose at least one instrument group."),
    "not_an_instant": N_("Give a time such as 2026-11-23T09:00:00+08:00."),
    "out_of_reach": N_("Give a time between the years 1970 and 9000."),
    "too_long_period": N_("At most %(limit)s days at once."),
    "not_whole": N_("Give a whole number."),
    "number_range": N_("This number is too small or too large."),
    "not_text": N_("Give a text."),
    "unkeepable_text": N_("This text holds characters that cannot be stored."),
    "not_a_list": N_("Give a list."),
    "not_a_flag": N_("Say true or false."),
    "one_of_three": N_("Name at most one of pool, category and unit."),
    "pool_or_category": N_("Name either a pool or a category."),
    # --- rules as they are set ----------------------------------------------------
    "unknown_rule": N_("This rule cannot be set here."),
    "unknown_group": N_("There is no such group of people."),
    "not_for_groups": N_("This rule is the same for everybody."),
    "not_a_tag": N_("A tag has 1 to %(limit)s characters."),
    "too_many_changes": N_("At most %(limit)s changes at once."),
    # --- the API's own -----------------------------------------------------------
    "unauthorized": N_("Send a valid token: Authorization: Bearer …"),
    "scope_needed": N_("This token lacks the scope “%(limit)s”."),
    "unsupported_media_type": N_("Send the body as application/json."),
    "precondition_required": N_('Send the version you have read: If-Match: "3".'),
    "unfit_key": N_("An Idempotency-Key has 1 to 200 visible ASCII characters."),
    # --- forms of booking -------------------------------------------------------
    "time_unreadable": N_("Give date and time, such as 2026-11-24 09:00."),
    "time_skipped": N_("The clock jumps over this time (daylight saving). Choose another."),
    "unknown_name": N_("Nobody with this name or e-mail address."),
    "several_people": N_("Several people match. Choose one below."),
    "no_party": N_("This person belongs to no company or institution and cannot book."),
    "already_booked": N_(
        "This form has already made a reservation. Send it again to make another one."
    ),
    # --- series, bundles and chains ----------------------------------------------
    "rule_part": N_("This part of the rule is not understood: “%(part)s”."),
    "count_or_until": N_("Say how often it repeats, or until when: one of both."),
    "series_too_many": N_("That is more than %(limit)s times. End it earlier."),
    "series_too_far": N_("It runs for more than %(limit)s years. End it earlier."),
    "series_empty": N_("There is no such day before it ends."),
    # --- using what was reserved -------------------------------------------------
    "no_check_in": N_("Nobody needs to check in here."),
    "already_checked_in": N_("It is checked in already."),
    "not_approved": N_("It is not approved yet."),
    "too_early": N_("Check-in opens %(limit)s minutes before the start."),
    "no_early_start": N_("It cannot be started before its time here."),
    "too_early_to_start": N_("It can be started at most %(limit)s minutes early."),
    "parts_of_others": N_(
        "The other parts of its bundle start early with it, and they are not yours to start."
    ),
    "not_running": N_("It is not running."),
    "nothing_longer": N_("Give a later end, or how many minutes longer."),
    "not_cancelled": N_("It is not cancelled."),
    "same_person": N_("It is this person's already."),
    "not_a_colleague": N_("Choose a colleague of the same company or institution."),
    "series_changed": N_("Meanwhile something has changed. Please look at the days again."),
    "series_day_shift": N_("This rule cannot be moved to another day; book a new series."),
    "chain_length": N_("The steps of a sequence are moved together; their lengths stay."),
    "gaps_needed": N_(
        "Say for each step but the first how long after the one before it may start."
    ),
    "not_a_day": N_("Give a day such as 2026-11-24."),
    "nothing_coming": N_("Nothing of it is still to come."),
    # --- companies and their people ----------------------------------------------
    **COMPANY_TEXTS,
    # --- waiting: see reservations/rules/waiting ------------------------------
    **WAITING_TEXTS,
    **TRAINING_TEXTS,
    # --- rules: see policies/rules/ --------------------------------------------
    **RULE_TEXTS,
    **QUESTION_TEXTS,
    # --- imports ------------------------------------------------------------------
    **IMPORT_TEXTS,
    # --- notices ------------------------------------------------------------------
    "notice_half_english": N_("Give both an English title and an English text, or neither."),
    "notice_withdrawn": N_("This notice was withdrawn and is not changed any more."),
    # --- states ------------------------------------------------------------------
    "state": N_("This can no longer be done."),
    "already_decided": N_("This request has already been decided."),
    "already_ended": N_("This reservation has already ended."),
    "already_cancelled": N_("This reservation has already been cancelled."),
    "already_missed": N_("This reservation was missed: nobody checked in."),
    "already_rejected": N_("This request was rejected."),
    "already_expired": N_("This request has expired."),
    "already_started": N_("This reservation has already started."),
    "no_open_change": N_("No change of this reservation waits for a decision."),
    "membership_ended": N_(
        "The person no longer belongs to the company or institution it was booked for. It can "
        "still be shortened or cancelled."
    ),
    "change_pending": N_("A change of this reservation is already waiting for a decision."),
    "has_live_reservations": N_("%(count)s coming reservations still use it: %(references)s."),
    "nowhere_to_go": N_("No other unit is free for: %(references)s. Keep or cancel instead."),
    "cannot_go_along": N_(
        "The rules of the other instrument group do not allow: %(references)s. Move or cancel them."
    ),
    "needs_both_pools": N_(
        "Of %(references)s only some units would leave. Move it to other units, or cancel it."
    ),
    "unknown_asset_no": N_("No other unit of the institution has the number %(actual)s."),
    "not_empty": N_("The database already holds a park."),
    "has_buildings": N_("%(count)s buildings are still there: %(names)s. Retire them first."),
    "has_rooms": N_("%(count)s rooms are still there: %(names)s. Retire them first."),
    "has_units": N_("%(count)s units still stand there: %(names)s. Move or retire them first."),
    "has_pools": N_("%(count)s instrument groups still belong here: %(names)s. Retire them first."),
    "has_labs": N_("%(count)s labs still belong here: %(names)s. Retire them first."),
    "last_administrator": N_(
        "Nobody else who can sign in is an administrator; give somebody the role first."
    ),
    "last_operator": N_(
        "Nobody else who runs the park can sign in. Make somebody an operator first."
    ),
    "yourself": N_("You cannot retire yourself."),
    "retired": N_("This has been retired."),
    "not_failed": N_("This message has not failed, so it is not sent again."),
}

STATUS_OF_CODE: dict[str, int] = {
    "malformed": 400,
    "unauthorized": 401,
    "unsupported_media_type": 415,
    "precondition_required": 428,
}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS_OF_CODE.get(refusal.code, STATUS[type(refusal)])


def text_of(refusal: Refusal) -> str:
    """Return the refusal's text in the reader's language."""
    return message(refusal.code, refusal.parameters)


def violation_text(violation: Violation, zone: ZoneInfo) -> str:
    """Return one violation in the reader's language, times in the pool's zone."""
    return message(violation.code, parameters_of(violation), zone)


def parameters_of(violation: Violation) -> dict[str, Any]:
    """Return what the text of a violation says, by name."""
    return {"limit": violation.limit, "actual": violation.actual, **violation.more}


def message(code: str, parameters: dict[str, Any], zone: ZoneInfo | None = None) -> str:
    """Return the text of `code`. KeyError for a code without one."""
    shown = {name: _shown(value, zone) for name, value in parameters.items()}
    if code.startswith("level_"):
        shown |= with_levels(parameters)
    if code in LENGTHS:
        lengths = {
            n: v for n, v in parameters.items() if isinstance(v, int) and n not in NO_LENGTHS
        }
        shown |= {name: length_text(minutes) for name, minutes in lengths.items()}
    return gettext(TEXTS[code]) % shown if shown else gettext(TEXTS[code])


def _shown(value: Any, zone: ZoneInfo | None) -> Any:
    if isinstance(value, datetime):
        return instant_text(value, zone)
    if value is None:
        return "–"
    if isinstance(value, dict):  # a name in both languages
        return named(value["zh"], value["en"])
    if isinstance(value, tuple):
        return gettext(", ").join(str(_shown(one, zone)) for one in value)
    if isinstance(value, str) and value in WORDS:
        return gettext(WORDS[value])
    return hours_text(value) if isinstance(value, WeeklyHours) else value
