"""The catalogue's search form: everything is in the address, so a search can be sent to others."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from booking.core.local import SkippedTime, UnreadableTime, parse_instant
from booking.core.period import Period
from booking.inventory.queries.catalogue import Criteria
from booking.inventory.rules.facets import Chosen
from booking.inventory.rules.search import MOST_CHARACTERS, parse
from booking.web.arguments import id_of

MOST_TICKS = 50  # of one facet
USUAL = timedelta(hours=1)
TICKED = ("platform", "site", "institution")
Args = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked, as typed and as criteria; `problem` says what cannot be read."""

    typed: str
    free_from: str
    free_to: str
    category: str | None
    criteria: Criteria
    ticks: tuple[tuple[str, str], ...]  # all of the address but the words
    zone: ZoneInfo
    problem: str | None = None

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Return what the filters' form carries along: what it has no field of its own for."""
        return [("q", self.typed), ("category", self.category or "")]

    @property
    def booking(self) -> dict[str, str]:
        """Return the wanted time for links to a pool, empty without one."""
        if self.criteria.period is None:
            return {}
        return {"start": self.free_from, "end": self.free_to}


def read_search(args: Args, zone: ZoneInfo) -> Search:
    """Return the search of a query string; times are wall clock in `zone`.

    Unknown values are passed over; a time that cannot be read leaves the time out and says so.
    """
    free_from, free_to = args.get("free_from", "")[:32], args.get("free_to", "")[:32]
    period, problem = _period(free_from, free_to, zone)
    query = parse(args.get("q"))
    code = args.get("category", "")[:20]
    category = code if code.isascii() and code.isalnum() else None
    chosen = Chosen(
        categories=frozenset({category} if category else ()),
        platforms=_ids(args, "platform"),
        sites=_ids(args, "site"),
        institutions=_ids(args, "institution"),
        in_service=args.get("state") == "in_service",
    )
    criteria = Criteria(query, chosen, period, favourites=args.get("favourite") == "1")
    typed = args.get("q", "")[: 2 * MOST_CHARACTERS]
    ticks = tuple((name, value) for name, value in kept(args).items(multi=True) if name != "q")
    return Search(typed, free_from, free_to, category, criteria, ticks, zone, problem)


def site_ids(args: Args) -> list[int]:
    """Return the sites ticked, whose clock times are meant in."""
    return sorted(_ids(args, "site"))


def kept(args: Args) -> Args:
    """Return the parts of the address that say what is searched, for links that change one."""
    known = ("q", "category", *TICKED, "state", "favourite", "free_from", "free_to")
    pairs = [(key, value) for key, value in args.items(multi=True) if key in known and value]
    return MultiDict(pairs[: MOST_TICKS * 4])


def _ids(args: Args, name: str) -> frozenset[int]:
    ids = map(id_of, args.getlist(name)[:MOST_TICKS])
    return frozenset(number for number in ids if number is not None)


def _period(start: str, end: str, zone: ZoneInfo) -> tuple[Period | None, str | None]:
    if not start and not end:
        return None, None
    if not start:
        return None, gettext("Say from when it must be free.")
    try:
        first = parse_instant(start, zone)
        last = parse_instant(end, zone) if end else first + USUAL
    except (UnreadableTime, SkippedTime):
        return None, gettext("This time cannot be read.")
    if last <= first:
        return None, gettext("The end must be after the start.")
    return Period(first, last), None
