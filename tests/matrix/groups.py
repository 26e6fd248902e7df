"""Series and groups: repeating, showing, moving, cancelling, deciding."""

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import actor
from tests.matrix import ALL, action, page
from tests.matrix.reservations import BOOKS, CHANGES, INSIDE, ONLY_LOOKS, SEES
from tests.reservations.grouped import repeat

SERIES = {
    "start": "2026-11-25T14:00",
    "end": "2026-11-25T15:00",
    "quantity": "1",
    "purpose": "other",
    "repeats": "daily",
    "every": "1",
    "count": "2",
}
TIMES = {"start": "2026-11-24T16:00", "end": "2026-11-24T17:00", "scope": "all"}
ONE = {"group_id": "series"}


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a series of Ada's that waits for Mei."""
    made = repeat(actor(people.ada), "FREQ=DAILY;COUNT=2", 15, 16, pool_id=people.confocal.id)
    return {"series": made.group_id}


ACCESS = {
    "GET reservations.repeat": [
        page(ALL, query="pool_id={shared_pool}"),
        page(f"{INSIDE} ops", query="pool_id={unshared_pool}"),
    ],
    "POST reservations.repeat": [
        action(
            BOOKS, otherwise=422, query="pool_id={shared_pool}", status=200,
            form=SERIES,
        ),
        action(
            BOOKS, otherwise=422, query="pool_id={shared_pool}",
            form={**SERIES, "book": "refuse:"},
        ),
    ],
    "GET reservations.together": [page(ALL), page(ALL, query="pool_id={shared_pool}")],
    "POST reservations.together": [
        action(ALL, status=200, form={"do": "add:{shared_pool}"}),
        action("", otherwise=422, form={"do": "book", "pool_id": "{shared_pool}"}),
    ],
    "GET reservations.group": [page(SEES, params=ONE)],
    "GET reservations.move_group": [page(CHANGES, shown=ONLY_LOOKS, params=ONE)],
    "POST reservations.move_group": [action(CHANGES, shown=ONLY_LOOKS, params=ONE, form=TIMES)],
    "GET reservations.change_group_rule": [page(CHANGES, shown=ONLY_LOOKS, params=ONE)],
    "POST reservations.change_group_rule": [
        page(CHANGES, shown=ONLY_LOOKS, params=ONE, form=SERIES),
        action(CHANGES, shown=ONLY_LOOKS, params=ONE, form={**SERIES, "book": "refuse:"}),
    ],
    "GET reservations.end_group": [page(CHANGES, shown=ONLY_LOOKS, params=ONE)],
    "POST reservations.end_group": [
        action(CHANGES, shown=ONLY_LOOKS, params=ONE, form={"reason": "x"})
    ],
    "POST approvals.decide_group": [
        action("mei sub ops", shown="ada kim fin bo rep sta", params=ONE, form={"do": "approve"})
    ],
}  # fmt: skip
