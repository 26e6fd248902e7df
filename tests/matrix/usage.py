"""Use of the park: its own for who manages a lab or speaks for an institution, all for the park."""

from sqlalchemy.orm import Session

from booking.usage.services.keeping import keep_up
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import page
from tests.usage.steps import used

SEES = "mei dee rep rae ops adm"
WEST = "rep ops adm"


def prepare(session: Session, people: Cast) -> dict[str, str]:
    """Add use of West's confocal microscope the day before yesterday, and add it up."""
    used(session, people.confocal, people.confocal_units[0].id, 10, 12, people.company_a.id)
    keep_up(session, lambda work: work(session), NOW)
    session.commit()
    return {"chart": "hours"}


ACCESS = {
    "GET usage.show": [
        page(SEES),
        page(WEST, query="institution={west}&measure=hours&category=010000"),
        page("mei ops adm", query="lab={west_lab}&days=90&from=2026-11-01"),
    ],
    "GET usage.chart": [page(SEES, params={"name": "chart"})],
    "GET usage.file": [page(SEES, params={"name": "chart"}, query="format=xlsx")],
    "GET usage.units": [page(WEST, query="institution={west}&company={company_a}")],
    "GET usage.hour": [page(WEST, query="institution={west}&hour=10&weekday=7")],
}
