"""Places, parties, labs, who belongs where, and how companies and their people come in."""

from booking.companies.models.deciders import Absence, DeciderGroup, DeciderGroupMember
from booking.companies.models.joining import CompanyApplication, CompanyDomain, CompanyInvitation
from booking.companies.models.reasons import LabReason
from booking.companies.models.register import (
    Building,
    Company,
    Institution,
    Lab,
    LabMember,
    Membership,
    Room,
    Site,
)

__all__ = [
    "Absence",
    "Building",
    "Company",
    "CompanyApplication",
    "CompanyDomain",
    "CompanyInvitation",
    "DeciderGroup",
    "DeciderGroupMember",
    "Institution",
    "Lab",
    "LabMember",
    "LabReason",
    "Membership",
    "Room",
    "Site",
]
