"""What is written down about places, parties and labs, and which of it is fit to be kept."""

import zoneinfo
from dataclasses import dataclass
from functools import cache

from booking.companies.rules.codes import is_credit_code
from booking.core.errors import Invalid
from booking.core.text import tidy

INSTITUTION_KINDS = ("hospital", "university", "company", "other")
COMPANY_ROLES = ("member", "booker", "finance", "admin")
INSTITUTION_ROLES = ("member", "representative")
LAB_ROLES = ("manager", "deputy", "staff")
PRICE_TIERS = ("resident", "partner", "outside")  # FIELD §1, 66


@dataclass(frozen=True, slots=True)
class SiteFields:
    """A park or campus. `time_zone` is an IANA name."""

    name_zh: str
    name_en: str = ""
    time_zone: str = "Asia/Shanghai"
    address: str = ""


@dataclass(frozen=True, slots=True)
class BuildingFields:
    """A building of a site."""

    site_id: int
    name_zh: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class RoomFields:
    """A room of a building."""

    building_id: int
    name: str
    floor: str = ""


@dataclass(frozen=True, slots=True)
class InstitutionFields:
    """An institution that contributes units; `kind` is one of INSTITUTION_KINDS."""

    name_zh: str
    name_en: str = ""
    kind: str = "other"


@dataclass(frozen=True, slots=True)
class CompanyFields:
    """A resident company. `credit_code` is the 18-character code of its licence, or empty."""

    name_zh: str
    name_en: str = ""
    credit_code: str = ""
    price_tier: str = "resident"
    home_site_id: int | None = None


@dataclass(frozen=True, slots=True)
class LabFields:
    """A lab of an institution; `staff_may_approve` is 0 or 1."""

    institution_id: int
    name_zh: str
    name_en: str = ""
    staff_may_approve: int = 0


Fields = SiteFields | BuildingFields | RoomFields | InstitutionFields | CompanyFields | LabFields


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names a site's zone may have, in order: places, not abbreviations."""
    names = zoneinfo.available_timezones()
    return tuple(sorted(n for n in names if "/" in n and not n.startswith(("Etc/", "posix"))))


def checked(fields: Fields) -> Fields:
    """Return `fields` tidied. Raises Invalid naming the first unfit one."""
    fields = tidy(fields, required=("name_zh", "name"))
    if isinstance(fields, SiteFields) and fields.time_zone not in time_zones():
        raise Invalid("unknown_zone", field="time_zone", actual=fields.time_zone)
    if isinstance(fields, InstitutionFields):
        _one_of("kind", fields.kind, INSTITUTION_KINDS)
    if isinstance(fields, CompanyFields):
        _one_of("price_tier", fields.price_tier, PRICE_TIERS)
        if fields.credit_code and not is_credit_code(fields.credit_code):
            raise Invalid("not_a_credit_code", field="credit_code", actual=fields.credit_code)
    return fields


def party_roles(roles: tuple[str, ...], *, company: bool) -> str:
    """Return the roles as they are stored; whoever has any is a member. Raises Invalid."""
    allowed = COMPANY_ROLES if company else INSTITUTION_ROLES
    for role in roles:
        _one_of("roles", role, allowed)
    return " ".join(role for role in allowed if role == "member" or role in roles)


def checked_lab_role(role: str) -> str:
    """Return `role`. Raises Invalid unless it is one of LAB_ROLES."""
    _one_of("role", role, LAB_ROLES)
    return role


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Invalid("unknown_choice", field=field, actual=value)
