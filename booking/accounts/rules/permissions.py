"""The permission table: who may do what. Pages, API and templates all read this one."""

from collections.abc import Mapping
from dataclasses import dataclass

from booking.core.actor import Actor
from booking.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on, as far as permission needs it; None where it does not apply."""

    user_id: int | None = None  # whose reservation
    company_id: int | None = None  # the reservation's party
    party_institution_id: int | None = None  # or the institution it was made for
    lab_id: int | None = None  # the lab that runs the pool
    institution_id: int | None = None  # the institution that owns the pool
    staff_may_approve: bool = False


# relation -> what it means
RELATIONS: Mapping[str, str] = {
    "signed_in": "any signed-in person",
    "person": "the person the reservation is for",
    "company_admin": "admin of the reservation's company",
    "lab_staff": "member of the pool's lab in any role",
    "approver": "manager or deputy of the pool's lab (staff where the lab allows)",
    "lab_manager": "manager or deputy of the pool's lab",
    "representative": "representative of the owning (or booking) institution",
    "operator": "operator of the park",
}

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "catalogue.read": frozenset({"signed_in"}),
    "reservation.request": frozenset({"signed_in"}),
    "reservation.read": frozenset(
        {"person", "company_admin", "lab_staff", "representative", "operator"}
    ),
    "reservation.read_note": frozenset({"person", "company_admin", "lab_staff", "operator"}),
    "reservation.change": frozenset({"person", "approver", "operator"}),
    "reservation.use": frozenset({"person", "lab_staff", "operator"}),
    "reservation.transfer": frozenset({"person", "company_admin", "approver", "operator"}),
    "reservation.decide": frozenset({"approver", "operator"}),
    "reservation.for_other": frozenset({"lab_manager", "operator"}),
    "reservation.override": frozenset({"lab_manager", "operator"}),
    "pool.edit": frozenset({"lab_manager", "operator"}),
    "pool.use": frozenset({"lab_staff", "representative", "operator"}),
    "unit.close": frozenset({"lab_manager", "operator"}),
    "park.edit": frozenset({"operator"}),
    "inventory.import": frozenset({"operator"}),
    "messages.read": frozenset({"operator"}),
    "audit.read": frozenset({"operator"}),
    "audit.read_company": frozenset({"company_admin", "operator"}),
    "audit.read_pool": frozenset({"lab_manager", "operator"}),
}


def relations(actor: Actor, subject: Subject) -> frozenset[str]:
    """Return every relation of RELATIONS in which `actor` stands to `subject`."""
    found = {"signed_in"}
    if subject.user_id is not None and subject.user_id == actor.user_id:
        found.add("person")
    if subject.company_id in actor.administered_company_ids:
        found.add("company_admin")
    represented = actor.represented_institution_ids
    if subject.institution_id in represented or subject.party_institution_id in represented:
        found.add("representative")
    if actor.is_operator:
        found.add("operator")
    return frozenset(found | _lab_relations(actor, subject))


def may(actor: Actor, action: str, subject: Subject | None = None) -> bool:
    """Return whether `actor` may do `action` on `subject`. KeyError for an unknown action."""
    return bool(PERMISSIONS[action] & relations(actor, subject or Subject()))


def require(actor: Actor, action: str, subject: Subject | None = None) -> None:
    """Raise NotFound unless `actor` may do `action`: foreign looks like missing."""
    if not may(actor, action, subject):
        raise NotFound


def _lab_relations(actor: Actor, subject: Subject) -> set[str]:
    role = actor.labs.get(subject.lab_id) if subject.lab_id is not None else None
    if role is None:
        return set()
    if role in {"manager", "deputy"}:
        return {"lab_staff", "lab_manager", "approver"}
    return {"lab_staff", "approver"} if subject.staff_may_approve else {"lab_staff"}
