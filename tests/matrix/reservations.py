"""Booking, lists, one reservation, moving, cancelling, closing."""

from sqlalchemy.orm import Session

from booking.approvals.services.deciding import approve
from booking.core.period import Period
from booking.infra.db import write
from booking.reservations.models import UnitReport
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.closing import close_unit
from booking.reservations.services.waiting import join
from booking.web.uploads import Received
from booking.web.uploads import keep as store
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import actor, create_draw_entry, keep
from tests.matrix import ALL, action, page
from tests.reservations.steps import ask, at

SEES = "ada kim fin bo mei sta rep sub ops"  # Ada's reservation of West's confocal microscope
CHANGES = "ada kim mei ops"
LOOKS = "fin bo rep sub aud"
ONLY_LOOKS = f"{LOOKS} sta"
INSIDE = "mei sta rep sub"  # West's lab and institution
USES = "ada mei sta ops"
BOOKS = "ada kim fin bo cy mei rep rae sta sub"  # belong to a party that may
TIMES = {
    "start": "2026-11-24T14:00",
    "end": "2026-11-24T15:00",
    "quantity": "1",
    "purpose": "other",
}


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a pending and an approved reservation of Ada's, and a closure of Mei's."""
    pending = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id, note="秘密")
    agreed = ask(actor(people.ada), 12, 13, pool_id=people.confocal.id)
    write(lambda s: approve(s, actor(people.mei), agreed.reservation_id, NOW))
    unit, day = people.confocal_units[2].id, Period(at(9, 3), at(18, 3))
    closed = write(lambda s: close_unit(s, actor(people.mei), unit, day, "fault", "", NOW))
    with_time = Wish("offer", at(9, 5), at(12, 5), 60, pool_id=people.confocal.id)
    kept = write(lambda s: join(s, actor(people.ada), with_time, NOW))
    file = store(Received("x.pdf", "application/pdf", b"%PDF-"), people.ada.id)
    # Of Ada's from when she worked there.
    given = UnitReport(
        unit_id=unit, kind="fault", file_id=file, user_id=people.ada.id, created_at=NOW
    )
    drawn = create_draw_entry(session, people.confocal, people.ada, Period(at(0, 9), at(24, 9)))
    return {
        "kept": kept,
        "drawn": drawn.id,
        "pending": pending.reservation_id,
        "agreed": agreed.reservation_id,
        "closure": closed.closure_id,
        "unit": unit,
        "unit_report": keep(session, given).id,
        "shared_pool": people.confocal.id,
        "unshared_pool": people.unshared.id,
    }


def _one(name: str) -> dict[str, str]:
    return {"reservation_id": name}


ACCESS = {
    "GET reservations.index": [
        page(ALL),
        *(page(ALL, query=f"scope={scope}&tab=past") for scope in ("company", "lab", "park")),
    ],
    "GET reservations.find_time": [page(ALL, query="q=x&minutes=120&weekday=2&sort=best")],
    "GET reservations.new": [
        page(ALL, query="pool_id={shared_pool}"),
        page(f"{INSIDE} ops", query="pool_id={unshared_pool}"),
        page("", query="pool_id=x"),
    ],
    "POST reservations.new": [
        # Dee and Ops belong to no party they could book this for.
        action(BOOKS, otherwise=422, query="pool_id={shared_pool}", form=TIMES),
        action(INSIDE, also={"ops": 422}, query="pool_id={unshared_pool}", form=TIMES),
    ],
    # To be kept, a time must be theirs to book.
    "POST reservations.hold": [
        page(BOOKS, otherwise=422, query="pool_id={shared_pool}", form=TIMES),
        page(INSIDE, also={"ops": 422}, query="pool_id={unshared_pool}", form=TIMES),
    ],
    "POST reservations.let_go": [page(ALL, status=204, form={"hold_id": "1"})],
    "GET reservations.show": [
        page(SEES, params=_one("pending")),
        page(SEES, params=_one("agreed")),
        page(f"{SEES} gro", params=_one("judged")),
    ],
    # There is no such file.
    "GET reservations.file": [page("", params={**_one("agreed"), "file_id": "pending"})],
    "GET reservations.move": [page(CHANGES, shown=ONLY_LOOKS, params=_one("pending"))],
    "POST reservations.move": [
        action(CHANGES, shown=ONLY_LOOKS, params=_one(name), form=TIMES)
        for name in ("pending", "agreed")
    ],
    # Who may change it is told that no change waits.
    "POST reservations.withdraw": [action(CHANGES, shown=ONLY_LOOKS, params=_one("agreed"))],
    "GET reservations.cancel": [page(CHANGES, shown=ONLY_LOOKS, params=_one("agreed"))],
    "POST reservations.cancel": [
        action(CHANGES, shown=ONLY_LOOKS, params=_one("agreed"), form={"reason": "x"})
    ],
    # A refusal by state is told on the reservation's page.
    **{
        f"POST reservations.{what}": [
            action(
                yes,
                shown=shown,
                params=_one(name),
                form={"end": "2026-11-24T15:00", "user_id": "1"},
            )
            for name in ("pending", "agreed")
        ]
        for what, yes, shown in (
            ("begin", USES, f"kim {LOOKS}"),
            ("begin_early", USES, f"kim {LOOKS}"),
            ("finish", USES, f"kim {LOOKS}"),
            ("extend", CHANGES, ONLY_LOOKS),
            ("hand_on", "ada kim bo mei ops", "fin rep sta sub"),
            ("restore", "mei ops", "ada kim fin bo rep sta sub"),
        )
    },
    "GET reservations.out_of_service": [
        page("mei ops", also={"aud": 404}, params={"unit_id": "unit"})
    ],
    "POST reservations.out_of_service": [action("mei ops", params={"unit_id": "unit"})],
    "GET reservations.care": [page("mei ops", params={"unit_id": "unit"})],
    "POST reservations.care": [action("mei ops", params={"unit_id": "unit"})],
    "POST reservations.need": [
        action("", also={"mei": 422, "ops": 422}, params={"unit_id": "unit"}, form={"effect": "x"})
    ],
    "POST reservations.no_need": [
        action("mei ops", params={"unit_id": "unit", "needed_id": "unit"})
    ],
    "GET reservations.close_unit": [page("mei ops", params={"unit_id": "unit"})],
    "POST reservations.close_unit": [
        action("mei ops", params={"unit_id": "unit"}, form={**TIMES, "kind": "fault"})
    ],
    "GET reservations.reports": [page("ada mei rep ops sta", params={"unit_id": "unit"})],
    "POST reservations.reports": [page("mei rep ops sta", status=422, params={"unit_id": "unit"})],
    "GET reservations.report_file": [
        page("ada mei rep ops sta", params={"report_id": "unit_report"})
    ],
    "POST reservations.no_report": [action("mei ops", params={"report_id": "unit_report"})],
    "POST reservations.reopen": [action("mei ops", params={"closure_id": "closure"})],
    "GET reservations.waiting": [page(ALL)],
    # Nothing is asked there: it is taken from the list.
    "GET reservations.accept_offer": [page("ada", status=302, params={"entry_id": "kept"})],
    "GET reservations.queue": [
        page("mei sta rep ops", params={"pool_id": name})
        for name in ("shared_pool", "unshared_pool")
    ],
    "GET reservations.draws": [
        page("mei sta rep ops", params={"pool_id": name})
        for name in ("shared_pool", "unshared_pool")
    ],
    "POST reservations.withdraw_draw_entry": [action("ada", params={"entry_id": "drawn"})],
    "GET reservations.wait": [
        page(ALL, query="pool_id={shared_pool}"),
        page(f"{INSIDE} ops", query="pool_id={unshared_pool}"),
    ],
    "POST reservations.wait": [
        action(
            BOOKS,
            otherwise=422,
            query="pool_id={shared_pool}",
            form={**TIMES, "minutes": "60", "kind": "offer"},
        ),
    ],
    **{
        f"POST reservations.{what}": [action("ada", params={"entry_id": "kept"})]
        for what in ("accept_offer", "decline_offer", "leave_queue")
    },
    "POST reservations.move_up": [
        action("ada", shown="kim fin bo mei sta rep sub ops", params=_one("agreed")),
    ],
}
