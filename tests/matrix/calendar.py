"""The calendar of a group: whoever sees the group sees it."""

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.matrix import ALL, page


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Return the group that is not shared, and one that is."""
    return {"leafed": people.confocal.id, "unlent": people.unshared.id}


ACCESS = {
    "GET pool_calendar.calendar": [
        page(ALL, params={"pool_id": "leafed"}, query="view=month&date=2026-11-24"),
        page("mei rep ops", params={"pool_id": "unlent"}),
    ],
    "GET pool_calendar.lanes": [page(ALL, params={"pool_id": "leafed"}, query="view=day")],
}
