"""The timeline: everybody sees the units they see, and moves what they may change."""

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import actor
from tests.matrix import ALL, Case, page
from tests.reservations.steps import ask, at

CHANGES = "ada kim mei ops"


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a reservation of Ada's on West's confocal microscope."""
    asked = ask(actor(people.ada), 16, 17, pool_id=people.confocal.id)
    return {"dragged": asked.reservation_id, "drawn_pool": people.unshared.id}


ACCESS = {
    "GET board.timeline": [
        page(ALL, query="days=7&q=x&lab=all&site=1"),
        page("mei sta rep sub ops", query="pool={drawn_pool}"),
    ],
    "GET board.lanes": [page(ALL, query="pool={drawn_pool}&first=1&count=2")],
    "POST board.move": [
        # Whoever sees it but may not change it is refused as its page refuses them.
        Case(
            yes=CHANGES, shown="fin bo rep aud sta sub",
            form={
                "id": "{dragged}", "version": "1",
                "start": str(int(at(16).timestamp())), "end": str(int(at(17).timestamp())),
            },
        ),
    ],
}  # fmt: skip
