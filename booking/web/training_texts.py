"""Texts of refusals about training and qualifications."""

from booking.web.rule_texts import N_

TRAINING_TEXTS: dict[str, str] = {
    "steps_needed": N_("Choose at least one: a session, a quiz, or a signature."),
    "question_line": N_("Line %(line)s is no choice: begin it with [x] or [ ]."),
    "question_choices": N_(
        "The question in line %(line)s needs 2 to 10 different choices, one of them right."
    ),
    "too_many_evidence": N_("At most %(limit)s files in all."),
    "record_decided": N_("This has been decided on already."),
    "nothing_to_sign": N_("The lab signs nothing for this course."),
    "steps_missing": N_("The other steps of the course come first."),
    "own_record": N_("Nobody decides on their own training."),
    "session_over": N_("This session has begun, is over, or was called off."),
    "session_not_begun": N_("Results can be noted once the session has begun."),
    "no_quiz": N_("This course has no quiz to take."),
    "no_attempts": N_("No attempt is left. Ask the lab for another one."),
    "quiz_passed": N_("You have passed this quiz already."),
    "attempt_over": N_("This attempt is over."),
    "suspended_already": N_("It is suspended already."),
    "not_suspended": N_("It is not suspended."),
    "appeal_open": N_("Your appeal was received. The lab will answer."),
    "appeal_answered": N_("This appeal was answered already."),
    "unit_taken_then": N_(
        "A unit is reserved or closed then. Choose another time or unit, or settle that first."
    ),
    "session_past": N_("Choose a time that is still to come."),
}
