"""Numbers of use as people read them, and each formula in words with its source.

Both languages group digits by commas; Babel would take half of the page's time for a thousand.
"""

from flask import current_app
from flask_babel import gettext as _

from booking.usage.rules import formulas
from booking.usage.rules.formulas import HOUR, Figures

NOT_KNOWN = "–"


def year_hours() -> int:
    """Return the hours a year that utilisation is a share of."""
    return int(current_app.config["UTILISATION_YEAR_HOURS"])


def percent(share: float | None) -> str:
    """Return a share such as 3.4%; a dash where there is nothing to be a share of."""
    if share is None:
        return NOT_KNOWN
    return f"{share:,.{1 if 0 < share < 0.1 else 0}%}"


def hours(seconds: float | None) -> str:
    """Return hours such as 1,234; one place below ten."""
    if seconds is None:
        return NOT_KNOWN
    value = seconds / HOUR
    return f"{value:,.{1 if 0 < value < 10 else 0}f}"


def count(number: int) -> str:
    """Return a whole number with its separators."""
    return f"{number:,}"


def measure_of(measure: str, sums: Figures) -> float | None:
    """Return the value bars show."""
    if measure == "utilisation":
        return formulas.utilisation(sums, year_hours())
    if measure == "sharing":
        return formulas.sharing_rate(sums)
    if measure == "hours":
        return float(sums.used)
    return formulas.occupancy(sums)


def measure_text(measure: str, value: float | None) -> str:
    """Return such a value in words."""
    return f"{hours(value)} h" if measure == "hours" and value is not None else percent(value)


def measure_names() -> dict[str, str]:
    """Return what bars can show, by the words of the address."""
    return {
        "occupancy": _("Use of open time"),
        "utilisation": _("Utilisation rate"),
        "sharing": _("Sharing rate"),
        "hours": _("Hours in use"),
    }


def formula(measure: str) -> str:
    """Return a formula in words, with its source."""
    return {
        "occupancy": _(
            "Use of open time = hours used within opening hours ÷ (opening hours − closures), all "
            "units together. Our own figure: the state has none by the hour."
        ),
        "utilisation": _(
            "Utilisation rate = effective hours ÷ %(hours)s a unit and year, for the days chosen. "
            "Effective hours = warm-up + use + clean-up, also outside opening hours. Source: the "
            "national survey tool (FIELD §2.7).",
            hours=year_hours(),
        ),
        "sharing": _(
            "Sharing rate = external service hours ÷ effective hours; external: by others than the "
            "institution that owns the unit. Source: the national survey tool (FIELD §2.7)."
        ),
        "hours": _(
            "Hours in use = effective hours = warm-up + use + clean-up. Source: the ministry's "
            "benefit form (FIELD §2.7)."
        ),
        "missed": _(
            "No-show rate = no-shows ÷ reservations that were to take place (used and missed; "
            "cancelled ones do not count). Our own figure."
        ),
        "idle": _(
            "Idle: not used on any day for so long; a day with any use counts as used. Units taken "
            "out of service for good are left out. Our own figure."
        ),
        "waiting": _(
            "Entries of the waitlist that wait or have an offer now, of all lengths. Hours: what "
            "they ask for, all units together. Our own figure."
        ),
        "approvals": _("Requests that nobody has decided yet, by the hours since they were made."),
    }[measure]


def figure_headings() -> list[str]:
    """Return the headings of `figure_cells`."""
    return [
        _("Units"), _("Open hours"), _("Hours in use"), _("Of these in opening hours"),
        _("External hours"), _("Use of open time"), _("Utilisation rate"), _("Sharing rate"),
        _("Reservations"), _("No-shows"),
    ]  # fmt: skip


def figure_cells(sums: Figures, days: int) -> list[str]:
    """Return every figure in words; units are those of an average day."""
    return [
        count(round(sums.unit_days / max(1, days))), hours(sums.open), hours(sums.used),
        hours(sums.used_open), hours(sums.external), percent(formulas.occupancy(sums)),
        percent(formulas.utilisation(sums, year_hours())), percent(formulas.sharing_rate(sums)),
        count(sums.reservations), count(sums.no_shows),
    ]  # fmt: skip
