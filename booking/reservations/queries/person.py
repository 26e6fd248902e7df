"""What the rules ask about a person: their groups, qualifications and other reservations.

Each is read once, and only when the first rule asks for it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from booking.companies.models import Company
from booking.core.actor import Party
from booking.core.period import Period
from booking.policies.models import Qualification
from booking.policies.queries.tags import tags_of
from booking.policies.rules.levels import counted
from booking.policies.rules.proposal import Own, Qualified
from booking.policies.rules.tree import Place
from booking.reservations.models import LIVE, Hold, Reservation, ReservationGroup

NOBODY = 0  # asks for everybody: no facts of a person are read
ANY_LEVEL = (Qualified(9),)


class PersonFacts:
    """One person's facts, as of `now`. Not kept beyond one question."""

    def __init__(self, session: Session, person_id: int, now: datetime) -> None:
        self._session, self._now = session, now
        self.person_id = person_id
        self._tiers: dict[int, str] = {}
        self._tags: dict[int, frozenset[str]] = {}

    def groups(self, party: Party | None, place: Place, kinds: frozenset[str]) -> frozenset[str]:
        """Return the person's groups of these kinds at a pool, for the party they book for."""
        found: set[str] = set()
        if party is not None and party.institution_id is not None:
            found.add(f"institution:{party.institution_id}")
        if party is not None and party.company_id is not None:
            found.add(f"company:{party.company_id}")
            if "tier" in kinds:
                found.add(f"tier:{self._tier(party.company_id)}")
        if self.person_id != NOBODY:
            if "tag" in kinds:
                found |= {f"tag:{tag}" for tag in self._tags_at(place.lab_id)}
            if "level" in kinds:
                found.add(f"level:{max((q.level for q in self.qualified(place)), default=0)}")
        return frozenset(found)

    def qualified(self, place: Place) -> tuple[Qualified, ...]:
        """Return the qualifications that hold now for a pool or its class. Nobody has them all."""
        if self.person_id == NOBODY:
            return ANY_LEVEL
        return counted(place, self._qualifications)

    def own(self, reach: Period, group_id: int | None = None) -> tuple[Own, ...]:
        """Return the live reservations that meet `reach`, and what changes of them ask for.

        The other parts of a bundle or chain `group_id` are left out: they are one with it.
        """
        if self.person_id == NOBODY:
            return ()
        others = _not_one_with(group_id)
        rows = self._session.execute(
            select(Reservation.id, Reservation.pool_id, Reservation.start_at, Reservation.end_at)
            .where(Reservation.user_id == self.person_id, Reservation.status.in_(LIVE), others)
            .where(Reservation.start_at < reach.end, Reservation.end_at > reach.start)
            .where(or_(Reservation.status != "pending", Reservation.decide_by > self._now))
            .order_by(Reservation.start_at, Reservation.id)
        )
        asked = self._session.execute(
            select(Reservation.id, Reservation.pool_id, Hold.start_at, Hold.end_at)
            .join(Hold, Hold.reservation_id == Reservation.id)
            .where(Hold.kind == "pending_move", Hold.released_at.is_(None))
            .where(Hold.expires_at > self._now, Reservation.user_id == self.person_id, others)
            .where(Hold.start_at < reach.end, Hold.end_at > reach.start)
            .order_by(Reservation.id)
        )
        return tuple(
            Own(number, pool, Period(start, end)) for number, pool, start, end in (*rows, *asked)
        )

    @cached_property
    def _qualifications(self) -> Sequence[Any]:
        return self._session.execute(
            select(
                Qualification.pool_id, Qualification.category_code, Qualification.level,
                Qualification.valid_until, Qualification.suspended_at,
            )
            .where(Qualification.user_id == self.person_id, Qualification.revoked_at.is_(None))
            # One that is suspended stands in the way of others for as long as it is.
            .where(
                or_(
                    Qualification.valid_until.is_(None), Qualification.valid_until > self._now,
                    Qualification.suspended_at.is_not(None),
                )
            )
            .order_by(Qualification.id)
        ).all()  # fmt: skip

    def _tier(self, company_id: int) -> str:
        if company_id not in self._tiers:
            tier = select(Company.price_tier).where(Company.id == company_id)
            self._tiers[company_id] = self._session.execute(tier).scalar_one()
        return self._tiers[company_id]

    def _tags_at(self, lab_id: int) -> frozenset[str]:
        if lab_id not in self._tags:
            self._tags[lab_id] = tags_of(self._session, self.person_id, lab_id)
        return self._tags[lab_id]


def _not_one_with(group_id: int | None) -> ColumnElement[bool]:
    if group_id is None:
        return true()
    # The days of a series are reservations like any others.
    whole = select(ReservationGroup.id).where(
        ReservationGroup.id == group_id, ReservationGroup.kind != "series"
    )
    return or_(Reservation.group_id.is_(None), Reservation.group_id.not_in(whole))
