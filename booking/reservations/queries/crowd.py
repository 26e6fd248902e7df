"""The groups and qualifications of many people at once: a query a kind, however many."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Company
from booking.policies.models import PersonTag, Qualification
from booking.policies.rules.levels import counted
from booking.policies.rules.proposal import Qualified
from booking.policies.rules.tree import Place


class Crowd:
    """Everybody of some reservations: rows with user_id, company_id and institution_id.

    Only groups of `kinds` are read; qualifications also with `levels`.
    """

    def __init__(
        self, session: Session, kinds: frozenset[str], rows: Sequence[Any], *, levels: bool
    ) -> None:
        self._tiers: dict[int, str] = {}
        self._tags: dict[int, list[tuple[int, str]]] = {}
        self._levels: dict[int, list[Any]] = {}
        self._kinds = kinds
        users = sorted({row.user_id for row in rows if row.user_id})
        companies = sorted({row.company_id for row in rows if row.company_id})
        if "tier" in kinds and companies:
            tiers = select(Company.id, Company.price_tier).where(Company.id.in_(companies))
            self._tiers = {row.id: row.price_tier for row in session.execute(tiers)}
        if "tag" in kinds and users:
            tags = select(PersonTag.user_id, PersonTag.lab_key, PersonTag.tag)
            for user, lab, tag in session.execute(tags.where(PersonTag.user_id.in_(users))):
                self._tags.setdefault(user, []).append((lab, tag))
        if (levels or "level" in kinds) and users:
            query = select(Qualification).where(Qualification.user_id.in_(users))
            for found in session.scalars(query.where(Qualification.revoked_at.is_(None))):
                self._levels.setdefault(found.user_id, []).append(found)

    def groups(self, row: Any, place: Place) -> frozenset[str]:
        """Return the groups of a reservation's person at a pool, of the kinds asked for."""
        if not self._kinds:
            return frozenset()
        found = set()
        if row.company_id:
            found |= {f"company:{row.company_id}", f"tier:{self._tiers.get(row.company_id)}"}
        if row.institution_id:
            found.add(f"institution:{row.institution_id}")
        for lab, tag in self._tags.get(row.user_id, ()):
            if lab in (0, place.lab_id):
                found.add(f"tag:{tag}")
        if "level" in self._kinds:
            found.add(f"level:{max((q.level for q in self.qualified(row, place)), default=0)}")
        return frozenset(found)

    def qualified(self, row: Any, place: Place) -> tuple[Qualified, ...]:
        """Return the qualifications a reservation's person has for the pool, valid or over."""
        return counted(place, self._levels.get(row.user_id, ()))
