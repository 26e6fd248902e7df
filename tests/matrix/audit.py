"""The audit: the park's for the operator, a company's for its admins, a group's for its lab."""

from tests.cast import Cast
from tests.matrix import page


def prepare(_session, people: Cast) -> dict[str, int]:
    """Name the companies."""
    return {"audited_company": people.company_a.id, "other_company": people.company_b.id}


_OWN = {"company_id": "audited_company"}
_OTHER = {"company_id": "other_company"}
_POOL = {"pool_id": "shared_pool"}

ACCESS = {
    "GET audit.park": [page("ops")],
    "GET audit.park_export": [page("ops")],
    "GET audit.company": [page("bo ops", params=_OWN), page("ops", params=_OTHER)],
    "GET audit.company_export": [page("bo ops", params=_OWN), page("ops", params=_OTHER)],
    "GET audit.pool": [page("mei ops", params=_POOL)],
    "GET audit.pool_export": [page("mei ops", params=_POOL, query="format=xlsx")],
}
