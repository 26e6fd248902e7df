"""Which value of a rule holds: the nearest of the tree, and among a person's groups the strictest.

unit → pool → lab → category → site → park → default (DESIGN §6).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from booking.policies.rules.notices import MustRead
from booking.policies.rules.questions import Asking, ToAccept
from booking.policies.rules.quotas import Quota, member_cap
from booking.policies.rules.registry import BY_NAME
from booking.policies.rules.values import PoolRules, Rule

NOTHING_ASKED: Mapping[int, Asking] = MappingProxyType({})
NO_CAPS: Mapping[tuple[int, int], int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SetValue:
    """A value set at one place; `group` is empty or like `company:7`; `grants`: it may loosen."""

    scope: tuple[str, str]  # kind, key
    rule: str
    value: Any
    group: str = ""
    grants: bool = False


class OfPlace(Protocol):
    """Whatever is for a pool or a class."""

    @property
    def pool_id(self) -> int | None: ...
    @property
    def category_code(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a lab accepts elsewhere's qualification for: a pool or class, up to a level.

    `for_pool_id`: only at that pool of the lab; None: at all of them.
    """

    lab_id: int
    for_pool_id: int | None
    pool_id: int | None
    category_code: str | None
    most_level: int

    def is_of(self, held: OfPlace) -> bool:
        """Return whether a qualification is what is accepted."""
        if self.pool_id is not None:
            return held.pool_id == self.pool_id
        return held.category_code == self.category_code


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pool stands in the tree; `categories` from its own class up to the top.

    `accepts`: the qualifications of elsewhere that count here.
    """

    pool_id: int
    lab_id: int
    site_id: int
    categories: tuple[str, ...] = ()
    accepts: tuple[Accepted, ...] = ()

    @property
    def scopes(self) -> tuple[tuple[str, str], ...]:
        """Return its scopes, nearest first."""
        classes = tuple(("category", code) for code in self.categories)
        return (
            ("pool", str(self.pool_id)), ("lab", str(self.lab_id)), *classes,
            ("site", str(self.site_id)), ("park", ""),
        )  # fmt: skip


class RuleBook:
    """Every value set in the park, laid out for look-ups. Immutable; one for each edition."""

    def __init__(
        self,
        values: Iterable[SetValue],
        defaults: PoolRules,
        parents: Mapping[str, str | None],
        quotas: Iterable[Quota] = (),
        agreements: Iterable[ToAccept] = (),
        asked: Mapping[int, Asking] = NOTHING_ASKED,
        accepted: Iterable[Accepted] = (),
        caps: Mapping[tuple[int, int], int] = NO_CAPS,
        must_reads: Iterable[MustRead] = (),
    ) -> None:
        """Keep `values`; `parents` maps a category code to the one above.

        `caps`: (person, company) -> minutes a month that the company lets the person book.
        """
        self._caps = caps
        self.defaults = defaults
        self._parents = parents
        self._common: dict[tuple[str, str], dict[str, Any]] = {}
        self._grouped: dict[tuple[str, str], list[SetValue]] = {}
        for value in values:
            if value.group:
                self._grouped.setdefault(value.scope, []).append(value)
            else:
                self._common.setdefault(value.scope, {})[value.rule] = value.value
        self._asked = asked
        self._accepted: dict[int, list[Accepted]] = {}
        for one in accepted:
            self._accepted.setdefault(one.lab_id, []).append(one)
        self._agreements: dict[tuple[str, str], ToAccept] = {a.scope: a for a in agreements}
        self._must_reads: dict[tuple[str, str], list[MustRead]] = {}
        for notice in must_reads:
            self._must_reads.setdefault(notice.scope, []).append(notice)
        self._quotas: dict[tuple[str, str], list[Quota]] = {}
        for quota in quotas:
            self._quotas.setdefault(quota.scope, []).append(quota)
        self._bases: dict[tuple[tuple[str, str], ...], PoolRules] = {}

    def place(self, pool_id: int, lab_id: int, site_id: int, category: str | None) -> Place:
        """Return a pool's place; a class that names itself as parent ends the way up."""
        chain: list[str] = []
        while category is not None and category not in chain:
            chain.append(category)
            category = self._parents.get(category)
        return Place(pool_id, lab_id, site_id, tuple(chain), self._accepts(pool_id, lab_id))

    def rules(self, place: Place, own: Mapping[str, Any]) -> PoolRules:
        """Return the rules for everyone; `own` are values set on the pool itself, by name."""
        base = self._base(place.scopes[1:])
        mine = {**own, **self._common.get(place.scopes[0], {})}
        if not mine:
            return base
        return replace(base, **{name: Rule(value, "pool") for name, value in mine.items()})

    def for_groups(self, rules: PoolRules, place: Place, groups: Collection[str]) -> PoolRules:
        """Return the rules for a person of these groups: the strictest, unless one grants.

        A group's value is read at the nearest place where that group has one.
        """
        changed: dict[str, Rule[Any]] = {}
        for name, values in self._of_groups(place, groups).items():
            kind = BY_NAME[name]
            everyone: Rule[Any] = getattr(rules, name)
            granted = [v for v in values if v.grants]
            bound = [Rule(v.value, v.scope[0], v.group) for v in granted or values]
            # A grant replaces what holds for everyone; another group's value can only tighten it.
            candidates = bound if granted else [everyone, *bound]
            pick = kind.loosest if granted else kind.strictest
            changed[name] = pick(candidates)
        return replace(rules, **changed) if changed else rules

    def group_kinds(self, place: Place) -> frozenset[str]:
        """Return the kinds of groups that have values or quotas of their own here."""
        found = {v.group for s in place.scopes for v in self._grouped.get(s, ())}
        found |= {quota.group for quota in self.quotas(place)}
        return frozenset(group.partition(":")[0] for group in found if group)

    def agreements(self, place: Place) -> tuple[ToAccept, ...]:
        """Return what must be accepted before booking here, nearest first."""
        if not self._agreements:
            return ()
        return tuple(self._agreements[s] for s in place.scopes if s in self._agreements)

    def must_reads(self, place: Place, now: datetime) -> tuple[MustRead, ...]:
        """Return the notices that must be read before booking here, nearest first."""
        if not self._must_reads:
            return ()
        found = (notice for s in place.scopes for notice in self._must_reads.get(s, ()))
        return tuple(notice for notice in found if notice.stands(now))

    def asks(self, pool_id: int) -> Asking | None:
        """Return the questions a pool asks at booking."""
        return self._asked.get(pool_id)

    @property
    def any_quota(self) -> bool:
        """Return whether a quota, or a company's cap, is set anywhere."""
        return bool(self._quotas or self._caps)

    def cap(self, person_id: int, company_id: int | None) -> Quota | None:
        """Return what a company lets one of its people book in a month, None: any amount."""
        minutes = self._caps.get((person_id, company_id or 0))
        return None if minutes is None else member_cap(company_id or 0, minutes)

    def quotas(self, place: Place) -> tuple[Quota, ...]:
        """Return the quotas set at a pool or above it, nearest first, for everyone or a group."""
        if not self._quotas:
            return ()
        return tuple(quota for scope in place.scopes for quota in self._quotas.get(scope, ()))

    def below(self, code: str) -> frozenset[str]:
        """Return a category's code and those below it."""
        chains = ({c, *self.place(0, 0, 0, c).categories} for c in self._parents)
        return frozenset(
            c for c, chain in zip(self._parents, chains, strict=True) if code in chain
        ) | {code}

    def setting(self, place: Place) -> tuple[tuple[str, str], ...]:
        """Return the places that set anything for a pool here: pools with the same share it all."""
        return tuple(scope for scope in place.scopes if self.sets(scope))

    def sets(self, scope: tuple[str, str]) -> bool:
        """Return whether a rule is set at this very place, for everyone or a group."""
        return scope in self._common or scope in self._grouped

    def origins(self, place: Place, name: str) -> Sequence[tuple[tuple[str, str], Any]]:
        """Return each place above the pool that sets `name`, nearest first."""
        found = ((s, self._common.get(s, {})) for s in place.scopes)
        return [(scope, values[name]) for scope, values in found if name in values]

    def _accepts(self, pool_id: int, lab_id: int) -> tuple[Accepted, ...]:
        if lab_id not in self._accepted:
            return ()
        return tuple(a for a in self._accepted[lab_id] if a.for_pool_id in (None, pool_id))

    def _base(self, scopes: tuple[tuple[str, str], ...]) -> PoolRules:
        known = self._bases.get(scopes)
        if known is None:
            found: dict[str, Rule[Any]] = {}
            for scope in scopes:
                for name, value in self._common.get(scope, {}).items():
                    found.setdefault(name, Rule(value, scope[0]))
            known = replace(self.defaults, **found) if found else self.defaults
            self._bases[scopes] = known
        return known

    def _of_groups(self, place: Place, groups: Collection[str]) -> dict[str, list[SetValue]]:
        found: dict[tuple[str, str], SetValue] = {}
        for scope in place.scopes:
            for value in self._grouped.get(scope, ()):
                if value.group in groups:
                    found.setdefault((value.rule, value.group), value)
        by_rule: dict[str, list[SetValue]] = {}
        for (name, _group), value in found.items():
            by_rule.setdefault(name, []).append(value)
        return by_rule
