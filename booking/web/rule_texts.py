"""Texts of the booking rules: of times, of units, of people and their quotas."""


def N_(text: str) -> str:
    """Return `text` unchanged, marked for extraction."""
    return text


# Parameters that are words of ours: purposes, and whose quota it is.
WORDS = {
    "research": N_("Research"),
    "development": N_("Development"),
    "teaching": N_("Teaching"),
    "other": N_("Other"),
    "person": N_("you"),
    "company": N_("your company"),
}
RULE_TEXTS: dict[str, str] = {
    "past": N_("It starts in the past (%(actual)s)."),
    "no_time_to_decide": N_("The lab has to agree before it starts. Choose a later start."),
    "horizon": N_(
        "Bookings open %(limit)s days ahead; for a start on %(actual)s they open %(opens)s."
    ),
    "fair_opening": N_(
        "This day opens fairly: requests until %(limit)s are drawn by least recent use. Until then "
        "ask for each instrument and time by itself; from then on it can be part of a series, a "
        "bundle or a move again."
    ),
    "reaches_fair_day": N_(
        "It reaches into a day that opens fairly and is not decided before %(limit)s. End by "
        "%(by)s."
    ),
    "being_drawn": N_("The requests for this day are being drawn. Please look again in a minute."),
    "too_late": N_("Book at least %(limit)s before the start."),
    "holiday": N_("It is closed on this holiday."),
    "overnight": N_("It may not run past midnight."),
    "too_short": N_("At least %(limit)s; this is %(actual)s."),
    "too_long": N_("At most %(limit)s; this is %(actual)s."),
    "granularity_start": N_("Start on a multiple of %(limit)s minutes."),
    "granularity_length": N_("The length must be a multiple of %(limit)s minutes."),
    "closed_hours": N_("Outside the opening hours (%(limit)s)."),
    "outside_shared_hours": N_("Outside the hours in which this instrument is shared (%(limit)s)."),
    "too_many_units": N_("At most %(limit)s units in one booking; you asked for %(actual)s."),
    "not_enough_units": N_("There are %(limit)s units in service; you asked for %(actual)s."),
    "unit_down": N_("This unit is not in service."),
    "unit_retired": N_("This unit has been retired."),
    "not_shared": N_("This instrument is not shared at that time."),
    "sharing_paused": N_("Its institution has paused the sharing of this instrument."),
    "agreement_needed": N_("Read and accept “%(limit)s” first."),
    "notice_unread": N_("Read the notice “%(limit)s” first and tick that you have."),
    "answer_needed": N_("Please answer: %(question)s"),
    "answer_unfit": N_("This answer does not fit: %(question)s"),
    "answer_unasked": N_("Nobody asks for “%(actual)s” here."),
    "level_needed": N_(
        "This needs qualification level %(limit)s; you have %(actual)s. The instrument's training "
        "page shows how to get it."
    ),
    "level_off_hours": N_(
        "Outside %(hours)s this needs level %(limit)s; you have %(actual)s. Choose a time in those "
        "hours, or qualify for the higher level."
    ),
    "level_ends": N_(
        "Your qualification for level %(limit)s ends on %(actual)s, before this is over."
    ),
    "gap_before": N_(
        "Leave %(limit)s after your own reservation before it, which ends %(actual)s."
    ),
    "gap_after": N_(
        "Leave %(limit)s before your own reservation after it, which starts %(actual)s."
    ),
    "one_at_a_time": N_(
        "One instrument at a time: you have another reservation from %(actual)s to %(limit)s."
    ),
    "purpose_not_allowed": N_("It may be booked for: %(limit)s; not for: %(actual)s."),
    "customs_purpose": N_(
        "It was imported duty-free and is under customs supervision: others may use it for "
        "research, development or teaching only."
    ),
    "note_needed": N_("Say in the note what it is for."),
    "too_late_to_change": N_("It can be changed until %(limit)s before its start."),
    "never_changed": N_("Times here cannot be changed once booked. Ask the lab."),
    "too_late_to_cancel": N_("It can be cancelled until %(limit)s before its start."),
    "never_cancelled": N_("Reservations here cannot be cancelled. Ask the lab."),
    "quota_minutes_day": N_(
        "%(limit)s a day for %(who)s; %(used)s are used and this takes %(asked)s. "
        "%(left)s left; the next day begins %(frees)s."
    ),
    "quota_minutes_week": N_(
        "%(limit)s a week for %(who)s; %(used)s are used and this takes %(asked)s. "
        "%(left)s left; the next week begins %(frees)s."
    ),
    "quota_minutes_month": N_(
        "%(limit)s a month for %(who)s; %(used)s are used and this takes %(asked)s. "
        "%(left)s left; the next month begins %(frees)s."
    ),
    "quota_minutes_rolling": N_(
        "%(limit)s within %(days)s days for %(who)s; %(used)s are used and this takes %(asked)s. "
        "%(left)s left; more from %(frees)s on."
    ),
    "quota_minutes_future": N_(
        "%(limit)s booked ahead for %(who)s; %(used)s are booked and this takes %(asked)s. "
        "%(left)s left; more once the next one starts (%(frees)s)."
    ),
    "quota_count_day": N_(
        "%(limit)s reservations a day for %(who)s; there are %(used)s. "
        "The next day begins %(frees)s."
    ),
    "quota_count_week": N_(
        "%(limit)s reservations a week for %(who)s; there are %(used)s. "
        "The next week begins %(frees)s."
    ),
    "quota_count_month": N_(
        "%(limit)s reservations a month for %(who)s; there are %(used)s. "
        "The next month begins %(frees)s."
    ),
    "quota_count_rolling": N_(
        "%(limit)s reservations within %(days)s days for %(who)s; there are %(used)s. "
        "More from %(frees)s on."
    ),
    "quota_count_future": N_(
        "%(limit)s coming reservations for %(who)s; there are %(used)s. "
        "More once the next one starts (%(frees)s)."
    ),
}
# Whole numbers among their parameters, but for those of NO_LENGTHS, are minutes: 2 h 30 min.
# Of questions and files; not violations, but kept beside them.
QUESTION_TEXTS: dict[str, str] = {
    "too_many_answers": N_("At most %(limit)s answers."),
    "too_many_questions": N_("At most %(limit)s questions."),
    "question_twice": N_("Two questions have the same key."),
    "unfit_question": N_(
        "“%(actual)s”: a question has at most 200 characters; a choice needs 2 to 50 choices."
    ),
    "file_missing": N_("Choose a file."),
    "too_many_files": N_("At most %(limit)s files wait for a booking. Book first."),
}
LENGTHS = frozenset(
    {"too_short", "too_long", "too_late", "gap_before", "gap_after"}
    | {"too_late_to_change", "too_late_to_cancel"}
    | {code for code in RULE_TEXTS if code.startswith("quota_minutes")}
)
NO_LENGTHS = frozenset({"days", "quota_id"})
