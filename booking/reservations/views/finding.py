"""Find a time: over all instruments, for those who care when rather than which."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.local import YEARS, local_text, midnight
from booking.feeds.queries.busy import visible_busy_times
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.zones import zone_for
from booking.inventory.rules.search import MOST_CHARACTERS, parse
from booking.reservations.queries.candidates import Looked, Offer, Where
from booking.reservations.queries.find import Found, Wanted, find
from booking.reservations.queries.fleet import with_parts
from booking.reservations.queries.named import pool_labels
from booking.reservations.queries.options import Choice, companions, sites
from booking.reservations.queries.together import MOST_TOGETHER
from booking.reservations.rules.finding import SOONEST, SORTS, Score, weekly
from booking.reservations.views.base import blueprint
from booking.reservations.views.found_chips import chips
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import DAY_NAMES, length_text, period_text
from booking.web.locale import current, named

LENGTHS = (30, 60, 90, 120, 180, 240, 360, 480, 720, 1440)
MOST_MINUTES = 7 * 24 * 60
USUAL, MOST_UNITS, SHOWN = 60, 200, 20


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, with what is meant where nothing was."""

    q: str
    category: str
    minutes: int
    quantity: int
    site: int | None
    day: str
    until: str
    weekdays: tuple[int, ...]
    day_from: str
    day_until: str
    together: tuple[int, ...]
    sort: str


@dataclass(frozen=True, slots=True)
class Line:
    """One offer in words, and where it is booked."""

    what: str
    where: str
    when: str
    url: str
    together: list[str]  # names of what is booked with it
    marks: Score | None
    busy: bool = False  # then, by the calendar the reader gave


class _UnfitError(ValueError):
    """What was typed cannot be looked for; the message says why."""


@blueprint.get("/find")
@signed_in
def find_time() -> str:
    """Offer times that could be booked at once; everything is in the address."""
    actor, now, session = login.actor(), clock.now(), db.session()
    form, problem, found = _form(), None, Found(())
    places, others = sites(session), companions(session, actor, now)
    try:
        wanted = _wanted(session, form, now)
        found = find(session, actor, wanted, SHOWN, now)
    except _UnfitError as unfit:
        problem = str(unfit)
    except NotFound:
        problem = _("This choice is not there any more.")
    return render_template(
        "reservations/find.html", form=form, problem=problem, found=found,
        lines=_lines(session, form, found, places, others),
        sites=places, companions=others, chips=chips(form),
        lengths=[(n, length_text(n)) for n in sorted({*LENGTHS, form.minutes})],
        days=list(enumerate(DAY_NAMES["en" if current() == "en" else "zh"], 1)),
        today=now.astimezone(zone_for(session, [])).date().isoformat(), most_units=MOST_UNITS,
    )  # fmt: skip


def _form() -> Form:
    given = request.args
    minutes, quantity = id_of(given.get("minutes")), id_of(given.get("quantity"))
    weekdays = (id_of(text) for text in given.getlist("weekday")[:7])
    together = (id_of(text) for text in given.getlist("together")[:MOST_TOGETHER])
    sort = given.get("sort", SOONEST)
    return Form(
        given.get("q", "")[:MOST_CHARACTERS], given.get("category", "")[:20],
        minutes if minutes and minutes <= MOST_MINUTES else USUAL,
        min(quantity or 1, MOST_UNITS), id_of(given.get("site")),
        given.get("day", "")[:10], given.get("until", "")[:10],
        tuple(sorted({day for day in weekdays if day and day < 8})),
        given.get("day_from", "")[:5], given.get("day_until", "")[:5],
        tuple(dict.fromkeys(pool for pool in together if pool)),
        sort if sort in SORTS else SOONEST,
    )  # fmt: skip


def _wanted(session: Session, form: Form, now: datetime) -> Wanted:
    zone = zone_for(session, [form.site] if form.site else [])
    first, until = _midnight(form.day, zone), _midnight(form.until, zone, after=1)
    if until is not None and until <= max(first or now, now):
        raise _UnfitError(_("The last day must not be before the first."))
    where = Where(
        categories=with_parts(session, form.category) if form.category else None,
        sites=[form.site] if form.site else None,
        words=parse(form.q).words,
    )
    length = timedelta(minutes=form.minutes)
    looked = Looked(length, form.quantity, max(first or now, now), until)
    hours = weekly(form.weekdays, _minute(form.day_from), _minute(form.day_until))
    return Wanted(where, looked, hours, form.together, form.sort, each=1)


def _midnight(text: str, zone: ZoneInfo, after: int = 0) -> datetime | None:
    """Return when a day begins, or one `after` it; None where none was typed."""
    if not text:
        return None
    try:
        day = datetime.fromisoformat(text).date() + timedelta(days=after)
    except ValueError:
        raise _UnfitError(_("This day cannot be read.")) from None
    if day.year not in YEARS:
        raise _UnfitError(_("This day cannot be read."))
    return midnight(day, zone)


def _minute(text: str) -> int | None:
    if not text:
        return None
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise _UnfitError(_("This time cannot be read.")) from None
    return at.hour * 60 + at.minute


def _lines(
    session: Session, form: Form, found: Found, places: list[Choice], others: list[Choice]
) -> list[Line]:
    labels = pool_labels(session, [offer.pool.pool_id for offer, _marks in found.offers])
    offered = [offer.slot.period for offer, _marks in found.offers]
    busy = visible_busy_times(session, login.actor(), offered)
    return [
        replace(
            _line(form, offer, marks, (places, others), labels[offer.pool.pool_id]),
            busy=any(offer.slot.period.overlaps(each) for each in busy),
        )
        for offer, marks in found.offers
    ]


def _line(
    form: Form,
    offer: Offer,
    marks: Score | None,
    choices: tuple[list[Choice], list[Choice]],
    label: tuple[str, tuple[str, str]],
) -> Line:
    places, others = choices
    pool, period = offer.pool, offer.slot.period
    start, end = local_text(period.start, pool.zone), local_text(period.end, pool.zone)
    site = next((place for place in places if place.id == pool.site_id), None)

    companions = [other for other, _unit in offer.together]
    url = url_for(
        "reservations.together" if companions else "reservations.new",
        pool_id=[pool.pool_id, *companions], quantity=[form.quantity] + [1] * len(companions),
        start=start, end=end,
    )  # fmt: skip
    model, owner = label
    where = (model, named(*owner), named(*site.names) if site else "")
    return Line(
        named(pool.name_zh, pool.name_en),
        " · ".join(part for part in where if part),
        period_text(period, pool.zone),
        url,
        [_name(other, others) for other in companions],
        marks,
    )


def _name(pool_id: int, others: list[Choice]) -> str:
    found = next((other for other in others if other.id == pool_id), None)
    return named(*found.names) if found else _("pool %(number)s", number=pool_id)
