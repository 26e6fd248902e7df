"""Pages of help: the glossary, which everybody may read, and the tours' buttons."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.text import one_line
from booking.help.services import put_away, show_again
from booking.web.access import park_permission, signed_in
from booking.web.glossary import SECTIONS, Term
from booking.web.saving import run

blueprint = Blueprint("help", __name__, url_prefix="/help")
MOST_CHARACTERS = 60
COLOURS = (
    "canvas",
    "paper",
    "sunken",
    "ink",
    "ink-soft",
    "ink-faint",
    "line",
    "line-strong",
    "edge",
    "accent",
    "accent-soft",
    "accent-line",
    "accent-fill",
    "good",
    "good-soft",
    "good-line",
    "warn",
    "warn-soft",
    "warn-line",
    "bad",
    "bad-soft",
    "bad-line",
)
# A few of tools/icons.txt.
ICONS = ("bell", "box", "building", "calendar-plus", "check-lg", "clock", "flask", "inbox", "key",
         "pencil", "people", "search", "star", "x-lg")  # fmt: skip


@blueprint.get("/glossary")
def glossary() -> str:
    """Explain the words in Chinese and English; `?q=` narrows. Signed in or not."""
    typed = one_line(request.args.get("q", ""))[:MOST_CHARACTERS]
    found = [
        (title, [term for term in terms if _has(term, typed.casefold())])
        for title, terms in SECTIONS
    ]
    return render_template(
        "help/glossary.html", q=typed, sections=[(t, terms) for t, terms in found if terms]
    )


@blueprint.get("/components")
@park_permission("park.read")
def components() -> str:
    """Show the parts that pages are made of, for who runs or develops this."""
    return render_template("help/components.html", colours=COLOURS, icons=ICONS)


@blueprint.post("/tours/<tour>/done")
@signed_in
def done(tour: str) -> Response:
    """Show the reader this tour no more."""
    run(lambda session, who, now: put_away(session, who, tour, now))
    return redirect(url_for("shell.home"))


@blueprint.post("/tours/again")
@signed_in
def again() -> Response:
    """Show the reader their tour again."""
    run(lambda session, who, _now: show_again(session, who))
    flash(_("The hints are shown again."), "success")
    return redirect(url_for("shell.home"))


def _has(term: Term, words: str) -> bool:
    return words in f"{term.zh} {term.en} {term.text_zh} {term.text_en}".casefold()
