"""Every rule that applies to a person at a pool, where it is set, and whether a time passes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import may
from booking.core.actor import Actor, Party
from booking.core.errors import Invalid, Violation
from booking.core.period import Period
from booking.policies.queries.book import book_of
from booking.policies.rules.quotas import Quota, quota_violations
from booking.policies.rules.registry import KINDS, RULE_OF, RuleKind
from booking.policies.rules.values import Rule
from booking.reservations.queries.asking import Asked, Booker, Intent, asking
from booking.reservations.queries.facts import PoolFacts, units_of, visible_pool
from booking.reservations.queries.people import parties_for

MINUTE = timedelta(minutes=1)
# Not asked without a form: what it is for, and the note.
UNSAID = ("purposes", "note_needed")
# Asked when it is changed or cancelled, not when it is made.
LATER = ("edit_latest_minutes", "cancel_latest_minutes")
ASKED = frozenset(RULE_OF.values()) - {*UNSAID, *LATER}


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule: the value that holds, the place that sets it, and whether the time passes.

    `passes` is None where no time was asked about, or the rule is not asked when booking.
    """

    kind: RuleKind
    rule: Rule[Any]
    place: tuple[str, str]
    passes: bool | None
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedQuota:
    """A quota that applies, and what it says of the time."""

    quota: Quota
    passes: bool | None
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the rules say of a person at a pool; `others` are refusals by no rule of the list."""

    pool: PoolFacts
    person_id: int
    name: str
    party: Party | None
    period: Period | None
    rules: tuple[Explained, ...]
    quotas: tuple[ExplainedQuota, ...]
    others: tuple[Violation, ...]

    @property
    def passes(self) -> bool | None:
        """Return whether the time passes every rule; None when none was asked about."""
        if self.period is None:
            return None
        found = [rule.passes for rule in self.rules] + [quota.passes for quota in self.quotas]
        return not self.others and False not in found


def explain(
    session: Session,
    actor: Actor,
    pool_id: int,
    person_id: int,
    period: Period | None,
    now: datetime,
) -> Explanation:
    """Return the rules for a person at a pool, the first of their parties standing for them.

    What it is for and the note are not asked. Raises NotFound for a pool the actor does not see,
    Invalid for another person whom the actor may not book for.
    """
    pool = visible_pool(session, actor, pool_id, now)
    name = _name(session, actor, pool, person_id)
    parties = parties_for(session, actor, person_id, pool, now)
    party = parties[0] if parties else None
    intent = Intent(period or Period(now, now + MINUTE), 1, now, by=actor)
    asked = asking(session, pool, len(units_of(session, pool_id)), Booker(person_id, party), intent)
    broken = asked.violations() if period is not None else ()
    return Explanation(
        pool, person_id, name, party, period, tuple(_rules(session, asked, broken, period)),
        tuple(_quotas(asked, period)),
        tuple(v for v in broken if v.code not in RULE_OF and "quota_id" not in v.more),
    )  # fmt: skip


def _name(session: Session, actor: Actor, pool: PoolFacts, person_id: int) -> str:
    if person_id == actor.user_id:
        return actor.name
    if not may(actor, "reservation.for_other", pool.subject()):
        raise Invalid("not_for_others", field="user")
    name = session.execute(
        select(User.name).where(User.id == person_id, User.retired_at.is_(None))
    ).scalar()
    if name is None:
        raise Invalid("unknown_person", field="user", actual=person_id)
    return name


def _rules(
    session: Session, asked: Asked, broken: tuple[Violation, ...], period: Period | None
) -> Iterable[Explained]:
    book = book_of(session, asked.pool.edition)
    for kind in KINDS:
        rule = getattr(asked.rules, kind.name)
        mine = tuple(v for v in broken if RULE_OF.get(v.code) == kind.name)
        known = period is not None and kind.name in ASKED
        place = _place(book.origins(asked.pool.place, kind.name), rule, asked.pool.pool_id)
        yield Explained(kind, rule, place, not mine if known else None, mine)


def _place(origins: Any, rule: Rule[Any], pool_id: int) -> tuple[str, str]:
    if rule.origin == "pool":
        return ("pool", str(pool_id))
    found = (scope for scope, _value in origins if scope[0] == rule.origin)
    return next(found, (rule.origin, ""))


def _quotas(asked: Asked, period: Period | None) -> Iterable[ExplainedQuota]:
    proposal = asked.proposal
    for account in proposal.accounts:
        if period is None:
            yield ExplainedQuota(account.quota, None)
            continue
        found = tuple(quota_violations((account,), period, proposal.quantity, proposal.now))
        yield ExplainedQuota(account.quota, not found, found)
