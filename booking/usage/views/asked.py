"""What a page about use is asked for, and how much of the park its reader may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import request

from booking.accounts.rules.permissions import Subject, may
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.usage.rules.filters import Filters
from booking.usage.rules.ranges import PRESETS, Days, asked_days
from booking.web.arguments import id_of

MEASURES = ("occupancy", "utilisation", "sharing", "hours")
_NUMBERS = ("site", "platform", "institution", "lab")
_LONGEST_CODE = 12


@dataclass(frozen=True, slots=True)
class Own:
    """Institutions and labs whose use a reader may look at; `park`: everybody's."""

    park: bool
    institutions: tuple[int, ...]
    labs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is narrowed by, the days, what bars show; `given` is how the address says it."""

    own: Own
    filters: Filters
    preset: int
    first: date | None
    last: date | None
    measure: str

    def days(self, until: date) -> Days:
        """Return the days asked for; `until` is the last that is kept."""
        return asked_days(self.first, self.last, self.preset, until)

    @property
    def custom(self) -> bool:
        """Return whether days were chosen by hand."""
        return self.first is not None or self.last is not None

    def query(self, **changes: Any) -> dict[str, Any]:
        """Return the words of an address for the same, some of them changed (None: left out)."""
        said: Mapping[str, Any] = {
            **dict(self.filters.items),
            "days": self.preset if not self.custom and self.preset != PRESETS[0] else None,
            "from": self.first and self.first.isoformat(),
            "until": self.last and self.last.isoformat(),
            "measure": self.measure if self.measure != MEASURES[0] else None,
            **changes,
        }
        return {name: str(value) for name, value in said.items() if value not in (None, "")}


def own_of(who: Actor) -> Own:
    """Return what a person may look at. Raises NotFound when it is nothing."""
    if may(who, "usage.read"):
        return Own(park=True, institutions=(), labs=())
    institutions = [i for i in sorted(who.represented_institution_ids)
                    if may(who, "usage.read", Subject(institution_id=i))]  # fmt: skip
    labs = [i for i in sorted(who.managed_lab_ids) if may(who, "usage.read", Subject(lab_id=i))]
    if not institutions and not labs:
        raise NotFound("page")
    return Own(park=False, institutions=tuple(institutions), labs=tuple(labs))


def asked(who: Actor) -> Asked:
    """Return what this request asks for. Raises NotFound for what is not the reader's."""
    args, own = request.args, own_of(who)
    code = args.get("category", "").strip()
    found = {name: str(number) for name in _NUMBERS if (number := id_of(args.get(name)))}
    filters = Filters(
        category=code if code.isdigit() and len(code) <= _LONGEST_CODE else None, **found
    )
    preset = id_of(args.get("days"))
    measure = args.get("measure", "")
    return Asked(
        own, _within(own, filters), preset if preset in PRESETS else PRESETS[0],
        _day(args.get("from")), _day(args.get("until")),
        measure if measure in MEASURES else MEASURES[0],
    )  # fmt: skip


def _within(own: Own, filters: Filters) -> Filters:
    """Return the filters with the reader's own institution or lab among them."""
    if own.park:
        return filters
    if filters.institution is not None and int(filters.institution) not in own.institutions:
        raise NotFound("institution")
    # A lab of one's own institution may be looked at with it.
    if filters.lab is not None and filters.institution is None and int(filters.lab) not in own.labs:
        raise NotFound("lab")
    if filters.institution is None and filters.lab is None:
        if own.institutions:
            return replace(filters, institution=str(own.institutions[0]))
        return replace(filters, lab=str(own.labs[0]))
    return filters


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None
