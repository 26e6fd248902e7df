"""Setting rules along the tree: the lab's managers for their lab and its pools, else operators."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.companies.models import Company, Institution
from booking.companies.queries.deciders import groups_to_ask
from booking.core.actor import Actor
from booking.core.errors import Invalid, Stale
from booking.infra.db import lock_pools, run
from booking.inventory.models import Pool
from booking.policies.models import RuleEdition, RuleValue
from booking.policies.queries.book import book_of
from booking.policies.queries.own import (
    Own,
    Scope,
    own_settings,
    pools_at,
    scope_to_edit,
)
from booking.policies.rules.registry import BY_NAME
from booking.policies.rules.settings import (
    BUFFERS,
    POOL_COLUMNS,
    Change,
    checked,
    fingerprint,
    fits,
    group_parts,
    lengths,
)
from booking.policies.rules.tree import RuleBook
from booking.policies.rules.values import PoolRules

MOST_CHANGES = 400
_ENGINES = {engine.dialect.name: engine for engine in (postgresql, sqlite)}


def set_rule(
    session: Session, actor: Actor, scope: tuple[str, str], change: Change, now: datetime
) -> bool:
    """Return as `change_rules`, for one rule."""
    return change_rules(session, actor, scope, [change], now)


def change_rules(
    session: Session,
    actor: Actor,
    scope: tuple[str, str],
    changes: Sequence[Change],
    now: datetime,
    seen: int | None = None,
) -> bool:
    """Set or clear rules at a place of the tree; return whether pools' buffers must be refreshed.

    `seen` is the fingerprint of what the person looked at. What is booked already stays. Raises
    NotFound, Invalid naming the rule, Stale when the place was changed since.
    """
    place = scope_to_edit(session, actor, *scope)
    before_number = lock_edition(session)
    if place.kind == "pool":
        lock_pools(session, [int(place.key)])
    own = own_settings(session, place)
    if seen is not None and seen != fingerprint(own):
        raise Stale(seen, fingerprint(own))
    if len(changes) > MOST_CHANGES:
        raise Invalid("too_many_changes", limit=MOST_CHANGES)
    old = book_of(session, before_number)
    different = [c for c in changes if _differs(session, place, own, c)]
    _require_groups(session, place, different)
    if not different:
        return False
    for change in different:
        _apply(session, actor, place, own, change, now)
    buffers = place.kind != "pool" and any(c.rule in BUFFERS for c in different)
    number = renew_edition(session, buffers_kept=not buffers)
    _require_lengths(session, place, old, book_of(session, number), different)
    return buffers


def _require_groups(session: Session, place: Scope, changes: Sequence[Change]) -> None:
    """Raise Invalid for a decider group that is none of the park or of the place's lab."""
    for change in changes:
        if change.rule == "group_decides" and not change.clear and change.value:
            known = {row.id for row in groups_to_ask(session, place.lab_id)}
            if change.value not in known:
                raise Invalid("unknown_choice", field=change.rule, actual=change.value)


def lock_edition(session: Session) -> int:
    """Return the edition that holds, locked: rules change one after the other, park-wide.

    Two changes that pass alone may contradict each other. First in the lock order but for
    reservations and quotas, which never come with it.
    """
    engine = _ENGINES[session.get_bind().dialect.name]
    first = engine.insert(RuleEdition.__table__).values(id=1, number=_random())
    session.execute(first.on_conflict_do_nothing())
    query = select(RuleEdition.number).where(RuleEdition.id == 1).with_for_update()
    return session.execute(query).scalar_one()


def renew_edition(session: Session, *, buffers_kept: bool = True) -> int:
    """Return the number of the new edition, written; every process then reads the rules anew."""
    number = _random()
    values: dict[str, Any] = {"number": number}
    row = session.execute(select(RuleEdition).where(RuleEdition.id == 1)).scalar_one()
    if buffers_kept and row.buffers_number == row.number:
        values["buffers_number"] = number
    session.execute(update(RuleEdition).where(RuleEdition.id == 1).values(**values))
    return number


def _differs(session: Session, place: Scope, own: Own, change: Change) -> bool:
    value = checked(change, place.kind)
    if change.group and not change.clear:
        _require_group(session, change)
    held = own.get((change.rule, change.group))
    if change.clear:
        return held is not None
    return held != (BY_NAME[change.rule].plain(value), change.grants and bool(change.group))


def _require_group(session: Session, change: Change) -> None:
    kind, key = group_parts(change.group, change.rule)
    table = {"company": Company, "institution": Institution}.get(kind)
    if table is not None and session.get(table, int(key)) is None:
        raise Invalid("unknown_group", field=change.rule, actual=change.group)


def _apply(
    session: Session, actor: Actor, place: Scope, own: Own, change: Change, now: datetime
) -> None:
    stored = None if change.clear else BY_NAME[change.rule].plain(checked(change, place.kind))
    if place.kind == "pool" and change.rule in POOL_COLUMNS and not change.group:
        column = {change.rule: stored}
        session.execute(update(Pool).where(Pool.id == int(place.key)).values(**column))
    elif change.clear:
        session.execute(delete(RuleValue).where(*_row_of(place, change)))
    else:
        _keep(session, actor, place, change, stored, now)
    held = own.get((change.rule, change.group))
    what = {"rule": change.rule, "scope": place.kind, "key": place.key, "group": change.group}
    before = {**what, "value": held[0], "grants": held[1]} if held else None
    after = {**what, "value": stored, "grants": change.grants}
    subject = ("rule_" + place.kind, place.number)
    action = "rule.clear" if change.clear else "rule.set"
    record(session, actor, action, subject, now, before=before,
           after=None if change.clear else after)  # fmt: skip


def _keep(
    session: Session, actor: Actor, place: Scope, change: Change, stored: Any, now: datetime
) -> None:
    kind, key = group_parts(change.group) if change.group else ("", "")
    values = {
        "value": json.dumps(stored, ensure_ascii=False),
        "grants": int(change.grants and bool(change.group)), "set_at": now,
        "set_by_id": actor.user_id,
    }  # fmt: skip
    where = {"scope_kind": place.kind, "scope_key": place.key, "rule": change.rule,
             "group_kind": kind, "group_key": key}  # fmt: skip
    engine = _ENGINES[session.get_bind().dialect.name]
    insert = engine.insert(cast(Table, RuleValue.__table__)).values(**where, **values)
    run(session, insert.on_conflict_do_update(index_elements=list(where), set_=values))


def _row_of(place: Scope, change: Change) -> tuple[Any, ...]:
    kind, key = group_parts(change.group) if change.group else ("", "")
    return (
        RuleValue.scope_kind == place.kind, RuleValue.scope_key == place.key,
        RuleValue.rule == change.rule, RuleValue.group_kind == kind, RuleValue.group_key == key,
    )  # fmt: skip


def _require_lengths(
    session: Session, place: Scope, old: RuleBook, new: RuleBook, changes: Sequence[Change]
) -> None:
    """Raise Invalid when no length can be booked any more at a pool, for everyone or a group.

    A pool at which none could before is not in the way of other changes.
    """
    rules = {"granularity_minutes", "min_minutes", "max_minutes"} & {c.rule for c in changes}
    if not rules:
        return
    field = next(name for name in ("max_minutes", "min_minutes", "granularity_minutes")
                 if name in rules)  # fmt: skip
    groups = ["", *sorted({c.group for c in changes if c.group and c.rule in rules})]
    seen: set[tuple[int, int, int]] = set()
    for pool in pools_at(session, new, place):
        everyone = new.rules(pool.place, pool.own)
        for group in groups:
            rules_of = new.for_groups(everyone, pool.place, {group}) if group else everyone
            if lengths(rules_of) in seen or fits(*lengths(rules_of)):
                continue
            seen.add(lengths(rules_of))
            if place.kind == "pool" or fits(*lengths(_before(old, pool.place, pool.own, group))):
                raise _no_length(rules_of, field)


def _before(old: RuleBook, place: Any, own: dict[str, Any], group: str) -> PoolRules:
    everyone = old.rules(place, own)
    return old.for_groups(everyone, place, {group}) if group else everyone


def _no_length(rules: PoolRules, field: str) -> Invalid:
    least, most, step = lengths(rules)
    return Invalid("no_length_fits", field=field, least=least, most=most, step=step)


def _random() -> int:
    return secrets.randbits(62)
