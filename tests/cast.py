"""The cast used everywhere, in a park just big enough: two institutions, labs and companies."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, Institution, Lab, Site
from booking.inventory.models import Category, Platform, Pool, Unit
from tests import factories


@dataclass(frozen=True)
class Cast:
    """Who is who. Pools are west's and Mei's, except `east_pool`, which is Dee's."""

    site: Site
    west: Institution
    east: Institution
    company_a: Company
    company_b: Company
    west_lab: Lab
    east_lab: Lab
    platform: Platform
    category: Category
    ada: User  # member of company A
    bo: User  # her colleague, and company A's admin
    cy: User  # member of company B: must see nothing of A
    mei: User  # manager of west's lab
    dee: User  # manager of east's lab
    rep: User  # representative of west
    ops: User  # operator
    confocal: Pool  # 3 units, shared, approval by hand
    confocal_units: list[Unit]
    sequencer: Pool  # 1 unit, shared, approval by hand
    automatic: Pool  # 2 units, shared, approved by itself
    unshared: Pool  # 1 unit without an agreement
    east_pool: Pool  # 1 unit, shared


def cast(session: Session) -> Cast:
    """Return the whole cast, committed."""
    with factories.together(session):
        return _cast(session)


def _cast(session: Session) -> Cast:
    make = factories
    site = make.create_site(session, name_zh="西安园区", name_en="Xi'an park")
    west = make.create_institution(session, name_zh="西部医院", name_en="West Hospital")
    east = make.create_institution(session, name_zh="东方大学", name_en="East University")
    company_a = make.create_company(
        session, name_zh="甲生物", name_en="Alpha Bio", home_site_id=site.id
    )
    company_b = make.create_company(
        session, name_zh="乙医药", name_en="Beta Pharma", home_site_id=site.id
    )
    west_lab = make.create_lab(session, name_zh="成像实验室", institution_id=west.id)
    east_lab = make.create_lab(session, name_zh="测序实验室", institution_id=east.id)
    platform = make.create_platform(session, name_zh="精准诊断", name_en="Precision diagnosis")
    category = make.create_category(session, name_zh="光学显微镜", name_en="Light microscopes")
    people = _people(session, west, company_a, company_b, west_lab, east_lab)
    pools = _pools(session, site, platform, category, west_lab, east_lab)
    return Cast(
        site=site,
        west=west,
        east=east,
        company_a=company_a,
        company_b=company_b,
        west_lab=west_lab,
        east_lab=east_lab,
        platform=platform,
        category=category,
        confocal_units=make.units_of(session, pools["confocal"]),
        **people,
        **pools,
    )


def _people(
    session: Session,
    west: Institution,
    company_a: Company,
    company_b: Company,
    west_lab: Lab,
    east_lab: Lab,
) -> dict[str, User]:
    names = {"ada": "Ada", "bo": "Bo", "cy": "Cy", "mei": "梅", "dee": "Dee", "rep": "Rep"}
    people = {
        key: factories.create_user(session, email=f"{key}@test.example", name=name)
        for key, name in names.items()
    }
    people["ops"] = factories.create_user(
        session, email="ops@test.example", name="Ops", park_role="operator"
    )
    factories.create_membership(session, people["ada"], company_a)
    factories.create_membership(session, people["bo"], company_a, "member admin")
    factories.create_membership(session, people["cy"], company_b)
    factories.create_membership(session, people["rep"], west, "member representative")
    factories.create_lab_member(session, west_lab, people["mei"])
    factories.create_lab_member(session, east_lab, people["dee"])
    return people


def _pools(
    session: Session,
    site: Site,
    platform: Platform,
    category: Category,
    west_lab: Lab,
    east_lab: Lab,
) -> dict[str, Pool]:
    common = {
        "site_id": site.id,
        "platform_id": platform.id,
        "category_code": category.code,
        "lab_id": west_lab.id,
    }
    table = {
        # name: units, shared, columns
        "confocal": (3, True, {"name_zh": "激光共聚焦显微镜", "name_en": "Confocal microscope"}),
        "sequencer": (1, True, {"name_zh": "基因测序仪", "name_en": "Sequencer"}),
        "automatic": (2, True, {"name_zh": "离心机", "name_en": "Centrifuge", "approval": "auto"}),
        "unshared": (1, False, {"name_zh": "质谱仪", "name_en": "Mass spectrometer"}),
        "east_pool": (1, True, {"name_zh": "流式细胞仪", "lab_id": east_lab.id}),
    }
    pools = {}
    for key, (units, shared, columns) in table.items():
        pools[key] = factories.create_pool(session, units=units, **{**common, **columns})
        if shared:
            factories.create_contribution(session, pools[key])
    return pools


def others(session: Session, people: Cast) -> dict[str, User]:
    """Return those whom only the matrices need: the other roles of companies and of the park."""
    make = factories
    found = {}
    with make.together(session):
        for key, role in (("adm", "administrator"), ("aud", "auditor")):
            found[key] = make.create_user(
                session, email=f"{key}@test.example", name=key.title(), park_role=role
            )
        for key, party, roles in (
            ("kim", people.company_a, "member booker"),
            ("fin", people.company_a, "member finance"),
            ("rae", people.east, "member representative"),
        ):
            found[key] = make.create_user(session, email=f"{key}@test.example", name=key.title())
            make.create_membership(session, found[key], party, roles)
    return found


def further(session: Session, people: Cast) -> dict[str, User]:
    """Return those whom only the pages' matrix needs: who does a part of a manager's work.

    Of West's lab a member of staff and the deputy; a trainer for its confocal microscope and one of
    a decider group, both of company B; a member of West, who stands in for the deputy.
    """
    make, found = factories, {}
    with make.together(session):
        for key in ("sta", "dep", "tra", "gro", "sub"):
            found[key] = make.create_user(session, email=f"{key}@test.example", name=key.title())
        make.create_lab_member(session, people.west_lab, found["sta"], "staff")
        make.create_lab_member(session, people.west_lab, found["dep"], "deputy")
        make.create_membership(session, found["tra"], people.company_b)
        make.create_membership(session, found["gro"], people.company_b)
        make.create_membership(session, found["sub"], people.west)
    return found
