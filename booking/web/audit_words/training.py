"""What audit rows about training and qualifications say in words."""

from booking.web.rule_texts import N_

TRAINING_ACTIONS: dict[str, str] = {
    "qualification.suspend": N_("Suspended a qualification"),
    "qualification.reinstate": N_("Lifted a suspension"),
    "qualification.appeal": N_("Appealed against a suspension"),
    "qualification.answer_appeal": N_("Answered an appeal"),
    "equivalence.set": N_("Accepted a qualification of elsewhere"),
    "equivalence.end": N_("Accepts a qualification of elsewhere no longer"),
    "training_course.create": N_("Set up a course"),
    "training_course.edit": N_("Changed a course"),
    "training_course.retire": N_("Retired a course"),
    "training_quiz.set": N_("Set the quiz of a course"),
    "training_session.plan": N_("Planned a training session"),
    "training_session.seats": N_("Changed the seats of a training session"),
    "training_session.cancel": N_("Called a training session off"),
    "training_signup.create": N_("Signed up for a training session"),
    "training_signup.cancel": N_("Gave up a seat"),
    "training_signup.seat": N_("Got a seat from the waiting list"),
    "training_signup.mark": N_("Noted who passed a training session"),
    "training_attempt.finish": N_("Took a quiz"),
    "training_record.request": N_("Asked for a signature"),
    "training_record.attempt": N_("Allowed one more attempt"),
    "training_record.done": N_("Completed a course"),
    "training_record.refused": N_("Was not signed off"),
}
TRAINING_THINGS: dict[str, str] = {
    "training_course": N_("course"),
    "training_session": N_("training session"),
    "training_signup": N_("seat in a training session"),
    "training_record": N_("training record"),
}
