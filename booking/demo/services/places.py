"""Places, parties and people of the demo park, written in bulk."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import (
    Building,
    Company,
    CompanyApplication,
    Institution,
    Lab,
    LabMember,
    Membership,
    Room,
    Site,
)
from booking.companies.rules.codes import check_letter
from booking.demo.rules import park, words
from booking.infra.storage.files import use
from booking.inventory.models import Platform


@dataclass(frozen=True, slots=True)
class Booker:
    """A person who books, and the company or institution booked for."""

    user_id: int
    company_id: int | None
    institution_id: int | None


@dataclass(frozen=True, slots=True)
class Places:
    """Ids by position in the word lists; labs by (institution, lab), rooms by site."""

    sites: list[int]
    rooms: dict[int, list[int]]
    platforms: list[int]
    institutions: list[int]
    labs: dict[tuple[int, int], int]
    bookers: list[Booker]


def insert_ids(session: Session, table: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return the ids of rows inserted in bulk, in their order."""
    statement = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, list(rows)))


def build_places(session: Session, rng: random.Random, password_hash: str, now: datetime) -> Places:
    """Return everything but the inventory, written."""
    sites = insert_ids(
        session, Site, [{"name_zh": zh, "name_en": en, "time_zone": "Asia/Shanghai", "address": ""}
                        for zh, en in words.SITES],
    )  # fmt: skip
    rooms = _rooms(session, sites)
    platforms = insert_ids(
        session, Platform, [{"name_zh": zh, "name_en": en} for zh, en in words.PLATFORMS]
    )
    institutions = insert_ids(
        session, Institution,
        [{"name_zh": zh, "name_en": en, "kind": kind} for zh, en, kind, _ in words.INSTITUTIONS],
    )  # fmt: skip
    labs = _labs(session, institutions)
    companies = _companies(session, rng, sites)
    bookers = _people(session, rng, companies, institutions, labs, password_hash, now)
    return Places(sites, rooms, platforms, institutions, labs, bookers)


def _rooms(session: Session, sites: list[int]) -> dict[int, list[int]]:
    rooms: dict[int, list[int]] = {}
    for site, count in zip(sites, words.BUILDINGS, strict=True):
        buildings = insert_ids(
            session, Building,
            [{"site_id": site, "name_zh": f"{n}号楼", "name_en": f"Building {n}"}
             for n in range(1, count + 1)],
        )  # fmt: skip
        rooms[site] = insert_ids(
            session, Room,
            [{"building_id": b, "name": f"{floor}{room:02d}", "floor": str(floor)}
             for b in buildings for floor in range(1, words.FLOORS + 1)
             for room in range(1, words.ROOMS_A_FLOOR + 1)],
        )  # fmt: skip
    return rooms


def _labs(session: Session, institutions: list[int]) -> dict[tuple[int, int], int]:
    keys = [(n, lab) for n in range(len(institutions)) for lab in park.labs_of(n)]
    ids = insert_ids(
        session, Lab,
        [{"institution_id": institutions[n], "name_zh": words.LABS[lab][0],
          "name_en": words.LABS[lab][1], "staff_may_approve": 0} for n, lab in keys],
    )  # fmt: skip
    return dict(zip(keys, ids, strict=True))


def _companies(session: Session, rng: random.Random, sites: list[int]) -> list[int]:
    rows = []
    for n, (zh, en) in enumerate(words.COMPANY_WORDS):
        trade_zh, trade_en = words.COMPANY_TRADES[n % len(words.COMPANY_TRADES)]
        home = sites[0] if n < 11 else rng.choice(sites)
        rows.append({
            "name_zh": f"{zh}{trade_zh}有限公司", "name_en": f"{en} {trade_en} Ltd.",
            "credit_code": _credit_code(n), "price_tier": "resident", "home_site_id": home,
        })  # fmt: skip
    return insert_ids(session, Company, rows)


def let_apply(session: Session, licence_file_id: int, now: datetime) -> None:
    """Let one company wait for the operator's decision."""
    session.add(
        CompanyApplication(
            name_zh="新芽生物科技有限公司", name_en="Sprout Biotech Ltd.",
            credit_code=_credit_code(9999), contact="林芽", email="lin@sprout.example",
            phone="029-8800 0000", note="计划使用流式细胞仪和共聚焦显微镜，入驻 3 号楼。",
            licence_file_id=licence_file_id, created_at=now,
        )
    )  # fmt: skip
    use(session, licence_file_id)


def _credit_code(number: int) -> str:
    """Return a code that passes its check; the authority in it is nobody's."""
    first = f"91610000MADEM{number:04d}"
    return first + check_letter(first)


def _people(
    session: Session,
    rng: random.Random,
    companies: list[int],
    institutions: list[int],
    labs: dict[tuple[int, int], int],
    password_hash: str,
    now: datetime,
) -> list[Booker]:
    cast = [_user(p.email, p.name, password_hash, now, p.role) for p in park.CAST]
    cast_ids = dict(zip((p.email for p in park.CAST), insert_ids(session, User, cast), strict=True))
    members = [
        (company, f"user{n:02d}.{k:02d}@demo.example")
        for n, company in enumerate(companies)
        for k in range(park.MEMBERS_PER_COMPANY)
    ]
    ids = insert_ids(
        session, User, [_user(e, park.person_name(rng), password_hash, now) for _, e in members]
    )
    staff = [
        (lab, f"lab{lab_id:03d}@demo.example")
        for lab_id, lab in enumerate(labs.values())
        if lab != labs[(park.MEI_INSTITUTION, park.MEI_LAB)]
    ]
    managers = insert_ids(
        session, User, [_user(e, park.person_name(rng), password_hash, now) for _, e in staff]
    )
    rows = [_member(i, c, None, "member") for i, (c, _) in zip(ids, members, strict=True)]
    for named in park.CAST:
        if named.company is not None:
            roles = "member admin" if named.role == "admin" else "member"
            rows.append(_member(cast_ids[named.email], companies[named.company], None, roles))
    owner = institutions[park.MEI_INSTITUTION]
    rows.append(_member(cast_ids["inst@demo.example"], None, owner, "member representative"))
    session.execute(insert(Membership), rows)
    in_labs = [(cast_ids["mei@demo.example"], labs[(park.MEI_INSTITUTION, park.MEI_LAB)])]
    in_labs += [(i, lab) for i, (lab, _) in zip(managers, staff, strict=True)]
    session.execute(
        insert(LabMember), [{"user_id": i, "lab_id": lab, "role": "manager"} for i, lab in in_labs]
    )
    return [Booker(r["user_id"], r["company_id"], r["institution_id"]) for r in rows]


def _user(
    email: str, name: str, password_hash: str, now: datetime, role: str = ""
) -> dict[str, Any]:
    return {
        "email": email, "name": name, "phone": "", "password_hash": password_hash,
        "park_role": "operator" if role == "operator" else None, "created_at": now,
    }  # fmt: skip


def _member(user: int, company: int | None, institution: int | None, roles: str) -> dict[str, Any]:
    return {
        "user_id": user, "company_id": company, "institution_id": institution, "roles": roles,
    }  # fmt: skip
