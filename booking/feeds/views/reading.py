"""The feeds themselves, for programs that know the secret, and the file of one reservation."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Response, current_app, request
from flask_babel import force_locale
from flask_babel import gettext as _

from booking.accounts.queries.signing_in import SignedIn
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.period import Period, intersect, merge
from booking.feeds.models import CalendarFeed
from booking.feeds.queries.entries import Block, Line, blocks_of, lines_of, visible_lines
from booking.feeds.queries.feeds import feed_by_token, require_scope
from booking.feeds.rules.scopes import (
    BUSY,
    DAYS_BACK,
    EVERY_MINUTES,
    MOST_ENTRIES,
    UNIT,
    Scope,
    span,
)
from booking.feeds.views import words
from booking.feeds.views.base import blueprint
from booking.infra import clock, ics
from booking.infra.db import db
from booking.infra.storage.names import disposition
from booking.reservations.queries.named import visible_named
from booking.web import calendars, limits, locale, login
from booking.web.access import signed_in

ADDRESS = "/feeds/<secret>"


@dataclass(frozen=True, slots=True)
class Content:
    """What a feed holds now, before it is written."""

    during: Period
    lines: list[Line]
    blocks: list[Block]
    more: bool
    names: tuple[str, str]


@blueprint.get(f"{ADDRESS}.ics")
def feed(secret: str) -> Response:
    """Answer a feed as its owner may read it at this moment; 304 when nothing has changed."""
    row, owner, actor = _owned(secret)
    with force_locale(language(owner)):
        content = _content(row, actor)
        return _tagged(_written(row, actor, content), content)


@blueprint.get(f"{ADDRESS}.ifb")
def free_busy(secret: str) -> Response:
    """Answer the same times as one VFREEBUSY, for programs that plan meetings; no names."""
    row, _owner, actor = _owned(secret)
    content = _content(row, actor)
    times = [each.found.period for each in content.lines] + [b.period for b in content.blocks]
    busy = intersect(merge(times), [content.during])
    # As of this day: a tag is of nothing that passes by itself.
    uid, stamp = calendars.uid_of(f"feed-{row.id}"), content.during.start + timedelta(DAYS_BACK)
    body = ics.free_busy(uid, busy, content.during, calendars.organizer(), stamp)
    return _tagged(body, content)


@blueprint.get("/reservations/<int:reservation_id>/calendar.ics")
@signed_in
def one(reservation_id: int) -> Response:
    """Answer one reservation for the reader's calendar: a request, or its cancellation."""
    actor, now, session = login.actor(), clock.now(), db.session()
    line = lines_of(session, [visible_named(session, actor, reservation_id)])[0]
    entry = words.entry_of(line, actor)
    method = ics.CANCEL if entry.cancelled else ics.REQUEST
    # Whoever opens it puts it in their own calendar.
    here = login.here()
    invited = replace(entry, attendee=here.email, attendee_name=here.name)
    content = ics.message(invited, method, now)
    answer = Response(content, content_type=f"{ics.CONTENT_TYPE}; method={method}")
    answer.headers["Content-Disposition"] = disposition(f"{line.found.row.reference}.ics")
    return answer


def _owned(secret: str) -> tuple[CalendarFeed, SignedIn, Actor]:
    """Return the feed, its owner and what they are at this moment. Raises NotFound, TooMany."""
    found = feed_by_token(db.session(), secret)
    if found is None:
        limits.count_wrong_feed()
        raise NotFound("calendar")
    row, owner = found
    limits.count_feed(row.id)
    return row, owner, login.build_actor(owner)


def language(owner: SignedIn) -> str:
    """Return the owner's choice, else the park's: not that of the program that fetches."""
    chosen = owner.locale or ""
    return chosen if chosen in locale.LOCALES else str(current_app.config["DEFAULT_LOCALE"])


def _content(row: CalendarFeed, actor: Actor) -> Content:
    session, now = db.session(), clock.now()
    scope, during = Scope(row.kind, row.subject_id), span(now)
    names = require_scope(session, actor, scope, now)
    if scope.kind != UNIT or row.detail != BUSY:
        lines, more = visible_lines(session, actor, scope, during, now)
    else:
        lines, more = [], False  # what holds it says all there is to say
    blocks = blocks_of(session, scope.id or 0, during) if scope.kind == UNIT else []
    return Content(during, lines, blocks, more, names)


def _written(row: CalendarFeed, actor: Actor, content: Content) -> bytes:
    if row.detail == BUSY:
        entries = words.busy_entries(content.lines)
    else:
        entries = [words.entry_of(line, actor) for line in content.lines]
    known = frozenset(line.found.row.id for line in content.lines)
    entries += words.block_entries(content.blocks, known)
    note = _("Only the first %(count)s entries are in this calendar.", count=MOST_ENTRIES)
    about = ics.Subscription(
        words.scope_text(Scope(row.kind, row.subject_id), content.names),
        note if content.more else "", EVERY_MINUTES,
    )  # fmt: skip
    return ics.publish(entries, clock.now(), about)


def tag_of(body: bytes) -> str:
    """Return the tag of what is written: the same for the same, in every process."""
    return hashlib.sha256(body).hexdigest()[:32]


def _tagged(body: bytes, content: Content) -> Response:
    """Return the answer with its tag and date, or 304.

    The date is of the last change of an entry, and of this hour at least: what leaves a calendar
    leaves no date behind.
    """
    now = clock.now()
    dates = [line.changed_at for line in content.lines] + [_hour(now)]
    answer = Response(body, content_type=ics.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = disposition("calendar.ics")
    answer.set_etag(tag_of(body))
    answer.last_modified = min(max(dates), now)
    return answer.make_conditional(request)  # type: ignore[return-value]


def _hour(now: datetime) -> datetime:
    return now - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
