"""In whose name somebody with several places books: chosen in the header, kept for the session."""

from dataclasses import dataclass

from flask import has_request_context, session

from booking.core.actor import Actor, Party
from booking.infra.db import db
from booking.reservations.queries.asking import Booker
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.people import PartyName, party_names
from booking.web.locale import named

KEPT = "party"  # field of the cookie


@dataclass(frozen=True, slots=True)
class PartyChoice:
    """One of the reader's companies and institutions, as the header offers it."""

    value: str
    label: str
    chosen: bool


def acting(actor: Actor) -> Party | None:
    """Return the party chosen, else the only one; None while there is a choice to make."""
    kept = session.get(KEPT) if has_request_context() else None
    chosen = next((party for party in actor.parties if value_of(party) == kept), None)
    return chosen or (actor.parties[0] if len(actor.parties) == 1 else None)


def own(actor: Actor, pool: PoolFacts) -> bool:
    """Return whether shared hours do not bind the actor; an operator books for those they bind."""
    return pool.institution_id in actor.institution_ids or pool.lab_id in actor.labs


def booker(actor: Actor, pool: PoolFacts) -> Booker:
    """Return the actor as they would book the pool, before they have said for whom."""
    return Booker(actor.user_id, acting(actor), own(actor, pool))


def choose(actor: Actor, value: str) -> bool:
    """Keep the choice; return False, and keep nothing, for what is none of the actor's."""
    known = value in {value_of(party) for party in actor.parties}
    if known:
        session[KEPT] = value
    return known


def choices(actor: Actor) -> list[PartyChoice]:
    """Return what there is to choose from; nothing where there is no choice. Two queries."""
    if len(actor.parties) < 2:
        return []
    now = acting(actor)
    return [
        PartyChoice(value_of(party), named(*row.names), party == now)
        for party, row in zip(actor.parties, party_names(db.session(), actor.parties), strict=True)
    ]


def value_of(party: Party | PartyName) -> str:
    """Return a party as forms name it: company:<id> or institution:<id>."""
    if party.company_id is not None:
        return f"company:{party.company_id}"
    return f"institution:{party.institution_id}"
