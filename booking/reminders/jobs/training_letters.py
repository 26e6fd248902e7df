"""What is said about training and qualifications, to those who hold them and those who sign."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking.infra.mail import one_line
from booking.reminders.jobs.letters import Letter, letter_to
from booking.reminders.queries.subjects import Recipient
from booking.training.queries.told import Trained
from booking.web.formats import instant_text, period_text
from booking.web.level_words import level_text
from booking.web.locale import named
from booking.web.rule_texts import N_

SUBJECTS = {
    "training_seat": N_("You have a seat: %(what)s, %(when)s"),
    "training_cancelled": N_("Training cancelled: %(what)s, %(when)s"),
    "signoff_requested": N_("Sign-off requested: %(person)s, %(what)s"),
    "signoff_refused": N_("Not signed off: %(what)s"),
    "qualified": N_("Qualified: %(what)s"),
    "qualification_ends": N_("Your qualification ends soon: %(what)s"),
    "suspended": N_("Your qualification is suspended: %(what)s"),
    "reinstated": N_("Your qualification holds again: %(what)s"),
    "appeal_received": N_("Appeal: %(person)s, %(what)s"),
    "appeal_answered": N_("Your appeal was answered: %(what)s"),
}
LEADS = {
    "training_seat": N_(
        "Somebody gave up a seat, and it is yours. Please cancel if you cannot come."
    ),
    "training_cancelled": N_("This training does not take place. Please choose another session."),
    "signoff_requested": N_("%(person)s asks your lab to sign off this training."),
    "signoff_refused": N_("Your request was not signed off. You can begin the course anew."),
    "qualified": N_("You have completed the course and may book what it is for."),
    "qualification_ends": N_(
        "After its end you cannot book any more. Take the training again before that."
    ),
    "suspended": N_(
        "Until it is lifted you cannot book there. You can answer with an appeal in your passport."
    ),
    "reinstated": N_("The suspension was lifted; you may book again."),
    "appeal_received": N_("%(person)s appeals against a suspension. Please answer."),
    "appeal_answered": N_("The lab has answered your appeal."),
}  # fmt: skip
TO_LAB = ("signoff_requested", "appeal_received")


def about_training(kind: str, about: Trained, reader: Recipient) -> Letter:
    """Return the letter about a record, a sign-up or a qualification, in the site's zone."""
    zone = ZoneInfo(about.zone)
    words = {
        "what": one_line(named(*about.what)),
        "person": one_line(about.person),
        "when": period_text(about.period, zone) if about.period else "",
    }
    subject, lead = gettext(SUBJECTS[kind]) % words, gettext(LEADS[kind]) % words
    return letter_to(reader, subject, lead, _facts(kind, about, zone), _link(kind, about))


def _facts(kind: str, about: Trained, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield gettext("Training or instrument"), one_line(named(*about.what))
    if about.pools:
        yield gettext("For"), gettext(", ").join(one_line(named(*names)) for names in about.pools)
    if about.period is not None:
        yield gettext("Time"), period_text(about.period, zone)
    if about.where:
        yield gettext("Place"), one_line(about.where)
    yield gettext("Level"), level_text(about.level)
    if about.until is not None and kind in ("qualified", "qualification_ends", "reinstated"):
        yield gettext("Valid until"), instant_text(about.until, zone)
    if kind in TO_LAB:
        yield gettext("Person"), one_line(about.person)
    elif about.text and kind == "appeal_answered":
        yield gettext("Answer"), about.text
    elif about.text and kind in ("signoff_refused", "suspended"):
        yield gettext("Reason"), about.text


def _link(kind: str, about: Trained) -> tuple[str, str]:
    if kind == "signoff_requested":
        return gettext("Open the request"), f"/manage/training-records/{about.id}"
    if kind == "appeal_received" and about.lab_id is not None:
        return gettext("Open the appeal"), f"/manage/labs/{about.lab_id}/people"
    if about.course_id is not None and kind != "qualified":
        return gettext("Open the course"), f"/courses/{about.course_id}"
    return gettext("Open my passport"), "/passport"
