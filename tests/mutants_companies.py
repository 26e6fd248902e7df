"""Planted defects of how companies and people come in and leave."""

from tests.mutant import Mutant

RACES = "tests/races/test_races_companies.py"
INVITATIONS = "tests/companies/test_invitations.py"
COLLEAGUES = "tests/companies/test_booking_for_colleagues.py"

COMPANIES = (
    Mutant(
        name="admins leave without a lock",
        file="booking/companies/services/members.py",
        old="        .with_for_update(of=Membership)\n",
        new="",
        tests=(f"{RACES}::test_two_admins_do_not_leave_at_once[postgresql]",),
        promise="a company keeps an admin",
    ),
    Mutant(
        name="applications of one code are decided without a lock",
        file="booking/companies/services/applications.py",
        old="        .with_for_update(of=CompanyApplication)\n",
        new="",
        tests=(f"{RACES}::test_one_company_comes_of_two_applications[postgresql]",),
        promise="a company is there once",
    ),
    Mutant(
        name="whoever is signed in accepts any invitation",
        file="booking/companies/services/accepting.py",
        old="    if person.email != row.email or row.asked_at is not None:\n",
        new="    if row.asked_at is not None:\n",
        tests=(
            f"{INVITATIONS}::test_an_existing_person_is_left_alone_until_they_accept_signed_in",
        ),
        promise="an invitation is for who reads its address",
    ),
    Mutant(
        name="who books for colleagues books for everybody",
        file="booking/reservations/services/bookers.py",
        old="        if party.company_id in own and request.company_id in",
        new="        if request.company_id in",
        tests=(f"{COLLEAGUES}::test_strangers_and_nobody_are_refused_alike",),
        promise="nobody books for people of another company",
    ),
)
