"""What racing processes do; top-level functions, so that processes can be given them."""

from datetime import timedelta

from bench.drills.ground import slot
from booking.approvals.services.deciding import approve
from booking.audit.jobs import seal_new
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.policies.queries.own import own_settings, scope_to_edit
from booking.policies.rules.settings import Change as Setting
from booking.policies.rules.settings import fingerprint
from booking.policies.services.settings import change_rules
from booking.reservations.rules.dealing import Dealing
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.breakdown import take_out_of_service
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.closing import reopen
from booking.reservations.services.moving import Change, move
from booking.reservations.services.regrouping import regroup_unit
from booking.reservations.services.requesting import look_before, request_reservation
from booking.reservations.services.retiring import retire_company, retire_person
from booking.reservations.services.starting import start_early
from booking.reservations.services.undoing import undo_cancel
from booking.reservations.services.using import check_out
from booking.web.reserve import reserve


def book(number: int, actor: Actor, **wanted: object) -> int:
    """Return the id of a reservation for slot `number`; `hours` and `offset` shift its shape."""
    hours, offset = float(wanted.pop("hours", 1)), float(wanted.pop("offset", 0))  # type: ignore[arg-type]
    start, end = slot(number * 4 + offset, hours)  # type: ignore[arg-type]
    request = BookingRequest(start=start, end=end, **wanted)  # type: ignore[arg-type]
    now = clock.now()
    done = write(
        lambda s: request_reservation(s, actor, request, now),
        look=lambda s: look_before(s, actor, request, now),
    )
    return done.reservation_id


def book_as(number: int, actor: Actor, wanted: dict[str, object]) -> int:
    """Return the id of a reservation for this round's slot."""
    return book(number, actor, **wanted)


def join_beside(number: int, actor: Actor, pool_id: int) -> str:
    """Return what became of a booking beside the booker's own of this round: joined or apart."""
    start, end = slot(number * 4 + 1, 1)
    done = reserve(actor, BookingRequest(start=start, end=end, pool_id=pool_id))
    return "joined" if done.joined else "apart"


def book_daily(number: int, actor: Actor, wanted: dict[str, object]) -> int:
    """Return the id of a reservation for an hour of this round's day."""
    return book(number * 6, actor, **wanted)


def book_in_turn(number: int, actors: list[Actor], wanted: dict[str, object]) -> int:
    """Return the id of a reservation of this round's person for this round's slot."""
    return book(number, actors[number], **wanted)


def move_to(number: int, actor: Actor, reservations: list[int], hours: float) -> str:
    """Return how this round's reservation was moved to this round's slot."""
    start, end = slot(number * 4, hours)
    change, now = Change(start=start, end=end), clock.now()
    how = write(lambda s: move(s, actor, reservations[number], None, change, now))
    return str(how)


def approve_one(number: int, actor: Actor, reservations: list[int]) -> str:
    """Approve this round's request."""
    now = clock.now()
    write(lambda s: approve(s, actor, reservations[number], now))
    return "approved"


def cancel_one(number: int, actor: Actor, reservations: list[int]) -> str:
    """Cancel this round's request."""
    now = clock.now()
    write(lambda s: cancel(s, actor, reservations[number], "race", now))
    return "cancelled"


def set_limit(number: int, actor: Actor, scope: tuple[str, str], rule: str, minutes: int) -> str:
    """Set a rule for this round's group of people."""
    setting, now = Setting(rule, minutes, f"tag:round {number}"), clock.now()
    write(lambda s: change_rules(s, actor, scope, [setting], now))
    return rule


def save_form(number: int, actor: Actor, scope: tuple[str, str], value: int) -> int:
    """Save a form that was opened at the start of the round."""
    setting, now = Setting("level", value + number % 3), clock.now()
    seen = fingerprint(own_settings(db.session(), scope_to_edit(db.session(), actor, *scope)))
    write(lambda s: change_rules(s, actor, scope, [setting], now, seen))
    return value


def undo_one(number: int, actor: Actor, reservations: list[int]) -> str:
    """Take the cancellation of this round's reservation back."""
    now = clock.now()
    write(lambda s: undo_cancel(s, actor, reservations[number], now))
    return "restored"


def end_one(number: int, actor: Actor, reservations: list[int], after_minutes: int) -> str:
    """End this round's reservation some minutes after its start."""
    start, _end = slot(number * 4, 1)
    now = start + timedelta(minutes=after_minutes)
    write(lambda s: check_out(s, actor, reservations[number], now))
    return "ended"


def start_one(number: int, actor: Actor, reservations: list[int], before_minutes: int) -> str:
    """Start this round's reservation some minutes before its time."""
    start, _end = slot(number * 4 + 1, 1)
    now = start - timedelta(minutes=before_minutes)
    write(lambda s: start_early(s, actor, reservations[number], now))
    return "started"


def lengthen_one(number: int, actor: Actor, reservations: list[int], hours: float) -> str:
    """Make this round's reservation longer."""
    start, end = slot(number * 4, hours)
    now = start + timedelta(minutes=5)
    write(lambda s: move(s, actor, reservations[number], None, Change(end=end), now))
    return "longer"


def break_one(number: int, actor: Actor, units: list[int]) -> str:
    """Take this round's unit out of service; whoever has it loses it, also who just came."""
    now, decided = clock.now(), Dealing(rest="cancel", reason="race")
    while True:
        try:
            write(lambda s: take_out_of_service(s, actor, units[number], "race", decided, now))
        except WrongState as refusal:
            if refusal.code != "has_live_reservations":
                raise
        else:
            return "down"


def book_unit(number: int, actor: Actor, units: list[int]) -> int:
    """Return the id of a reservation of this round's unit, at this round's slot."""
    return book(number, actor, unit_id=units[number])


def book_own(number: int, actors: tuple[Actor, ...], unit_id: int) -> int:
    """Return the id of this round's booker's reservation for this round's slot."""
    return book(number, actors[number], unit_id=unit_id)


def retire_company_of(number: int, operator: Actor, actors: tuple[Actor, ...]) -> str:
    """Retire the company of this round's booker."""
    company_id, now = actors[number].parties[0].company_id, clock.now()
    write(lambda s: retire_company(s, operator, company_id or 0, now))
    return "retired"


def retire_booker(number: int, operator: Actor, actors: tuple[Actor, ...]) -> str:
    """Retire this round's booker."""
    user_id, now = actors[number].user_id, clock.now()
    write(lambda s: retire_person(s, operator, user_id, now))
    return "retired"


def reopen_one(number: int, actor: Actor, closures: list[int]) -> str:
    """End this round's closure."""
    now = clock.now()
    write(lambda s: reopen(s, actor, closures[number], now))
    return "reopened"


def regroup_one(number: int, actor: Actor, units: list[int], pool_id: int) -> str:
    """Move this round's unit to another pool; whoever has it comes along."""
    now, decided = clock.now(), Dealing(rest="keep")
    write(lambda s: regroup_unit(s, actor, units[number], pool_id, now, decided))
    return "regrouped"


def audit_and_seal(number: int) -> str:
    """Write an audit row and seal what there is, beside others who do the same."""
    write(lambda s: record(s, None, "pool.edit", ("pool", number), clock.now()))
    seal_new()
    return "sealed"
