"""What a course is as its lab sets it, and how far somebody is with its steps."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.errors import Invalid
from booking.core.text import LINE, is_keepable, tidy

MOST_DAYS = 3660
MOST_TEXT = 5_000
MOST_POOLS = 200
MOST_SEATS = 500
MOST_UNITS = 20
MOST_FILES, MOST_BYTES = 5, 5 * 1024 * 1024  # of evidence
SESSION, QUIZ, SIGNOFF = "session", "quiz", "signoff"


@dataclass(frozen=True, slots=True)
class CourseWanted:
    """A course as it is set; for pools, or for a class (`category_code`)."""

    name_zh: str
    name_en: str = ""
    text: str = ""
    level: int = 1
    valid_days: int = 0  # 0: for ever
    steps: frozenset[str] = frozenset()
    needs_evidence: bool = False
    pool_ids: tuple[int, ...] = ()
    category_code: str | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Which steps a course asks for, and which of them somebody has done."""

    asked: frozenset[str]
    attended: bool = False
    quiz_passed: bool = False
    requested: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what is left before somebody signs off, in order."""
        done = {SESSION: self.attended, QUIZ: self.quiz_passed}
        return tuple(step for step, is_done in done.items() if step in self.asked and not is_done)

    @property
    def complete(self) -> bool:
        """Return whether the person is qualified without anybody's signature."""
        return not self.missing and SIGNOFF not in self.asked


def checked_course(wanted: CourseWanted) -> CourseWanted:
    """Return the course with its texts made fit. Raises Invalid naming the first unfit field."""
    tidied = tidy(wanted, required=("name_zh",), texts=("text",))
    for field, limit in (("name_zh", LINE), ("name_en", LINE), ("text", MOST_TEXT)):
        given = getattr(tidied, field)
        if len(given) > limit or not is_keepable(given):
            raise Invalid("too_long_text", field=field, limit=limit)
    if not 1 <= tidied.level <= 9:
        raise Invalid("out_of_range", field="level", least=1, most=9, actual=tidied.level)
    if not 0 <= tidied.valid_days <= MOST_DAYS:
        raise Invalid(
            "out_of_range", field="valid_days", least=0, most=MOST_DAYS, actual=tidied.valid_days
        )
    if not tidied.steps or not tidied.steps <= {SESSION, QUIZ, SIGNOFF}:
        raise Invalid("steps_needed", field="steps")
    if len(tidied.pool_ids) > MOST_POOLS:
        raise Invalid("number_range", field="pool_ids", actual=len(tidied.pool_ids))
    if bool(tidied.pool_ids) == (tidied.category_code is not None):
        raise Invalid("no_pools_chosen", field="pool_ids")
    return tidied


def valid_until(valid_days: int, now: datetime) -> datetime | None:
    """Return the end of what a course gives now, None for ever."""
    return now + timedelta(days=valid_days) if valid_days else None


def reminder_days(left: timedelta, days: tuple[int, ...]) -> int | None:
    """Return which reminder is due so long before the end: the last one reached, None for none.

    >>> reminder_days(timedelta(days=20), (30, 7)), reminder_days(timedelta(days=31), (30, 7))
    (30, None)
    """
    reached = [day for day in days if left <= timedelta(days=day)]
    return min(reached, default=None)
