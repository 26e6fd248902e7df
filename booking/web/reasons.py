"""A reason chosen from a lab's list, with what was typed besides."""

from flask import request

from booking.core.text import LINE, one_line

FIELD = "offered"


def chosen_reason() -> str:
    """Return the reason ticked on the page; empty for none, or for words of one's own only."""
    return one_line(request.form.get(FIELD, "")[: 2 * LINE])[:LINE]


def with_chosen(typed: str | None) -> str:
    """Return the reason as a whole: the one chosen, then what was typed, each on its line."""
    return "\n".join(part for part in (chosen_reason(), (typed or "").strip()) if part)
