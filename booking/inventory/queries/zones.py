"""In whose clock a time without a zone is meant."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Site

DEFAULT = "Asia/Shanghai"


def zone_for(session: Session, site_ids: list[int]) -> ZoneInfo:
    """Return the zone of the first of these sites, of the park's first site without any."""
    query = select(Site.time_zone).where(Site.retired_at.is_(None)).order_by(Site.id).limit(1)
    if site_ids:
        query = query.where(Site.id.in_(site_ids))
    return ZoneInfo(session.scalar(query) or DEFAULT)
