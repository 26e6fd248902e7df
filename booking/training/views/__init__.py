"""Pages of training: one's own passport and courses, and those of the labs."""

from booking.training.views import course, holding, passport, people, quiz, setting, ways
from booking.training.views.base import blueprint

__all__ = ("blueprint", "course", "holding", "passport", "people", "quiz", "setting", "ways")
