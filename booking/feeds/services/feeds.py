"""A person's own feeds: made, given a new address, revoked."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.feeds.models import CalendarFeed
from booking.feeds.queries.feeds import own_feeds, require_scope
from booking.feeds.rules.scopes import DETAILS, MOST_FEEDS, Scope
from booking.infra.secret import new_token, token_hash


def make_feed(session: Session, actor: Actor, scope: Scope, detail: str, now: datetime) -> str:
    """Return the secret of a new feed, shown this once.

    Raises NotFound for a calendar that is not the actor's to read, Invalid on detail,
    WrongState("too_many_feeds").
    """
    require_scope(session, actor, scope, now)
    if detail not in DETAILS:
        raise Invalid("unknown_choice", field="detail", actual=detail)
    # The person's row keeps two that come at once apart.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update()).one()
    count = session.scalar(select(func.count(CalendarFeed.id)).where(own_feeds(actor))) or 0
    if count >= MOST_FEEDS:
        raise WrongState("too_many_feeds", limit=MOST_FEEDS)
    token = new_token()
    feed = CalendarFeed(
        user_id=actor.user_id, kind=scope.kind, subject_id=scope.id, detail=detail,
        token_hash=token_hash(token), created_at=now, renewed_at=now,
    )  # fmt: skip
    session.add(feed)
    session.flush()
    told = {"feed": feed.id, "calendar": scope.name, "detail": detail}
    record(session, actor, "feed.make", ("user", actor.user_id), now, after=told)
    return token


def renew_feed(session: Session, actor: Actor, feed_id: int, now: datetime) -> str:
    """Return a new secret for a feed; its old address stops working. Raises NotFound."""
    feed = _own(session, actor, feed_id)
    require_scope(session, actor, Scope(feed.kind, feed.subject_id), now)
    token = new_token()
    feed.token_hash, feed.renewed_at = token_hash(token), now
    record(session, actor, "feed.renew", ("user", actor.user_id), now, after={"feed": feed.id})
    return token


def revoke_feed(session: Session, actor: Actor, feed_id: int, now: datetime) -> None:
    """End a feed: its address answers no more. Raises NotFound."""
    feed = _own(session, actor, feed_id)
    feed.revoked_at = now
    record(session, actor, "feed.revoke", ("user", actor.user_id), now, after={"feed": feed.id})


def _own(session: Session, actor: Actor, feed_id: int) -> CalendarFeed:
    feed = session.scalars(
        select(CalendarFeed).where(CalendarFeed.id == feed_id, own_feeds(actor)).with_for_update()
    ).one_or_none()
    if feed is None:
        raise NotFound("calendar")
    return feed
