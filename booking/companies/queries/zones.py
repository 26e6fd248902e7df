"""In which zone the park tells times that belong to no pool."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Site


def home_zone(session: Session) -> ZoneInfo:
    """Return the zone of the park's first site; UTC before there is one. One query."""
    name = session.scalar(select(Site.time_zone).order_by(Site.id).limit(1))
    return ZoneInfo(name or "UTC")
