"""Every way to take or free capacity, as what one of two does on a stage at the same moment.

A path is one small function, what must stand on the stage for it, and the refusals it may meet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.drills.stages import ADA, BO, CY, DEE, EVE, SITE, Piece, Stage
from booking.approvals.services.deciding import approve, expire_requests, reject
from booking.core.actor import Actor
from booking.core.errors import Conflict, WrongState
from booking.core.period import Period
from booking.core.table import Row, Sheet
from booking.infra import clock
from booking.infra.db import write
from booking.inventory.rules.reading import Options
from booking.inventory.services.imports import import_units
from booking.reservations.queries.in_use import bars_at
from booking.reservations.rules.dealing import Dealing
from booking.reservations.rules.groups import BundleWanted, ChainWanted, SeriesWanted
from booking.reservations.rules.imports import LoadRow
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.breakdown import take_out_of_service
from booking.reservations.services.bundles import make_bundle, make_chain
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.closing import close_unit, reopen
from booking.reservations.services.handing import transfer
from booking.reservations.services.imports import load_reservations
from booking.reservations.services.kept import give_back
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import look_before, request_reservation
from booking.reservations.services.series import make_series
from booking.reservations.services.short_holds import keep_slot
from booking.reservations.services.undoing import undo_cancel
from booking.reservations.services.using import check_out
from booking.reservations.services.waiting import accept, decline, expire_holds, join

HOUR = timedelta(hours=1)
TWICE = parse_rule("FREQ=WEEKLY;COUNT=2")
STRIKES = 5  # times a unit is taken out of service while people go on booking it
REASON = "duel"


@dataclass(frozen=True, slots=True)
class Scene:
    """A stage as one of the two sees it: side 0 or 1, and the id of its own piece, if any.

    `shared`: the other has the same piece. `twin`: the other does the same.
    """

    stage: Stage
    side: int
    thing: int = 0
    shared: bool = False
    twin: bool = False

    @property
    def person(self) -> Actor:
        """Return who acts: Ada, Cy; whose piece it is when it is shared."""
        return self.stage.people[CY if self.side and not self.shared else ADA]

    @property
    def colleague(self) -> Actor:
        """Return somebody of the same company."""
        return self.stage.people[DEE if self.side and not self.shared else BO]

    def times(self, start: float = 0, end: float = 1) -> tuple[datetime, datetime]:
        """Return hours after the hot one began."""
        return self.stage.start + start * HOUR, self.stage.start + end * HOUR

    def wanted(self, start: float = 0, end: float = 1, **more: Any) -> BookingRequest:
        """Return a request for any unit of the pool at those hours."""
        if "unit_id" not in more:
            more.setdefault("pool_id", self.stage.pool_id)
        return BookingRequest(*self.times(start, end), **more)


# --- ways to take ------------------------------------------------------------------------


def book(scene: Scene, who: Actor | None = None, wanted: BookingRequest | None = None) -> int:
    """Book the hot hour on any unit."""
    actor, request, now = who or scene.person, wanted or scene.wanted(), clock.now()
    done = write(
        lambda s: request_reservation(s, actor, request, now),
        look=lambda s: look_before(s, actor, request, now),
    )
    return done.reservation_id


def book_named(scene: Scene) -> int:
    """Book the hot hour on the first unit."""
    return book(scene, wanted=scene.wanted(unit_id=scene.stage.unit_ids[0]))


def book_by_quota(scene: Scene) -> int:
    """Book the one reservation a day Eve may have; against herself, of two pools."""
    other = {"pool_id": scene.stage.annex_id} if scene.side and scene.twin else {}
    return book(scene, scene.stage.people[EVE], scene.wanted(**other))


def book_with_hold(scene: Scene) -> int:
    """Book what one's short hold keeps."""
    return book(scene, wanted=scene.wanted(hold_id=scene.thing))


def override(scene: Scene) -> int:
    """Book longer than the rules allow, as the manager, with a reason."""
    return book(scene, scene.stage.manager, scene.wanted(0, 3, override_reason=REASON))


def eject(scene: Scene) -> int:
    """Book two hours, for which the guest of the second has to go to the other unit."""
    return book(scene, wanted=scene.wanted(0, 2))


def keep(scene: Scene) -> int:
    """Keep the hot hour while the form is filled in."""
    now = clock.now()
    return write(lambda s: keep_slot(s, scene.person, scene.wanted(), now)).hold_id


def move_here(scene: Scene) -> str:
    """Move a later reservation to the hot hour."""
    start, end = scene.times()
    return _move(scene, Change(start=start, end=end), clock.now())


def extend(scene: Scene) -> str:
    """Make a running reservation an hour longer."""
    return _move(scene, Change(end=scene.times()[1]), _running(scene))


def repeat(scene: Scene) -> int:
    """Book the hot hour and the same a week later, or nothing."""
    asked, now = SeriesWanted(scene.wanted(), TWICE), clock.now()
    return write(lambda s: make_series(s, scene.person, asked, now)).group_id


def bundle(scene: Scene) -> int:
    """Book the hot hour here and in the annex, or nothing."""
    asked = BundleWanted((scene.wanted(), scene.wanted(pool_id=scene.stage.annex_id)))
    now = clock.now()
    return write(lambda s: make_bundle(s, scene.person, asked, now)).group_id


def chain(scene: Scene) -> int:
    """Book an hour in the annex and at once the hot one here, or nothing."""
    before = scene.wanted(-1, 0, pool_id=scene.stage.annex_id)
    asked = ChainWanted((before, scene.wanted()), ((0, 0),), until=scene.times()[1])
    now = clock.now()
    return write(lambda s: make_chain(s, scene.person, asked, now)).group_id


def queue(scene: Scene) -> int:
    """Wait for the hot hour: offered at once where it is free."""
    start, end = scene.times()
    wish, now = Wish("offer", start, end, 60, pool_id=scene.stage.pool_id), clock.now()
    return write(lambda s: join(s, scene.person, wish, now))


def close(scene: Scene) -> int:
    """Close the first unit in the hot hour, around what is kept."""
    now, period = clock.now(), Period(*scene.times())
    unit, keep_all = scene.stage.unit_ids[0], Dealing(rest="keep")
    manager = scene.stage.manager
    return write(
        lambda s: close_unit(s, manager, unit, period, "fault", "", now, keep_all)
    ).closure_id


def load(scene: Scene) -> int:
    """Import a reservation of the first unit."""
    row = LoadRow(
        2, scene.stage.pool_id, scene.stage.unit_ids[:1], *scene.times(), None, "somebody",
        None, None, "research", None, f"duel:{scene.stage.pool_id}:{scene.side}",
    )  # fmt: skip
    now = clock.now()
    report = write(lambda s: load_reservations(s, [row], "duel", now))
    if report.conflicts:
        raise Conflict
    return report.imported


def undo(scene: Scene) -> str:
    """Take a cancellation back."""
    now = clock.now()
    write(lambda s: undo_cancel(s, scene.stage.manager, scene.thing, now))
    return "restored"


# --- ways to free, or to change what is held ---------------------------------------------


def approve_it(scene: Scene) -> str:
    """Approve a request, or a change asked for."""
    now = clock.now()
    write(lambda s: approve(s, scene.stage.manager, scene.thing, now))
    return "approved"


def reject_it(scene: Scene) -> str:
    """Reject a request, or a change asked for."""
    now = clock.now()
    write(lambda s: reject(s, scene.stage.manager, scene.thing, REASON, now))
    return "rejected"


def expire_it(scene: Scene) -> int:
    """Expire what is undecided."""
    return write(lambda s: expire_requests(s, scene.stage.due))


def cancel_it(scene: Scene) -> str:
    """Cancel a reservation; whoever waits is offered its time in the same moment."""
    now = clock.now()
    write(lambda s: cancel(s, scene.stage.manager, scene.thing, REASON, now))
    return "cancelled"


def hand_on(scene: Scene) -> str:
    """Hand a reservation to a colleague."""
    now, to = clock.now(), scene.colleague.user_id
    write(lambda s: transfer(s, scene.person, scene.thing, to, now))
    return "handed"


def end_early(scene: Scene) -> str:
    """End a running reservation before the hot hour."""
    write(lambda s: check_out(s, scene.person, scene.thing, _running(scene)))
    return "ended"


def accept_it(scene: Scene) -> int:
    """Take what was offered."""
    now = clock.now()
    return write(lambda s: accept(s, scene.person, scene.thing, now))


def decline_it(scene: Scene) -> str:
    """Decline what was offered."""
    now = clock.now()
    write(lambda s: decline(s, scene.person, scene.thing, now))
    return "declined"


def lapse(scene: Scene) -> int:
    """End offers and short holds whose time is over."""
    return write(lambda s: expire_holds(s, scene.stage.due))


def give_up(scene: Scene) -> str:
    """Give a short hold back."""
    now = clock.now()
    write(lambda s: give_back(s, scene.person, scene.thing, now))
    return "given back"


def open_again(scene: Scene) -> str:
    """End a closure."""
    now = clock.now()
    write(lambda s: reopen(s, scene.stage.manager, scene.thing, now))
    return "open"


def break_down(scene: Scene) -> str:
    """Take the first unit out of service; who has it loses it, also who has just come."""
    stage, now = scene.stage, clock.now()
    decided, unit = Dealing(rest="cancel", reason=REASON), scene.stage.unit_ids[0]
    for strike in range(STRIKES):
        try:
            write(lambda s: take_out_of_service(s, stage.manager, unit, REASON, decided, now))
        except WrongState as refusal:
            if refusal.code != "has_live_reservations" or strike == STRIKES - 1:
                raise
        else:
            break
    return "down"


def import_down(scene: Scene) -> str:
    """Import a list that says that the first unit is broken."""
    stage, now = scene.stage, clock.now()
    words, values = ("资产编号", "名称", "状态"), (stage.asset_no, "池", "故障")
    sheet = Sheet("", (Row(1, words), Row(2, values)))
    options = Options(stage.institution, SITE, stage.lab)
    write(lambda s: import_units(s, stage.manager, [sheet], options, "duel", now, bars_at(now)))
    return "down"


def _move(scene: Scene, change: Change, now: datetime) -> str:
    how = write(lambda s: move(s, scene.person, scene.thing, None, change, now))
    return str(how)


def _running(scene: Scene) -> datetime:
    return scene.times(-0.5)[0]


# --- the table ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Path:
    """One way: what it does, what stands there for it, what it may be refused with.

    `takes` the one free unit of the hot hour; `holds` it from the beginning. Two of one `group`
    act on the same piece. Pieces are placed by side: the first unit for one, the second for the
    other. `short`: also in the short form.
    """

    name: str
    act: Callable[[Scene], object]
    refusals: frozenset[str] = frozenset()
    pieces: tuple[Piece, ...] = ()
    group: str = ""
    takes: bool = False
    holds: bool = False
    short: bool = True


def _taker(name: str, act: Callable[[Scene], object], *more: str, **rest: Any) -> Path:
    return Path(name, act, frozenset({"conflict", *more}), takes=True, **rest)


def _holder(
    name: str, act: Callable[[Scene], object], group: str, piece: Piece, *refusals: str, **more: Any
) -> Path:
    pieces = (piece, *more.pop("beside", ()))
    return Path(name, act, frozenset(refusals), pieces, group, holds=True, **more)


REQUEST, BOOKED, OFFER = Piece("pending"), Piece("approved"), Piece("offer")
FORM, CHANGE = Piece("form"), Piece("change")
DECIDED = ("already_decided", "already_expired", "already_cancelled")
# Holders first: of two, the first unit in the hot hour is the first one's.
PATHS = (
    _holder("approve", approve_it, "request", REQUEST, *DECIDED),
    _holder("reject", reject_it, "request", REQUEST, *DECIDED, short=False),
    _holder("expire", expire_it, "request", REQUEST, short=False),
    _holder("cancel", cancel_it, "request", BOOKED, *DECIDED, "already_rejected", short=False),
    _holder("offer", cancel_it, "request", BOOKED, *DECIDED, "already_rejected",
            beside=(Piece("waiting", owner=DEE),)),
    _holder("hand over", hand_on, "request", BOOKED, *DECIDED, "already_rejected", "not_found",
            short=False),
    _holder("apply change", approve_it, "change", CHANGE, *DECIDED, "conflict", short=False),
    _holder("reject change", reject_it, "change", CHANGE, *DECIDED, short=False),
    _holder("accept", accept_it, "offer", OFFER, "no_offer", "offer_ended", "conflict"),
    _holder("decline", decline_it, "offer", OFFER, "no_offer", short=False),
    _holder("lapse", lapse, "offer", OFFER, short=False),
    _holder("use hold", book_with_hold, "form", FORM, "conflict", short=False),
    _holder("give back", give_up, "form", FORM, "not_found", short=False),
    _holder("end early", end_early, "running", Piece("approved", start=-1), "already_ended",
            "already_cancelled"),
    _holder("reopen", open_again, "closed", Piece("closure"), "not_found", short=False),
    _taker("create", book),
    _taker("named", book_named, "rule_violation", short=False),
    _taker("move", move_here, "already_cancelled", pieces=(Piece("approved", start=4, end=5),)),
    _taker("extend", extend, "already_ended", "already_cancelled",
           pieces=(Piece("approved", start=-1, end=0),), group="running"),
    _taker("series", repeat),
    _taker("bundle", bundle, short=False),
    _taker("chain", chain, short=False),
    Path("wait", queue, short=False),
    _taker("close", close, "has_live_reservations"),
    _taker("load", load),
    _taker("quota", book_by_quota, "rule_violation"),
    _taker("undo", undo, "not_cancelled", pieces=(Piece("cancelled"),), group="cancelled"),
    _taker("hold", keep, short=False),
    _taker("override", override, short=False),
    _taker("eject", eject, pieces=(Piece("approved", start=1, end=2, owner=DEE),), group="guest"),
    Path("break down", break_down),
    Path("import down", import_down, short=False),
)  # fmt: skip
