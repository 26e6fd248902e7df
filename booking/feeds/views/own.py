"""A person's own feeds: made, shown once, renewed, revoked."""

from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.queries.zones import home_zone
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.feeds.forms.feeds import DETAIL_LABELS, FeedForm
from booking.feeds.queries.feeds import ListedFeed, require_scope, visible_feeds
from booking.feeds.rules.scopes import UNIT, Scope, may_read, scope_of, scopes_of
from booking.feeds.services.feeds import make_feed, renew_feed, revoke_feed
from booking.feeds.views.base import blueprint
from booking.feeds.views.words import scope_text
from booking.infra import clock
from booking.infra.db import db
from booking.web.access import signed_in
from booking.web.links import public_url
from booking.web.login import actor
from booking.web.proof import freshly_proven
from booking.web.saving import form_page, run, saved, told


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a feed, shown this once: as it is, and as calendars take it over."""

    url: str
    webcal: str
    free_busy: str


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed as the list shows it."""

    id: int
    what: str
    detail: str
    renewed_at: datetime
    works: bool  # its owner may still read what it is of


@blueprint.route("/account/calendars", methods=["GET", "POST"])
@freshly_proven
def mine() -> tuple[str, int]:
    """List the person's feeds and make one; its address is shown in the answer, this once."""
    form = FeedForm()
    form.offer(_offered(actor()))
    made = None
    if form.validate_on_submit():
        made = saved(form, lambda s, who, now: make_feed(
            s, who, form.chosen, str(form.detail.data), now))  # fmt: skip
    return _page(form, made)


@blueprint.post("/account/calendars/<int:feed_id>/renew")
@freshly_proven
def renew(feed_id: int) -> tuple[str, int]:
    """Give a feed a new address, shown in the answer, this once; the old one stops working."""
    made = run(lambda s, who, now: renew_feed(s, who, feed_id, now))
    form = FeedForm(formdata=None)
    form.offer(_offered(actor()))
    return _page(form, made)


@blueprint.post("/account/calendars/<int:feed_id>/revoke")
@signed_in
def revoke(feed_id: int) -> Response:
    """End a feed: programs that fetch it get nothing more."""
    return told(
        lambda s, who, now: revoke_feed(s, who, feed_id, now),
        _("The calendar's address works no more."), url_for("feeds.mine"),
    )  # fmt: skip


def address_of(secret: str) -> Address:
    """Return the addresses of a feed."""
    url = public_url(url_for("feeds.feed", secret=secret))
    return Address(
        url, f"webcal:{url.partition(':')[2]}",
        public_url(url_for("feeds.free_busy", secret=secret)),
    )  # fmt: skip


def _page(form: FeedForm, made: str | None) -> tuple[str, int]:
    session, who = db.session(), actor()
    lines = [_line(each, who) for each in visible_feeds(session, who)]
    return form_page(
        "feeds/mine.html", form, feeds=lines, made=address_of(made) if made else None,
        zone=home_zone(session), details=DETAIL_LABELS,
        server=public_url(url_for("feeds.principal")),
    )  # fmt: skip


def _line(feed: ListedFeed, who: Actor) -> FeedLine:
    what = scope_text(feed.scope, feed.names)
    return FeedLine(feed.id, what, feed.detail, feed.renewed_at, may_read(who, feed.scope))


def _offered(who: Actor) -> dict[str, str]:
    """Return the calendars the person may make a feed of; a unit's when the address names it."""
    scopes = scopes_of(who)
    asked = scope_of(request.values.get("scope", ""))
    if asked is not None and asked.kind == UNIT and may_read(who, asked):
        scopes = [asked, *scopes]
    elif asked in scopes:
        scopes = [asked, *(scope for scope in scopes if scope != asked)]
    return {scope.name: label for scope in scopes if (label := _label(who, scope))}


def _label(who: Actor, scope: Scope) -> str:
    """Return what it is called, nothing for what is not there or not the person's to see."""
    try:
        names = require_scope(db.session(), who, scope, clock.now())
    except NotFound:
        return ""
    return scope_text(scope, names)
