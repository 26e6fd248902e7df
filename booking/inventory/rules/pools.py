"""What is written down about pools and units, and which of it is fit to be kept."""

from dataclasses import dataclass

from booking.core.errors import Invalid
from booking.core.hours import WeeklyHours
from booking.core.text import tidy

KINDS = ("instrument", "room", "place", "person")
# `retired` is reached by retiring only, which first looks at what is booked.
EDITABLE_STATES = ("in_service", "limited", "down")
APPROVALS = ("manual", "auto")
MINUTES_A_DAY = 24 * 60
MOST_BUFFER_MINUTES = 7 * MINUTES_A_DAY
MOST_LENGTH_MINUTES = 366 * MINUTES_A_DAY
MOST_HORIZON_DAYS = 1100  # three years
MOST_DECIDE_HOURS = 30 * 24
MOST_UNITS = 500  # of one pool added at once; DESIGN §1 knows pools of 200


@dataclass(frozen=True, slots=True)
class PoolFields:
    """What a pool is. `specifications` are lines of `name: value`."""

    site_id: int
    name_zh: str
    name_en: str = ""
    manufacturer: str = ""
    model: str = ""
    platform_id: int | None = None
    category_code: str | None = None
    description: str = ""
    specifications: str = ""


@dataclass(frozen=True, slots=True)
class PoolRuleFields:
    """How a pool is booked; None takes the park's default."""

    approval: str = "manual"
    opening_hours: WeeklyHours | None = None
    granularity_minutes: int | None = None
    min_minutes: int | None = None
    max_minutes: int | None = None
    horizon_days: int | None = None
    warmup_minutes: int | None = None
    cleanup_minutes: int | None = None
    max_units: int | None = None
    decide_within_hours: int | None = None


@dataclass(frozen=True, slots=True)
class UnitFields:
    """One unit; buffers of None are the pool's. `customs_supervised` is 0 or 1."""

    kind: str = "instrument"
    state: str = "in_service"
    state_note: str = ""
    asset_no: str | None = None
    serial: str = ""
    name: str = ""
    room_id: int | None = None
    place: str = ""
    warmup_minutes: int | None = None
    cleanup_minutes: int | None = None
    customs_supervised: int = 0


# rule → least and most it may be, ends included
RANGES: dict[str, tuple[int, int]] = {
    "granularity_minutes": (1, MINUTES_A_DAY),
    "min_minutes": (1, MOST_LENGTH_MINUTES),
    "max_minutes": (1, MOST_LENGTH_MINUTES),
    "horizon_days": (0, MOST_HORIZON_DAYS),
    "warmup_minutes": (0, MOST_BUFFER_MINUTES),
    "cleanup_minutes": (0, MOST_BUFFER_MINUTES),
    "max_units": (1, MOST_UNITS),
    "decide_within_hours": (1, MOST_DECIDE_HOURS),
}


def checked_pool(fields: PoolFields) -> PoolFields:
    """Return `fields` tidied. Raises Invalid naming the first unfit one."""
    return tidy(fields, required=("name_zh",), texts=("description", "specifications"))


def checked_rules(
    fields: PoolRuleFields, default_step: int, default_least: int, default_most: int
) -> PoolRuleFields:
    """Return `fields`. Raises Invalid unless each is in its range and some length can be booked.

    The defaults, in minutes, stand in for a grid, minimum or maximum left to the park.
    """
    if fields.approval not in APPROVALS:
        raise Invalid("unknown_choice", field="approval", actual=fields.approval)
    for name, (least, most) in RANGES.items():
        require_range(name, getattr(fields, name), least, most)
    step = fields.granularity_minutes or default_step
    if MINUTES_A_DAY % step:
        # Otherwise the last slot of each day would be shorter than the others.
        raise Invalid("not_a_grid", field="granularity_minutes", actual=step)
    shortest = fields.min_minutes or default_least
    longest = fields.max_minutes or default_most
    if longest // step * step < max(shortest, step):
        raise Invalid(
            "no_length_fits", field="max_minutes", least=shortest, most=longest, step=step
        )
    return fields


def checked_unit(fields: UnitFields) -> UnitFields:
    """Return `fields` tidied; an empty asset number is none. Raises Invalid."""
    if fields.kind not in KINDS:
        raise Invalid("unknown_choice", field="kind", actual=fields.kind)
    if fields.state not in EDITABLE_STATES:
        raise Invalid("unknown_choice", field="state", actual=fields.state)
    for name in ("warmup_minutes", "cleanup_minutes"):
        require_range(name, getattr(fields, name), 0, MOST_BUFFER_MINUTES)
    return tidy(fields)


def require_range(field: str, value: int | None, least: int, most: int) -> None:
    """Raise Invalid `out_of_range` unless `value` is None or from `least` to `most`."""
    if value is not None and not least <= value <= most:
        raise Invalid("out_of_range", field=field, actual=value, least=least, most=most)
