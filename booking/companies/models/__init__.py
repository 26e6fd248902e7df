"""Places, parties, labs, and who belongs where."""

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

__all__ = ["Building", "Company", "Institution", "Lab", "LabMember", "Membership", "Room", "Site"]
