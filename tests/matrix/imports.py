"""The operator's imports of units."""

from datetime import timedelta

from sqlalchemy.orm import Session

from booking.infra.db import write
from booking.inventory.rules.reading import Options
from booking.inventory.services.batches import upload_batch
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import actor
from tests.matrix import table


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add an upload nobody has read yet."""
    who, options = actor(people.ops), Options("西部医院")
    batch_id = write(
        lambda s: upload_batch(s, who, "units.csv", b"name\nx\n", options, timedelta(1), NOW)
    )
    return {"batch": batch_id}


ACCESS = table(
    "ops",
    """
    # endpoint            ids             GET  POST
    imports.list_batches  -               200  422
    imports.batch         batch_id=batch  200  -
    imports.mapping       batch_id=batch  -    409
    imports.confirm       batch_id=batch  -    409
    """,
)
