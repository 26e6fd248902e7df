"""A read-only CalDAV collection (RFC 4791): what telephones subscribe to by themselves.

All below /caldav/ is of the person whose API token is the password: others have no address here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps

from flask import Response, redirect, request, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response as Answer

from booking.accounts.queries.signing_in import SignedIn
from booking.core.actor import Actor
from booking.core.errors import Forbidden, Invalid, NotFound
from booking.core.period import Period, intersect
from booking.feeds.queries.entries import Line, visible_line, visible_lines
from booking.feeds.queries.feeds import require_scope
from booking.feeds.rules.scopes import Scope, scope_of, scopes_of, span
from booking.feeds.views import words
from booking.feeds.views.base import blueprint
from booking.feeds.views.dav_xml import (
    CS,
    Element,
    Properties,
    asked,
    by_name,
    cal,
    dav,
    leaf,
    multistatus,
    node,
    wanted,
    xml,
)
from booking.feeds.views.reading import language, tag_of
from booking.infra import clock, ics
from booking.infra.db import db
from booking.infra.storage.names import disposition
from booking.web import limits, login
from booking.web.links import public_url

MOST_ASKED = 1000  # entries in one multiget
METHODS = ["OPTIONS", "PROPFIND", "REPORT", "GET"]
SCOPES = frozenset({"calendar", "read"})  # of a token, either of which will do
CTAG = f"{{{CS}}}getctag"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks."""

    person: SignedIn
    actor: Actor


def _for_token(view: Callable[..., Response]) -> Callable[..., Response]:
    """Return the view for whoever is proven by their address and a token; others are asked."""

    @wraps(view)
    def guarded(**arguments: str) -> Response:
        if request.method == "OPTIONS":
            return _told(Response())
        reader = _reader()
        if reader is None:
            answer = Response(status=401)
            answer.headers["WWW-Authenticate"] = 'Basic realm="CalDAV", charset="UTF-8"'
            return answer
        with force_locale(language(reader.person)):
            return _told(view(reader, **arguments))

    return guarded


@blueprint.route("/.well-known/caldav", methods=["GET", "PROPFIND"])
def well_known() -> Answer:
    """Lead to the collection (RFC 6764)."""
    return redirect(url_for("feeds.principal"), 301)


@blueprint.route("/caldav/", methods=METHODS)
@_for_token
def principal(reader: Reader) -> Response:
    """Tell of the person: where their calendars are."""
    kinds = node(dav("resourcetype"), leaf(dav("collection")), leaf(dav("principal")))
    name = leaf(dav("displayname"), reader.person.name)
    where = node(cal("calendar-home-set"), leaf(dav("href"), url_for("feeds.home")))
    return multistatus([(url_for("feeds.principal"), by_name(kinds, name, where, *_owner()))])


@blueprint.route("/caldav/calendars/", methods=METHODS)
@_for_token
def home(reader: Reader) -> Response:
    """Tell of the person's calendars: their own, their companies' and labs'."""
    kinds = node(dav("resourcetype"), leaf(dav("collection")))
    found = [(url_for("feeds.home"), by_name(kinds, *_owner()))]
    if _is_deep():
        found += [
            (url_for("feeds.collection", name=scope.name), _of_collection(reader, scope))
            for scope in scopes_of(reader.actor)
        ]
    return multistatus(found)


@blueprint.route("/caldav/calendars/<name>/", methods=METHODS)
@_for_token
def collection(reader: Reader, name: str) -> Response:
    """Tell of one calendar, and of its entries as far as they are asked for."""
    scope = _scope(reader, name)
    if request.method == "REPORT":
        return _report(reader, scope)
    found = [(url_for("feeds.collection", name=name), _of_collection(reader, scope))]
    if _is_deep():
        found += [(_href(scope, line), _of_entry(reader, line)) for line in _lines(reader, scope)]
    return multistatus(found)


@blueprint.route("/caldav/calendars/<name>/<reference>.ics", methods=METHODS)
@_for_token
def resource(reader: Reader, name: str, reference: str) -> Response:
    """Answer one entry."""
    scope = _scope(reader, name)
    line = visible_line(db.session(), reader.actor, scope, reference, clock.now())
    if line is None:
        raise NotFound("calendar")
    if request.method not in ("GET", "HEAD"):
        return multistatus([(_href(scope, line), _of_entry(reader, line))])
    body = _content(reader, line)
    answer = Response(body, content_type=ics.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = disposition(f"{reference}.ics")
    answer.set_etag(tag_of(body))
    return answer.make_conditional(request)  # type: ignore[return-value]


def _reader() -> Reader | None:
    """Return who is proven by address and token. Raises TooMany, Forbidden("consent_required")."""
    given = request.authorization
    if given is None or given.type != "basic" or not given.password:
        return None
    person = login.by_token(given.password)
    fits = person is not None and person.email == (given.username or "").strip().lower()
    if person is None or not fits or not SCOPES & (person.scopes or frozenset()):
        login.as_nobody()
        limits.count_wrong_token()
        return None
    limits.count_api_call(person.token_id or 0, person.user_id)
    if person.must_agree:
        raise Forbidden("consent_required", limit=public_url(url_for("privacy.policy")))
    return Reader(person, login.actor())


def _told(answer: Response) -> Response:
    answer.headers["DAV"] = "1, calendar-access"
    if request.method == "OPTIONS":
        answer.headers["Allow"] = ", ".join([*METHODS, "HEAD"])
    return answer


def _is_deep() -> bool:
    return request.headers.get("Depth", "0") != "0"


def _scope(reader: Reader, name: str) -> Scope:
    """Return the calendar of that name. Raises NotFound unless it is the reader's now."""
    scope = scope_of(name)
    if scope is None or scope not in scopes_of(reader.actor):
        raise NotFound("calendar")
    return scope


def _lines(reader: Reader, scope: Scope, during: Period | None = None) -> list[Line]:
    now = clock.now()
    bounds = intersect([during], [span(now)]) if during else [span(now)]
    if not bounds:
        return []
    return visible_lines(db.session(), reader.actor, scope, bounds[0], now)[0]


def _report(reader: Reader, scope: Scope) -> Response:
    """Answer a query by time, or for entries by address; no other report is known here."""
    body = asked()
    kind = body.tag if body is not None else ""
    if body is not None and kind == cal("calendar-multiget"):
        known = {_href(scope, line): line for line in _lines(reader, scope)}
        names = [(each.text or "").strip() for each in body.findall(dav("href"))[:MOST_ASKED]]
        return multistatus(
            [(n, _of_entry(reader, known[n]) if n in known else None) for n in names]
        )
    if body is not None and kind == cal("calendar-query"):
        lines = _lines(reader, scope, _asked_time(body))
        return multistatus([(_href(scope, line), _of_entry(reader, line)) for line in lines])
    return xml(node(dav("error"), leaf(dav("supported-report"))), 403)


def _asked_time(body: Element) -> Period | None:
    """Return the time a query is of, None for any. Raises Invalid."""
    told = body.find(f".//{cal('time-range')}")
    if told is None:
        return None
    bounds = span(clock.now())
    edges = []
    try:
        for name, edge in (("start", bounds.start), ("end", bounds.end)):
            text = told.get(name)
            moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if text else edge
            edges.append(moment)
        return Period(*edges)
    except ValueError:
        raise Invalid("invalid", field="time-range") from None


def _of_collection(reader: Reader, scope: Scope) -> Properties:
    names = require_scope(db.session(), reader.actor, scope, clock.now())
    component = leaf(cal("comp"))
    component.set("name", "VEVENT")
    reports = [
        node(dav("supported-report"), node(dav("report"), leaf(cal(name))))
        for name in ("calendar-query", "calendar-multiget")
    ]
    found = by_name(
        node(dav("resourcetype"), leaf(dav("collection")), leaf(cal("calendar"))),
        leaf(dav("displayname"), words.scope_text(scope, names)),
        node(cal("supported-calendar-component-set"), component),
        node(dav("supported-report-set"), *reports),
        *_owner(),
    )
    if CTAG in (wanted() or ()):  # it takes reading the calendar
        bodies = [_content(reader, line) for line in _lines(reader, scope)]
        found |= by_name(leaf(CTAG, tag_of(b"".join(bodies))))
    return found


def _of_entry(reader: Reader, line: Line) -> Properties:
    body = _content(reader, line)
    return by_name(
        leaf(dav("resourcetype")),
        leaf(dav("getetag"), f'"{tag_of(body)}"'),
        leaf(dav("getcontenttype"), "text/calendar; charset=utf-8; component=vevent"),
        leaf(cal("calendar-data"), body.decode()),
    )


def _owner() -> list[Element]:
    own = url_for("feeds.principal")
    names = ("current-user-principal", "principal-URL", "owner")
    rights = node(dav("current-user-privilege-set"), node(dav("privilege"), leaf(dav("read"))))
    return [*(node(dav(name), leaf(dav("href"), own)) for name in names), rights]


def _href(scope: Scope, line: Line) -> str:
    return url_for("feeds.resource", name=scope.name, reference=line.found.row.reference)


def _content(reader: Reader, line: Line) -> bytes:
    return ics.resource(words.entry_of(line, reader.actor), clock.now())
