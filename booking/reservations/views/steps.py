"""The steps of a request in words: who has agreed, whose turn it is, who comes after."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from booking.reservations.models import ApprovalStep
from booking.reservations.queries.named import Named
from booking.reservations.queries.steps import StepShown
from booking.web.formats import distance_text, instant_text
from booking.web.wording import decider_text


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: who decides, the tone and word of its state, and more about it."""

    who: str
    tone: str
    state: str
    more: str
    waits: bool


def step_lines(
    shown: list[StepShown], found: Named, now: datetime, *, details: bool
) -> list[StepLine]:
    """Return the steps of a reservation that has several; none where its lab alone decides.

    Who decided is told to those only who may read details.
    """
    if [step.row.kind for step in shown] == ["lab"]:
        return []
    return [_line(found, step, now, details=details) for step in shown]


def _line(found: Named, step: StepShown, now: datetime, *, details: bool) -> StepLine:
    row = step.row
    who = decider_text(row.kind, found.party, found.lab, step.group)
    tone, word = {
        "approved": ("good", _("Agreed")),
        "rejected": ("bad", _("Refused")),
        "waiting": ("warn", _("Decides now")),
    }.get(row.state, ("", _("Comes after")))
    return StepLine(who, tone, word, _more(found, row, step.by, now, details=details),
                    row.state == "waiting")  # fmt: skip


def _more(found: Named, row: ApprovalStep, by: str, now: datetime, *, details: bool) -> str:
    if row.decided_at is not None:
        at = instant_text(row.decided_at, found.zone)
        return f"{by}, {at}" if details and by else at
    if row.state != "waiting":
        return ""
    change = found.change
    deadline = change.expires_at if change is not None else found.row.decide_by
    if deadline is None:
        return ""
    text = _("until %(at)s (%(distance)s)", at=instant_text(deadline, found.zone),
             distance=distance_text(deadline, now))  # fmt: skip
    return f"{text}; {_('the operators may decide too')}" if row.level > 1 else text
