"""The operator's imports of units."""

from sqlalchemy.orm import Session

from booking.inventory.models import ImportBatch
from tests import factories
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import page

ONE = {"batch_id": "batch"}


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add an upload nobody has read yet."""
    row = ImportBatch(filename="units.csv", content=b"", created_at=NOW, expires_at=NOW)
    return {"batch": factories.keep(session, row).id}


ACCESS = {
    "GET imports.list_batches": [page("ops")],
    "POST imports.list_batches": [page("ops", status=422)],
    "GET imports.batch": [page("ops", params=ONE)],
    "POST imports.mapping": [page("ops", status=409, params=ONE)],
    "POST imports.confirm": [page("ops", status=409, params=ONE)],
}
