"""Places, parties, labs, who belongs where, and how companies and their people come in."""

from booking.companies.models.joining import CompanyApplication, CompanyDomain, CompanyInvitation
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
    "Building",
    "Company",
    "CompanyApplication",
    "CompanyDomain",
    "CompanyInvitation",
    "Institution",
    "Lab",
    "LabMember",
    "Membership",
    "Room",
    "Site",
]
