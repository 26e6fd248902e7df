"""What a change of rules would do, shown on its page before it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from booking.core.errors import Invalid
from booking.infra import clock
from booking.infra.db import db
from booking.policies.queries.editor import scope_names
from booking.policies.queries.own import Scope
from booking.policies.rules.registry import RULE_OF
from booking.policies.rules.settings import Change, fingerprint
from booking.reservations.queries.whatif import DAYS, MOST, Hit, Side, WhatIf, what_if
from booking.web.formats import period_text
from booking.web.locale import named
from booking.web.rule_words import rule_text

LISTED = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One reservation that is hit, in words."""

    reservation_id: int
    reference: str
    pool: str
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What the changes do, in words; `mark` tells these changes from others."""

    found: WhatIf
    mark: str
    past: tuple[Line, ...]
    coming: tuple[Line, ...]
    days: int = DAYS
    most: int = MOST

    def asks(self, form: Mapping[str, str]) -> bool:
        """Return whether to show them: asked for, or something is hit and not yet agreed to."""
        agreed = form.get("agreed") == self.mark
        return "preview" in form or (self.found.hits and not agreed)

    @staticmethod
    def counts(side: Side) -> list[tuple[str, int]]:
        """Return how many each rule refuses, most first."""
        return [(_why((code,)), count) for code, count in side.by_code]


def effects(scope: Scope, changes: Sequence[Change]) -> Effects:
    """Return what the changes would do; of unfit ones nothing, saving says what is wrong."""
    mark = str(fingerprint({(c.rule, c.group): (c.clear, c.value, c.grants) for c in changes}))
    try:
        found = what_if(db.session(), scope, changes, clock.now())
    except Invalid:
        found = WhatIf()
    return Effects(found, mark, _lines(found.past.hits), _lines(found.coming.hits))


def _lines(hits: Sequence[Hit]) -> tuple[Line, ...]:
    shown = hits[:LISTED]
    names = scope_names(db.session(), [("pool", str(hit.pool_id)) for hit in shown])
    return tuple(
        Line(
            hit.reservation_id, hit.reference, named(*names["pool", str(hit.pool_id)]),
            period_text(hit.period, hit.zone), _why(hit.codes),
        )
        for hit in shown
    )  # fmt: skip


def _why(codes: Sequence[str]) -> str:
    return " · ".join(rule_text(RULE_OF.get(code, code)) for code in codes)
