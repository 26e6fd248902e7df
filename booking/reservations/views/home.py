"""The first page of who is signed in: what to do now, what comes, what is at hand."""

from datetime import datetime

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.help.queries import tour_to_show
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.cards import PoolCard, cards
from booking.notices.queries import notices_at_hand
from booking.reservations.models import WaitlistEntry
from booking.reservations.queries.at_hand import colleagues_pools, favourite_pools, recent_pools
from booking.reservations.queries.draw_entries import visible_draw_entries
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.lists import Listing, visible_list
from booking.reservations.queries.named import named_in_order
from booking.reservations.queries.steps import turns_shown
from booking.reservations.queries.waiting import events_of, offers_of, visible_waiting
from booking.reservations.rules.waiting import QUEUED
from booking.reservations.views.draw_lines import DrawLine, draw_line
from booking.reservations.views.home_lines import Coming, coming_line, learning, waiting_for
from booking.reservations.views.waiting_lines import Line, line_of
from booking.web import login
from booking.web.shell import NavItem, nav_item
from booking.web.tour_words import tour_words

SHOWN = 6  # of each list


def nav(_actor: Actor) -> list[NavItem]:
    """Return the first page's entry of the main navigation."""
    return [nav_item(_("Home"), "shell.home", "house")]


def home() -> str:
    """Show the first page. The same number of queries whatever there is."""
    actor, now, session = login.actor(), clock.now(), db.session()
    favourites = favourite_pools(session, actor, SHOWN, now)
    recent = recent_pools(session, actor, SHOWN, now)
    uses = dict(colleagues_pools(session, actor, SHOWN, now))
    at_hand = _cards(session, actor, [*favourites, *recent, *uses], now)
    waiting = _waiting(session, actor, now)
    coming, decides = _coming(session, actor, now), waiting_for(session, actor, now)
    pools = [*at_hand, *(line.pool_id for line in coming)]
    first_day = not (coming or recent or waiting or decides)
    tour = tour_to_show(session, actor)
    notices, unread = notices_at_hand(session, actor, pools, now)
    return render_template(
        "reservations/home.html", now=now, coming=coming, notices=notices, unread=unread,
        offers=[one for one in waiting if one.state == "offered"],
        waiting=[one for one in waiting if one.state == "waiting"],
        draws=_draws(session, actor, now),
        decides=decides,
        learning=learning(session, actor.user_id, now),
        favourites=[at_hand[key] for key in favourites],
        recent=[at_hand[key] for key in recent if key not in favourites],
        suggested=[(at_hand[key], count) for key, count in uses.items() if key not in favourites],
        first_day=first_day, tour=tour_words(tour) if tour and not first_day else None,
    )  # fmt: skip


def _cards(
    session: Session, actor: Actor, pool_ids: list[int], now: datetime
) -> dict[int, PoolCard]:
    """Return the cards of pools by id. Two queries."""
    found = cards(session, actor, list(dict.fromkeys(pool_ids)), now)
    return {card.pool_id: card for card in found}


def _coming(session: Session, actor: Actor, now: datetime) -> list[Coming]:
    """Return the reader's next six agreed and six undecided, by start. Five queries."""
    ids: list[int] = []
    for tab in ("coming", "pending"):
        ids += session.scalars(visible_list(actor, Listing(tab=tab), now).limit(SHOWN))
    found = sorted(named_in_order(session, ids), key=lambda one: (one.row.start_at, one.row.id))
    turns = turns_shown(session, ids)
    pools = pool_facts(session, sorted({one.row.pool_id for one in found}))
    return [coming_line(one, pools[one.row.pool_id], turns.get(one.row.id), now) for one in found]


def _waiting(session: Session, actor: Actor, now: datetime) -> list[Line]:
    """Return what the reader waits for, offers first. Three queries."""
    query = visible_waiting(actor, mine=True).where(WaitlistEntry.state.in_(QUEUED))
    rows = session.execute(query.limit(SHOWN * 2)).all()
    entries = [row.WaitlistEntry for row in rows]
    offers, events = offers_of(session, entries), events_of(session, [e.id for e in entries])
    return [line_of(r, offers.get(e.id), events.get(e.id, []), now)
            for r, e in zip(rows, entries, strict=True)]  # fmt: skip


def _draws(session: Session, actor: Actor, now: datetime) -> list[DrawLine]:
    """Return the reader's requests that are not drawn yet. One query."""
    query = visible_draw_entries(actor, state="waiting", mine=True)
    return [draw_line(row, now) for row in session.execute(query.limit(SHOWN))]
