"""The calendar of a group: whoever sees the group sees it."""

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import actor
from tests.matrix import ALL, Case, page
from tests.reservations.steps import ask, at


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a reservation of Ada's; return it with its group, and the group that is not shared."""
    undone = ask(actor(people.ada), 19, 20, pool_id=people.confocal.id)
    return {
        "leafed": people.confocal.id, "unlent": people.unshared.id,
        "undone": undone.reservation_id,
    }  # fmt: skip


_SECONDS = int(at(20, 1).timestamp())
ACCESS = {
    "GET pool_calendar.calendar": [
        page(ALL, params={"pool_id": "leafed"}, query="view=month&date=2026-11-24"),
        page("mei sta rep sub ops", params={"pool_id": "unlent"}),
    ],
    "GET pool_calendar.lanes": [page(ALL, params={"pool_id": "leafed"}, query="view=day")],
    "GET pool_calendar.sheet": [page(ALL, params={"unit_id": "unit"}, query="date=2026-11-24")],
    "GET pool_calendar.ask": [
        page(ALL, params={"pool_id": "leafed"}, query=f"start={_SECONDS}&end={_SECONDS + 3600}"),
    ],
    # Nothing is said of the time: refused as such to whoever sees the group.
    "POST pool_calendar.book": [Case(status=422, params={"pool_id": "leafed"})],
    "POST pool_calendar.undo": [
        Case(
            yes="ada kim mei ops", shown="fin bo rep aud sta sub", status=412,
            params={"pool_id": "leafed"}, form={"id": "{undone}", "version": "99"},
        ),
    ],
}  # fmt: skip
