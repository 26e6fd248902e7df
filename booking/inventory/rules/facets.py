"""Narrowing a list of found pools by what was ticked, and how many each other tick would leave."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Paths = Mapping[str, tuple[str, ...]]  # category code -> codes from the top down to itself


@dataclass(frozen=True, slots=True)
class Match:
    """A found pool and what it can be narrowed by; `in_service`: it has a bookable unit."""

    pool_id: int
    category_code: str | None
    platform_id: int | None
    site_id: int
    institution_id: int
    in_service: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is ticked; within one facet any of its values will do, an empty one lets all pass."""

    categories: frozenset[str] = frozenset()
    platforms: frozenset[int] = frozenset()
    sites: frozenset[int] = frozenset()
    institutions: frozenset[int] = frozenset()
    in_service: bool = False

    @property
    def count(self) -> int:
        """Return how many ticks are set."""
        ticked = (self.categories, self.platforms, self.sites, self.institutions)
        return sum(map(len, ticked)) + self.in_service


@dataclass(slots=True)
class Facets:
    """For each value, how many pools stay if it is the only tick of its facet.

    Categories are counted on every level of their path.
    """

    categories: Counter[str] = field(default_factory=Counter)
    platforms: Counter[int] = field(default_factory=Counter)
    sites: Counter[int] = field(default_factory=Counter)
    institutions: Counter[int] = field(default_factory=Counter)
    in_service: int = 0


def paths(parents: Iterable[tuple[str, str | None]]) -> dict[str, tuple[str, ...]]:
    """Return each category's path from the top; a code among its own ancestors counts as top."""
    parent_of = dict(parents)
    found: dict[str, tuple[str, ...]] = {}
    for code in parent_of:
        path = [code]
        above = parent_of[code]
        while above is not None and above in parent_of and above not in path:
            path.append(above)
            above = parent_of[above]
        found[code] = tuple(reversed(path))
    return found


def most_specific(categories: frozenset[str], paths: Paths) -> frozenset[str]:
    """Return the ticked categories without those of which a part is ticked as well."""
    covered = {above for code in categories for above in paths.get(code, ())[:-1]}
    return categories - covered


def narrow(matches: Iterable[Match], chosen: Chosen, paths: Paths) -> tuple[list[Match], Facets]:
    """Return the matches that pass every facet, in order, and the counts for ticking on.

    A facet's counts leave its own ticks aside, so that another value can be judged before it is
    chosen.
    """
    wanted = most_specific(chosen.categories, paths)
    passed: list[Match] = []
    facets = Facets()
    for match in matches:
        path = paths.get(match.category_code or "", ())
        failed = []
        if wanted and wanted.isdisjoint(path):
            failed.append("categories")
        if chosen.platforms and match.platform_id not in chosen.platforms:
            failed.append("platforms")
        if chosen.sites and match.site_id not in chosen.sites:
            failed.append("sites")
        if chosen.institutions and match.institution_id not in chosen.institutions:
            failed.append("institutions")
        if chosen.in_service and not match.in_service:
            failed.append("in_service")
        if not failed:
            passed.append(match)
        if len(failed) <= 1:
            _count(facets, match, path, failed[0] if failed else None)
    return passed, facets


def _count(facets: Facets, match: Match, path: tuple[str, ...], only: str | None) -> None:
    """Count a match in every facet, or in the `only` one whose ticks shut it out."""
    if only in (None, "categories"):
        facets.categories.update(path)
    if only in (None, "platforms") and match.platform_id is not None:
        facets.platforms[match.platform_id] += 1
    if only in (None, "sites"):
        facets.sites[match.site_id] += 1
    if only in (None, "institutions"):
        facets.institutions[match.institution_id] += 1
    if only in (None, "in_service"):
        facets.in_service += match.in_service
