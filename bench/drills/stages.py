"""Stages for duels: a pool of two units of its own, one hour to fight for, and what stands there.

Laid in bulk and in Core, as rows: the duel is about what two services do to them.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from bench.drills.ground import FIRST, YEARS
from booking.accounts.models import User
from booking.companies.models import Company, Institution, Lab, LabMember, Membership, Site
from booking.core.actor import Actor, Party
from booking.inventory.models import Contribution, Pool, Unit
from booking.policies.models import QuotaRow
from booking.reservations.models import Allocation, Closure, Hold, Reservation, WaitlistEntry

SITE = "对局园区"
# What is undecided or offered ends here, a minute later on each stage: jobs meet one at a time.
DUE = datetime(2028, 1, 1, tzinfo=UTC)
LAID = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST_MINUTES = 120
ADA, BO, CY, DEE, EVE = range(5)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing on a stage: what, on which unit, from when to when (hours after the hot one)."""

    kind: str  # pending, approved, cancelled, change, offer, form, closure, waiting
    unit: int = 0
    start: float = 0
    end: float = 1
    owner: int = ADA
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: ids, people as actors, and the id of each of its pieces, in their order."""

    start: datetime
    due: datetime
    pool_id: int
    annex_id: int  # another pool, of one unit
    unit_ids: tuple[int, int]
    asset_no: str
    institution: str
    lab: str
    people: tuple[Actor, ...]
    manager: Actor
    pieces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Common:
    """What all stages share. Eve's company may have one reservation a day of each of its people."""

    site_id: int
    company_ids: tuple[int, int, int]
    manager_id: int


def lay_common(session: Session) -> Common:
    """Return the site, the companies and the manager."""
    [site] = _keep(session, Site, [{"name_zh": SITE}])
    names = [{"name_zh": f"对局企业{n}"} for n in range(3)]
    first, second, third = _keep(session, Company, names)
    [manager] = _people(session, ["mei"])
    quota = {
        "scope_kind": "park", "subject": "person", "measure": "count", "period": "day",
        "amount": 1, "group_kind": "company", "group_key": str(third), "set_at": LAID,
    }  # fmt: skip
    _keep(session, QuotaRow, [quota])
    return Common(site, (first, second, third), manager)


class Builder:
    """Lays stages, each with a number of its own."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self._numbers = itertools.count()

    def lay(self, session: Session, plans: Sequence[tuple[int, Sequence[Piece]]]) -> list[Stage]:
        """Return a stage for each plan: (day after FIRST, what stands there)."""
        numbers = [next(self._numbers) for _ in plans]
        places = self._places(session, numbers)
        people = self._all_people(session, numbers)
        stages = []
        for n, number in enumerate(numbers):
            institution, lab, (pool, annex), units = places[n]
            stages.append(
                Stage(
                    FIRST + timedelta(days=plans[n][0], hours=4), DUE + timedelta(minutes=number),
                    pool, annex, units, f"U{number}", institution, f"组{number}", people[n],
                    Actor(self._common.manager_id, "mei", labs={lab: "manager"}), (),
                )
            )  # fmt: skip
        return _furnish(session, stages, [pieces for _, pieces in plans])

    def _places(
        self, session: Session, numbers: Sequence[int]
    ) -> list[tuple[str, int, tuple[int, int], tuple[int, int]]]:
        """Return of each stage its institution's name, lab, two pools and the first one's units."""
        names = [f"对局单位{number}" for number in numbers]
        owners = _keep(session, Institution, [{"name_zh": name} for name in names])
        labs = _keep(session, Lab, [
            {"institution_id": owner, "name_zh": f"组{number}"}
            for owner, number in zip(owners, numbers, strict=True)
        ])  # fmt: skip
        manages = {"user_id": self._common.manager_id, "role": "manager"}
        _keep(session, LabMember, [{"lab_id": lab, **manages} for lab in labs])
        pools = _keep(session, Pool, [
            {
                "institution_id": owner, "lab_id": lab, "site_id": self._common.site_id,
                "name_zh": f"{name}{number}", "approval": "auto", "horizon_days": YEARS,
                "max_units": 2, "max_minutes": LONGEST_MINUTES, "created_at": LAID,
            }
            for owner, lab, number in zip(owners, labs, numbers, strict=True)
            for name in ("池", "副池")
        ])  # fmt: skip
        _keep(session, Contribution, [{"pool_id": pool, "from_at": LAID} for pool in pools])
        units = self._units(session, numbers, owners, pools)
        return [
            (name, labs[n], (pools[2 * n], pools[2 * n + 1]), units[n])
            for n, name in enumerate(names)
        ]

    def _units(
        self, session: Session, numbers: Sequence[int], owners: Sequence[int], pools: Sequence[int]
    ) -> list[tuple[int, int]]:
        rows = [
            {"pool_id": pools[2 * n + annex], "institution_id": owners[n], "asset_no": asset,
             "created_at": LAID}
            for n, number in enumerate(numbers)
            for annex, asset in ((0, f"U{number}"), (0, f"V{number}"), (1, f"W{number}"))
        ]  # fmt: skip
        ids = _keep(session, Unit, rows)
        return [(ids[3 * n], ids[3 * n + 1]) for n in range(len(numbers))]

    def _all_people(self, session: Session, numbers: Sequence[int]) -> list[tuple[Actor, ...]]:
        """Return each stage's people: Ada and Bo, Cy and Dee, Eve, of three companies."""
        first, second, third = self._common.company_ids
        of = (first, first, second, second, third)
        ids = _people(session, [f"p{number}x{who}" for number in numbers for who in range(5)])
        _keep(session, Membership, [
            {"user_id": person, "company_id": of[n % 5]} for n, person in enumerate(ids)
        ])  # fmt: skip
        actors = [
            Actor(person, f"p{person}", parties=(Party(of[n % 5], None, frozenset({"member"})),))
            for n, person in enumerate(ids)
        ]
        return [tuple(actors[5 * n : 5 * n + 5]) for n in range(len(numbers))]


# --- what stands on them -----------------------------------------------------------------


def _furnish(
    session: Session, stages: Sequence[Stage], plans: Sequence[Sequence[Piece]]
) -> list[Stage]:
    """Return the stages with the ids of their pieces, which are rows now."""
    found: list[list[int]] = [[0] * len(plan) for plan in plans]
    everything = [
        (n, place, piece) for n, plan in enumerate(plans) for place, piece in enumerate(plan)
    ]
    blocks: list[dict[str, Any]] = []
    for kinds, lay in (
        (("pending", "approved", "cancelled", "change"), _reservations),
        (("offer", "form"), _holds),
        (("closure",), _closures),
        (("waiting",), _waiting),
    ):
        chosen = [one for one in everything if one[2].kind in kinds]
        ids = lay(session, [(stages[n], piece) for n, _, piece in chosen], blocks)
        for (n, place, _), key in zip(chosen, ids, strict=True):
            found[n][place] = key
    _keep(session, Allocation, blocks)
    return [replace(stage, pieces=tuple(ids)) for stage, ids in zip(stages, found, strict=True)]


Placed = Sequence[tuple[Stage, Piece]]
Blocks = list[dict[str, Any]]


def _reservations(session: Session, placed: Placed, blocks: Blocks) -> list[int]:
    """Return the ids; a `change` is approved six hours later and asks for the hot hour."""
    rows: list[dict[str, Any]] = []
    for stage, piece in placed:
        start, end = _times(stage, piece, later=6 if piece.kind == "change" else 0)
        person = stage.people[piece.owner]
        pending = piece.kind == "pending"
        rows.append({
            "reference": f"D{stage.pool_id}-{len(rows)}", "pool_id": stage.pool_id, "quantity": 1,
            "start_at": start, "end_at": end,
            "status": "approved" if piece.kind == "change" else piece.kind,
            "named_unit": int(piece.pinned), "user_id": person.user_id,
            "company_id": person.parties[0].company_id, "purpose": "research",
            "created_at": LAID, "decide_by": stage.due if pending else None,
            "was_status": "approved" if piece.kind == "cancelled" else None,
        })  # fmt: skip
    ids = _keep(session, Reservation, rows)
    changes: list[tuple[Stage, Piece]] = []
    moving: list[int] = []
    for (stage, piece), key, row in zip(placed, ids, rows, strict=True):
        times, active = (row["start_at"], row["end_at"]), piece.kind != "cancelled"
        blocks.append(_block(stage, piece, times, ("reservation", key), active=active))
        if piece.kind == "change":
            changes.append((stage, piece))
            moving.append(key)
    _holds(session, changes, blocks, moving)
    return ids


def _holds(
    session: Session, placed: Placed, blocks: Blocks, moving: Sequence[int] | None = None
) -> list[int]:
    """Return the ids of holds; of an offer that of the entry that was offered it."""
    rows = []
    for n, (stage, piece) in enumerate(placed):
        start, end = _times(stage, piece)
        rows.append({
            "kind": "pending_move" if moving else piece.kind, "pool_id": stage.pool_id,
            "reservation_id": moving[n] if moving else None,
            "user_id": stage.people[piece.owner].user_id, "start_at": start, "end_at": end,
            "quantity": 1, "unit_ids": str(stage.unit_ids[piece.unit]), "created_at": LAID,
            "expires_at": stage.due,
        })  # fmt: skip
    ids = _keep(session, Hold, rows)
    for (stage, piece), key in zip(placed, ids, strict=True):
        blocks.append(_block(stage, piece, _times(stage, piece), ("hold", key)))
    offered = [n for n, (_, piece) in enumerate(placed) if piece.kind == "offer"]
    entries = _enter(session, [placed[n] for n in offered], [ids[n] for n in offered])
    for n, entry in zip(offered, entries, strict=True):
        ids[n] = entry
    return ids


def _waiting(session: Session, placed: Placed, _blocks: Blocks) -> list[int]:
    return _enter(session, placed, None)


def _enter(session: Session, placed: Placed, holds: Sequence[int] | None) -> list[int]:
    rows = []
    for n, (stage, piece) in enumerate(placed):
        start, end = _times(stage, piece)
        person = stage.people[piece.owner]
        rows.append({
            "kind": "offer", "pool_id": stage.pool_id, "user_id": person.user_id,
            "company_id": person.parties[0].company_id, "minutes": 60, "first_at": start,
            "last_at": end, "purpose": "research", "state": "offered" if holds else "waiting",
            "created_at": LAID, "hold_id": holds[n] if holds else None,
            "offered_at": LAID if holds else None, "offer_until": stage.due if holds else None,
        })  # fmt: skip
    return _keep(session, WaitlistEntry, rows)


def _closures(session: Session, placed: Placed, blocks: Blocks) -> list[int]:
    rows = []
    for stage, piece in placed:
        start, end = _times(stage, piece)
        rows.append({
            "pool_id": stage.pool_id, "unit_id": stage.unit_ids[piece.unit], "start_at": start,
            "kind": "maintenance", "end_at": end, "created_at": LAID,
        })  # fmt: skip
    ids = _keep(session, Closure, rows)
    for (stage, piece), key in zip(placed, ids, strict=True):
        blocks.append(_block(stage, piece, _times(stage, piece), ("closure", key)))
    return ids


def _times(stage: Stage, piece: Piece, later: float = 0) -> tuple[datetime, datetime]:
    start = stage.start + timedelta(hours=piece.start + later)
    return start, start + timedelta(hours=piece.end - piece.start)


def _block(
    stage: Stage,
    piece: Piece,
    times: tuple[datetime, datetime],
    owner: tuple[str, int],
    *,
    active: bool = True,
) -> dict[str, Any]:
    ids = dict.fromkeys(("reservation_id", "hold_id", "closure_id"))
    return {
        **ids, f"{owner[0]}_id": owner[1], "kind": owner[0], "unit_id": stage.unit_ids[piece.unit],
        "block_start": times[0], "block_end": times[1], "active": int(active),
        "pinned": int(piece.pinned or owner[0] == "closure"),
    }  # fmt: skip


def _people(session: Session, names: Sequence[str]) -> list[int]:
    rows = [{"email": f"{name}@duel.example", "name": name, "created_at": LAID} for name in names]
    return _keep(session, User, rows)


def _keep(session: Session, model: type[Any], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return the ids of the rows inserted, in their order."""
    if not rows:
        return []
    table = cast(Table, model.__table__)
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(session.connection().execute(statement, list(rows)).scalars())
