"""The tables of training."""

from booking.training.models.courses import Course, CoursePool, Seat, SessionHold, Signup, Training
from booking.training.models.quizzes import Attempt, Quiz
from booking.training.models.records import Evidence, Record
from booking.training.models.standing import Appeal

__all__ = (
    "Appeal", "Attempt", "Course", "CoursePool", "Evidence", "Quiz", "Record", "Seat",
    "SessionHold", "Signup", "Training",
)  # fmt: skip
