"""What people who book are told of calibrations that are coming due."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.inventory.models import Unit
from booking.reservations.queries.calibrations import due_soon
from booking.reservations.queries.named import UnitName
from booking.web.wording import unit_text

MOST_NAMED = 3


def calibration_lines(
    session: Session, pool_id: int, units: Mapping[int, UnitName], now: datetime
) -> list[tuple[str, str]]:
    """Return the lines (what, in words) of a pool's units that are due soon. One query."""
    due = due_soon(session, now, Unit.pool_id == pool_id)
    known = [one for one in due if one.unit_id in units]
    lines = [
        (
            _("Calibration due"),
            _("%(unit)s: not after %(day)s", unit=unit_text(units[one.unit_id]),
              day=format_date(one.due_on, rebase=False)),
        )
        for one in known[:MOST_NAMED]
    ]  # fmt: skip
    if len(known) > MOST_NAMED:
        more = len(known) - MOST_NAMED
        lines.append((_("Calibration due"), _("%(count)s more units", count=more)))
    return lines
