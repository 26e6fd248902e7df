"""The tree of expected refusals; texts and statuses are in web/messages.py.

Refusal
├── Invalid          a field cannot be read or is out of range       field, limit, actual
│   └── InvalidFields  several such fields at once                   problems
├── NotFound         it is not there, or not yours to see
├── Forbidden        seen, but not yours to do
├── RuleViolated     booking rules refuse; all violations at once    violations
│   └── PartsViolated  parts of a group break rules                  problems
├── Conflict         the time is taken                               conflicts, alternatives
│   └── PartsTaken   times of parts of a group are taken             problems
├── WrongState       it can no longer (or not yet) be done           actual
├── Stale            changed since you read it                       limit, actual
├── Busy             the database is busy; try again                 retry_seconds
└── TooMany          rate limit                                      retry_seconds
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from types import MappingProxyType
from typing import Any

from booking.core.period import Period


class Refusal(Exception):
    """An expected refusal: a code and the parameters its text needs."""

    def __init__(self, code: str, **parameters: Any) -> None:
        super().__init__(code, parameters)
        self.code = code
        self.parameters = parameters


class Invalid(Refusal):
    """A field cannot be accepted; `field` names it, the code says why."""

    def __init__(self, code: str = "invalid", *, field: str | None = None, **parameters: Any):
        super().__init__(code, **parameters)
        self.field = field


class InvalidFields(Invalid):
    """Several fields cannot be accepted; each is an Invalid of its own."""

    def __init__(self, problems: tuple[Invalid, ...]) -> None:
        super().__init__("invalid")
        self.problems = problems


class NotFound(Refusal):
    """Missing, or hidden from this actor: the answer is the same."""

    def __init__(self, what: str = "thing") -> None:
        super().__init__("not_found", what=what)


class Forbidden(Refusal):
    """The actor sees it but may not do this."""

    def __init__(self, code: str = "forbidden", **parameters: Any) -> None:
        super().__init__(code, **parameters)


NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule. `nearest` is a period that would pass all time rules, if one is near.

    `limit` and `actual` are plain numbers, strings or instants; `origin` says where the limit is
    set (`default`, `pool`, `unit`, `contribution`); `overridable_by` the roles that may override.
    `more` has what else its text says, by name.
    """

    code: str
    limit: Any = None
    actual: Any = None
    origin: str = "default"
    overridable_by: tuple[str, ...] = ()
    nearest: Period | None = None
    field: str | None = None
    more: Mapping[str, Any] = attribute(default_factory=lambda: NOTHING_MORE)


class RuleViolated(Refusal):
    """Rules refuse the proposal; every violation is listed."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("rule_violation", count=len(violations))
        self.violations = violations


@dataclass(frozen=True, slots=True)
class Taken:
    """A span in which a unit is held; never says by whom."""

    unit_id: int
    period: Period


@dataclass(frozen=True, slots=True)
class Alternative:
    """A slot offered instead; reason ∈ same_unit_later, sibling_now, next_in_pool."""

    unit_id: int
    period: Period
    reason: str


class Conflict(Refusal):
    """The time is taken: what is in the way, and the next slots that would pass."""

    def __init__(
        self, conflicts: tuple[Taken, ...] = (), alternatives: tuple[Alternative, ...] = ()
    ) -> None:
        super().__init__("conflict", count=len(conflicts))
        self.conflicts = conflicts
        self.alternatives = alternatives


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one part of a group cannot be as asked, and the nearest time at which it could.

    `position` counts the group's parts from 0; one of violations and conflicts is empty.
    """

    position: int
    period: Period
    violations: tuple[Violation, ...] = ()
    conflicts: tuple[Taken, ...] = ()
    nearest: Period | None = None


class PartsViolated(RuleViolated):
    """Parts of a group break rules; nothing of the group is done."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(tuple(v for problem in problems for v in problem.violations))
        self.problems = problems


class PartsTaken(Conflict):
    """Times of parts of a group are taken; nothing of the group is done."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(tuple(c for problem in problems for c in problem.conflicts))
        self.problems = problems


class WrongState(Refusal):
    """The thing's state does not allow it; `code` tells which, e.g. already_decided."""

    def __init__(self, code: str = "state", **parameters: Any) -> None:
        super().__init__(code, **parameters)


class Stale(Refusal):
    """Somebody changed it since it was read."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__("stale", expected=expected, actual=actual)


class Busy(Refusal):
    """A lock could not be had in time."""

    def __init__(self, retry_seconds: int = 2) -> None:
        super().__init__("busy", retry_seconds=retry_seconds)
        self.retry_seconds = retry_seconds


class TooMany(Refusal):
    """Rate limit reached; free again at `until`."""

    def __init__(self, until: datetime, retry_seconds: int) -> None:
        super().__init__("too_many", until=until, retry_seconds=retry_seconds)
        self.retry_seconds = retry_seconds
