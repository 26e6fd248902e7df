"""Whose a reservation becomes, and in which party's name."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import may
from booking.core.actor import Actor, Party
from booking.core.errors import Invalid
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.people import parties_for
from booking.reservations.rules.colleagues import companies_booked_for
from booking.reservations.rules.proposal import BookingRequest


def booker_for(
    session: Session, actor: Actor, pool: PoolFacts, request: BookingRequest, now: datetime
) -> tuple[int, Party]:
    """Return whose reservation it is and for which party. Raises Invalid."""
    person_id = request.on_behalf_of or actor.user_id
    if person_id != actor.user_id:
        if not may(actor, "reservation.for_other", pool.subject()):
            return person_id, _party_of_colleague(session, actor, pool, request, now)
        known = session.execute(
            select(User.id).where(User.id == person_id, User.retired_at.is_(None))
        ).scalar()
        if known is None:
            raise Invalid("unknown_person", field="on_behalf_of", actual=person_id)
    return person_id, _party(parties_for(session, actor, person_id, pool, now), request)


def _party_of_colleague(
    session: Session, actor: Actor, pool: PoolFacts, request: BookingRequest, now: datetime
) -> Party:
    """Return for which company `actor` books for a colleague. Raises Invalid, the same for all
    who are no colleagues and for all who are nobody.
    """
    person_id = request.on_behalf_of or 0
    query = select(User.id).where(User.id == person_id, User.retired_at.is_(None))
    known = session.execute(query).scalar() is not None
    parties = parties_for(session, actor, person_id, pool, now) if known else ()
    own = companies_booked_for(actor)
    common = tuple(
        party for party in parties
        if party.company_id in own and request.company_id in (None, party.company_id)
    )  # fmt: skip
    if not common:
        raise Invalid("not_for_others", field="on_behalf_of")
    return _party(common, request)


def _party(parties: tuple[Party, ...], request: BookingRequest) -> Party:
    if request.company_id is not None and request.institution_id is not None:
        raise Invalid("one_party", field="company_id")
    if request.company_id is None and request.institution_id is None:
        if len(parties) != 1:
            raise Invalid("party_needed", field="company_id")
        return parties[0]
    for party in parties:
        wanted = (request.company_id, request.institution_id)
        if (party.company_id, party.institution_id) == wanted:
            return party
    field = "company_id" if request.company_id is not None else "institution_id"
    raise Invalid("not_your_party", field=field)
