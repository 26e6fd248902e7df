"""Notices: read by whoever sees what they are about, written by its managers and operators."""

from sqlalchemy.orm import Session

from booking.notices.models import Notice
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import keep
from tests.matrix import action, page, table

OWN = "mei sta rep sub ops"  # who sees West's unshared mass spectrometer


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a notice of West's lab and one of its pool that is not shared."""
    said = {"title_zh": "x", "text_zh": "x", "from_at": NOW, "created_at": NOW,
            "published_at": NOW, "version": 1}  # fmt: skip
    lab = Notice(lab_id=people.west_lab.id, **said)
    pool = Notice(pool_id=people.unshared.id, **said)
    return {"lab_notice": keep(session, lab).id, "own_notice": keep(session, pool).id}


ACCESS = {
    "GET notices.index": [page(), page(query="show=past")],
    "POST notices.read_all": [action()],
    "GET notices.show": [
        page(params={"notice_id": "lab_notice"}),
        page(OWN, params={"notice_id": "own_notice"}),
    ],
    "POST notices.read": [
        action(params={"notice_id": "lab_notice"}),
        action(OWN, params={"notice_id": "own_notice"}),
    ],
    "GET notices.of_park": [page("ops")],
    "GET notices.new": [
        page("ops", also={"aud": 404}),
        page("mei ops", query="lab={west}", also={"aud": 404}),
    ],
    "POST notices.new": [action("ops", status=422)],
    **table(
        "mei ops",
        """
        notices.of_lab    lab_id=west           200  -
        notices.of_pool   pool_id=shared_pool   200  -
        notices.edit      notice_id=lab_notice  200  422
        notices.withdraw  notice_id=lab_notice  200  302
        """,
    ),
}
