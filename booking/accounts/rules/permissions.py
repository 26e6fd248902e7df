"""The permission table: who may do what. Pages, API and templates all read this one.

docs/permissions.md is printed from it (`tools/permissions.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from booking.core.actor import NO_DUTIES, Actor
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
    trains: bool = False  # whether the actor is a trainer for it
    group_ids: frozenset[int] = frozenset()  # decider groups that have to agree


# relation -> what it means
RELATIONS: Mapping[str, str] = {
    "signed_in": "any signed-in person",
    "person": "the person the reservation is for",
    "company_member": "member of the company in any role",
    "company_booker": "booker of the reservation's company",
    "company_finance": "finance of the reservation's company",
    "company_admin": "admin of the reservation's company",
    "lab_staff": "member of the pool's lab in any role",
    "approver": "manager or deputy of the pool's lab (staff where the lab allows)",
    "trainer": "person with the trainer's level for it",
    "lab_manager": "manager or deputy of the pool's lab",
    "stand_in": "whoever decides while a manager or deputy of the pool's lab is away",
    "company_stand_in": "whoever decides while an admin of the reservation's company is away",
    "group_member": "member of a decider group that has to agree, or who stands in for one",
    "representative": "representative of the owning (or booking) institution",
    "operator": "operator of the park",
    "administrator": "administrator of the park's settings and roles",
    "auditor": "auditor of the park: reads all, changes nothing",
}

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "catalogue.read": frozenset({"signed_in"}),
    "reservation.request": frozenset({"signed_in"}),
    "reservation.read": frozenset(
        {
            "person", "company_booker", "company_finance", "company_admin", "company_stand_in",
            "lab_staff", "stand_in", "group_member", "representative", "operator", "auditor",
        }
    ),
    "reservation.read_note": frozenset(
        {
            "person", "company_booker", "company_admin", "company_stand_in", "lab_staff",
            "stand_in", "group_member", "operator", "auditor",
        }
    ),
    # What their companies may keep from labs and institutions, and what nobody keeps from these.
    "reservation.read_purpose": frozenset(
        {
            "person", "company_booker", "company_finance", "company_admin", "company_stand_in",
            "operator", "auditor",
        }
    ),
    "reservation.change": frozenset({"person", "company_booker", "approver", "operator"}),
    "reservation.use": frozenset({"person", "lab_staff", "operator"}),
    "reservation.transfer": frozenset(
        {"person", "company_booker", "company_admin", "approver", "operator"}
    ),
    "reservation.decide": frozenset({"approver", "operator"}),
    "step.company": frozenset({"company_admin", "company_stand_in"}),
    "step.lab": frozenset({"approver", "stand_in", "operator"}),
    "step.group": frozenset({"group_member"}),
    "step.escalated": frozenset({"operator"}),
    "reservation.for_other": frozenset({"lab_manager", "operator"}),
    "reservation.for_colleague": frozenset({"company_booker"}),
    # Feeds that programs fetch; an auditor, who changes nothing, makes none.
    "calendar.own": frozenset({"signed_in"}),
    "calendar.company": frozenset({"company_booker", "company_finance", "company_admin"}),
    "calendar.lab": frozenset({"lab_staff"}),
    "calendar.unit": frozenset({"signed_in"}),
    "company.read": frozenset({"company_member", "operator", "auditor"}),
    "company.look": frozenset({"company_admin", "operator", "auditor"}),
    "company.manage": frozenset({"company_admin", "operator"}),
    "reservation.override": frozenset({"lab_manager", "operator"}),
    "pool.see_unshared": frozenset({"operator", "auditor"}),
    "pool.read": frozenset({"lab_manager", "operator", "auditor"}),
    "pool.edit": frozenset({"lab_manager", "operator"}),
    "pool.use": frozenset({"lab_staff", "representative", "operator", "auditor"}),
    "training.read": frozenset({"lab_staff", "trainer", "operator", "auditor"}),
    "training.run": frozenset({"lab_staff", "trainer", "operator"}),
    "training.manage": frozenset({"lab_manager", "operator"}),
    "unit.close": frozenset({"lab_manager", "operator"}),
    # Fault reports and certificates of calibration; who gave one sees it besides.
    "unit.report": frozenset({"lab_staff", "representative", "operator"}),
    # Notices of a lab and its instruments; without a lab, the park's.
    "notice.review": frozenset({"lab_manager", "operator", "auditor"}),
    "notice.write": frozenset({"lab_manager", "operator"}),
    # What an institution contributes: its hours, pauses, end, and units taken back for its own use.
    "sharing.read": frozenset({"representative", "operator", "administrator", "auditor"}),
    "sharing.limit": frozenset({"representative", "operator", "administrator"}),
    # How much is used, and by which companies: of the lab's or institution's own, or all.
    "usage.read": frozenset(
        {"lab_manager", "representative", "operator", "administrator", "auditor"}
    ),
    "park.read": frozenset({"operator", "administrator", "auditor"}),
    "park.edit": frozenset({"operator", "administrator"}),
    "park.roles": frozenset({"administrator"}),
    "inventory.read_imports": frozenset({"operator", "auditor"}),
    "inventory.import": frozenset({"operator"}),
    "messages.read": frozenset({"operator", "auditor"}),
    "messages.send": frozenset({"operator"}),
    "company.read_privacy": frozenset({"company_admin", "operator", "administrator", "auditor"}),
    "company.hide_purposes": frozenset({"company_admin", "operator", "administrator"}),
    "privacy.read": frozenset({"operator", "administrator", "auditor"}),
    "privacy.handle": frozenset({"operator", "administrator"}),
    "audit.read": frozenset({"operator", "auditor"}),
    "audit.read_company": frozenset({"company_admin", "operator", "auditor"}),
    "audit.read_pool": frozenset({"lab_manager", "operator", "auditor"}),
}  # fmt: skip

# What an auditor may do; nothing else, even as member of a company or lab.
READS = frozenset(
    {action for action, allowed in PERMISSIONS.items() if "auditor" in allowed} | {"catalogue.read"}
)
# A page that changes something may be looked at by whoever may do the second.
LOOKING: Mapping[str, str] = {
    "park.edit": "park.read",
    "pool.edit": "pool.read",
    "unit.close": "pool.read",
    "unit.report": "pool.use",
    "sharing.limit": "sharing.read",
    "inventory.import": "inventory.read_imports",
    "messages.send": "messages.read",
    "privacy.handle": "privacy.read",
    "company.manage": "company.look",
    "company.hide_purposes": "company.read_privacy",
    "training.run": "training.read",
    "training.manage": "pool.read",
    "notice.write": "notice.review",
}


def relations(actor: Actor, subject: Subject) -> frozenset[str]:
    """Return every relation of RELATIONS in which `actor` stands to `subject`."""
    found = {"signed_in"}
    if subject.user_id is not None and subject.user_id == actor.user_id:
        found.add("person")
    if subject.company_id is not None:
        found |= _company_relations(actor, subject.company_id)
    represented = actor.represented_institution_ids
    if subject.institution_id in represented or subject.party_institution_id in represented:
        found.add("representative")
    if subject.trains:
        found.add("trainer")
    if actor.park_role is not None:
        found.add(actor.park_role)
    if actor.duties is not NO_DUTIES:
        found |= _duty_relations(actor, subject)
    return frozenset(found | _lab_relations(actor, subject))


def may(actor: Actor, action: str, subject: Subject | None = None) -> bool:
    """Return whether `actor` may do `action` on `subject`. KeyError for an unknown action."""
    allowed = PERMISSIONS[action]
    if actor.reads_only and action not in READS:
        return False  # whatever else they are
    return bool(allowed & relations(actor, subject or Subject()))


def may_look(actor: Actor, action: str, subject: Subject | None = None) -> bool:
    """Return whether `actor` may look at the page on which `action` is done."""
    return may(actor, LOOKING.get(action, action), subject)


def require(actor: Actor, action: str, subject: Subject | None = None) -> None:
    """Raise NotFound unless `actor` may do `action`: foreign looks like missing."""
    if not may(actor, action, subject):
        raise NotFound


def _company_relations(actor: Actor, company_id: int) -> set[str]:
    roles = actor.roles_in_company(company_id)
    names = {
        "member": "company_member", "booker": "company_booker", "finance": "company_finance",
        "admin": "company_admin",
    }  # fmt: skip
    return {name for role, name in names.items() if role in roles}


def _duty_relations(actor: Actor, subject: Subject) -> set[str]:
    duties, found = actor.duties, set()
    if subject.lab_id in duties.lab_ids:
        found.add("stand_in")
    if subject.company_id in duties.company_ids:
        found.add("company_stand_in")
    if not duties.group_ids.isdisjoint(subject.group_ids):
        found.add("group_member")
    return found


def _lab_relations(actor: Actor, subject: Subject) -> set[str]:
    role = actor.labs.get(subject.lab_id) if subject.lab_id is not None else None
    if role is None:
        return set()
    if role in {"manager", "deputy"}:
        return {"lab_staff", "lab_manager", "approver"}
    return {"lab_staff", "approver"} if subject.staff_may_approve else {"lab_staff"}
