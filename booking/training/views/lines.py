"""Qualifications, sessions and records in words, ready for templates."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.core.period import Period
from booking.inventory.queries.zones import DEFAULT
from booking.training.models import Course, Record, Training
from booking.training.queries.passport import Holding
from booking.training.queries.sessions import SessionLine
from booking.training.rules.courses import QUIZ, SESSION, SIGNOFF, Steps
from booking.web.formats import distance_text, instant_text, period_text, until_text
from booking.web.level_words import level_text
from booking.web.locale import named

SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A qualification: what for, at which level, until when; `soon` where it ends soon."""

    id: int
    what: str
    lab: str
    pool_id: int | None
    level: str
    until: str
    soon: bool
    reason: str
    appeal: str  # "", open, or answered
    answer: str
    again_id: int


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """A session: when, where, how many seats are left, and one's own place."""

    id: int
    signup_id: int | None
    when: str
    where: str
    trainer: str
    note: str
    seats: str
    full: bool
    state: str
    state_text: str
    coming: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a course and whether it is done."""

    text: str
    done: bool


def held_line(one: Holding, now: datetime, again_id: int = 0) -> HeldLine:
    """Return a qualification in words, its end in the zone of its pool's site."""
    row, zone = one.row, ZoneInfo(one.zone or DEFAULT)
    until = row.valid_until
    ended = row.revoked_at
    told = _("without end")
    if ended is not None:
        told = _("revoked %(when)s", when=instant_text(ended, zone))
    elif until is not None:
        words = {"when": until_text(until, zone), "distance": distance_text(until, now)}
        told = (
            _("ended %(when)s (%(distance)s)", **words)
            if until <= now
            else _("until %(when)s (%(distance)s)", **words)
        )
    appeal = "" if one.appeal is None else "answered" if one.appeal.answered_at else "open"
    return HeldLine(
        row.id, named(*one.names), named(*one.lab), row.pool_id, level_text(row.level), told,
        until is not None and (until - now).days < SOON_DAYS, row.suspension_reason or "",
        appeal, one.appeal.answer if one.appeal else "", again_id,
    )  # fmt: skip


def training_line(line: SessionLine, zone: ZoneInfo, now: datetime) -> TrainingLine:
    """Return a session in words, its time in the zone of the course."""
    own = line.own
    return TrainingLine(
        line.training.id, own.id if own else None, when_text(line.training, zone),
        line.training.place, line.training.trainer, line.training.note,
        seats_text(line.training.seats, line.free, line.waiting), line.free <= 0,
        own.state if own else "", place_text(own.state) if own else "",
        line.training.start_at > now,
    )  # fmt: skip


def when_text(training: Training, zone: ZoneInfo) -> str:
    """Return a session's time in words."""
    return period_text(Period(training.start_at, training.end_at), zone)


def seats_text(seats: int, free: int, waiting: int) -> str:
    """Return how many seats are left, and who waits where none is."""
    if free > 0:
        return _("%(free)s of %(seats)s seats free", free=free, seats=seats)
    full = ngettext("full (%(num)s seat)", "full (%(num)s seats)", seats)
    if not waiting:
        return full
    people = ngettext("%(num)s person waits", "%(num)s people wait", waiting)
    return _("%(full)s, %(waiting)s", full=full, waiting=people)


def place_text(state: str) -> str:
    """Return the state of a sign-up in words."""
    return {
        "seated": _("You have a seat"),
        "waiting": _("You wait for a seat"),
        "passed": _("Passed"),
        "failed": _("Not passed"),
        "absent": _("Absent"),
        "cancelled": _("Cancelled"),
    }[state]


def mark_text(state: str) -> str:
    """Return the mark of an attendee in words, as those who hold the session choose it."""
    return {
        "seated": _("not marked"),
        "passed": _("passed"),
        "failed": _("not passed"),
        "absent": _("absent"),
    }[state]


def step_lines(steps: Steps) -> list[StepLine]:
    """Return the steps a course asks for, in order."""
    done = {SESSION: steps.attended, QUIZ: steps.quiz_passed, SIGNOFF: False}
    names = {
        SESSION: _("Pass a training session"), QUIZ: _("Pass the quiz"),
        SIGNOFF: _("Signature of the lab"),
    }  # fmt: skip
    return [StepLine(names[step], done[step]) for step in done if step in steps.asked]


def gives_text(course: Course) -> str:
    """Return what a course gives in words."""
    if not course.valid_days:
        return _("Level %(level)s, without end", level=level_text(course.level))
    days = ngettext("%(num)s day", "%(num)s days", course.valid_days)
    return _("Level %(level)s, for %(days)s", level=level_text(course.level), days=days)


def asks_text(course: Course) -> str:
    """Return what a course asks for in words."""
    words = [
        word
        for asked, word in (
            (course.needs_session, _("session")), (course.needs_quiz, _("quiz")),
            (course.needs_signoff, _("signature")), (course.needs_evidence, _("evidence")),
        )
        if asked
    ]  # fmt: skip
    return _(", ").join(words)


def record_text(record: Record) -> str:
    """Return the state of a record in words."""
    return {"open": _("In progress"), "done": _("Completed"), "refused": _("Not signed off")}[
        record.state
    ]
