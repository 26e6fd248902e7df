"""What is written down about pools and units, and which of it is fit to be kept."""

from dataclasses import dataclass

from booking.core.errors import Invalid
from booking.core.text import tidy

KINDS = ("instrument", "room", "place", "person")
# `retired` is reached by retiring only, which first looks at what is booked.
EDITABLE_STATES = ("in_service", "limited", "down")
APPROVALS = ("manual", "auto")
MINUTES_A_DAY = 24 * 60
MOST_BUFFER_MINUTES = 7 * MINUTES_A_DAY
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


def checked_pool(fields: PoolFields) -> PoolFields:
    """Return `fields` tidied. Raises Invalid naming the first unfit one."""
    return tidy(fields, required=("name_zh",), texts=("description", "specifications"))


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
