"""The catalogue: what is shared everybody sees, the rest only its own people."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.inventory.models import Unit
from tests.cast import Cast
from tests.matrix import action, page

OWN = "mei sta rep sub ops"  # West's unshared mass spectrometer


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Name the unit of the pool that is not shared."""
    of_pool = select(Unit.id).where(Unit.pool_id == people.unshared.id)
    return {"unshared_unit": session.scalars(of_pool).one()}


ACCESS = {
    "GET catalogue.pools": [page(), page(query="q=显微镜&free_from=2026-11-24T10:00")],
    "GET catalogue.pool": [
        page(params={"pool_id": "shared_pool"}),
        page(OWN, params={"pool_id": "unshared_pool"}),
    ],
    "GET catalogue.bundle": [page()],
    "POST catalogue.add": [
        action(form={"pools": "{shared_pool}"}),
        action(OWN, form={"pools": "{unshared_pool}"}),
    ],
    "POST catalogue.take": [action()],
    "GET catalogue.compare": [page(), page(query="pools={shared_pool},{unshared_pool}")],
    "GET catalogue.ask": [page(status=302, query="q=显微镜 明天 2小时")],
    "GET catalogue.like": [
        page(params={"pool_id": "shared_pool"}, query="model=1&line=1&start=x&end=y"),
        page(OWN, params={"pool_id": "unshared_pool"}),
    ],
    "POST catalogue.favourite": [
        action(params={"pool_id": "shared_pool"}, form={"on": "1"}),
        action(OWN, params={"pool_id": "unshared_pool"}, form={"on": "1"}),
    ],
    "GET catalogue.unit": [
        page(params={"unit_id": "unit"}),
        page(OWN, params={"unit_id": "unshared_unit"}),
    ],
    "GET catalogue.qr": [
        page(params={"unit_id": "unit"}),
        page(OWN, params={"unit_id": "unshared_unit"}),
    ],
}
