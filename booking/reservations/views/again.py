"""Booking the same again, and the address of a time to send to others."""

from flask import url_for

from booking.reservations.forms.booking import ReserveForm
from booking.reservations.queries.named import Named


def again_url(found: Named, unit_id: int | None) -> str:
    """Return the booking form for the same once more: its next time is the next that passes."""
    row = found.row
    return url_for(
        "reservations.new", pool_id=row.pool_id, unit_id=unit_id,
        quantity=row.quantity if row.quantity > 1 else None,
        minutes=found.period.minutes, purpose=row.purpose or None,
    )  # fmt: skip


def slot_url(form: ReserveForm, pool_id: int) -> str | None:
    """Return the form's own address with its unit, times and quantity; None without times."""
    if not form.start.data or not form.end.data:
        return None
    quantity = form.quantity.data or 1
    return url_for(
        "reservations.new", pool_id=pool_id, unit_id=form.unit_id.data or None,
        start=form.start.data, end=form.end.data, quantity=quantity if quantity > 1 else None,
    )  # fmt: skip
