"""Notices as readers and writers see them; what a reader may see are `visible_notices`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject, may_look, require
from booking.companies.models import Lab
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Pool
from booking.inventory.queries.visible import pools_seen_by
from booking.notices.models import Notice, NoticeRead, NoticeVersion
from booking.notices.rules import state

SHOWN_ON_HOME = 5
_TOLD = Notice.published_at.is_not(None) & Notice.withdrawn_at.is_(None)
_OF_PARK = Notice.lab_id.is_(None) & Notice.pool_id.is_(None)


@dataclass(frozen=True, slots=True)
class Where:
    """The place a notice is of: a pool, a lab, or (neither) the park; `subject` decides who writes.

    `names` in Chinese and English are those of the pool or lab, empty for the park.
    """

    lab_id: int | None
    pool_id: int | None
    subject: Subject
    names: tuple[str, str] = ("", "")

    @property
    def kind(self) -> str:
        """Return park, lab or pool."""
        if self.pool_id is not None:
            return "pool"
        return "lab" if self.lab_id is not None else "park"


@dataclass(frozen=True, slots=True)
class Line:
    """One notice of a list; `names` are those of its pool or lab, `read` is of this version."""

    notice: Notice
    kind: str
    names: tuple[str, str]
    state: str
    read_at: datetime | None

    @property
    def unread(self) -> bool:
        """Return whether it stands and the reader has not said that they read it."""
        return self.state == "current" and self.read_at is None

    @property
    def concerns_booking(self) -> bool:
        """Return whether it stands beside an instrument: the park's only until it was ticked."""
        return self.kind != "park" or (self.unread and bool(self.notice.must_read))


def standing(now: datetime) -> ColumnElement[bool]:
    """Return the condition on Notice: published, and its days hold now."""
    ends = or_(Notice.until_at.is_(None), Notice.until_at > now)
    return and_(_TOLD, Notice.from_at <= now, ends)


def visible_notices(actor: Actor, now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the columns of lines of what the actor may read: told, and begun; the newest first.

    Of a lab: who works there or sees one of its pools; of a pool: who sees it.
    """
    seen = select(Pool.id).where(pools_seen_by(actor, now))
    of_lab = Notice.lab_id.in_(sorted(actor.lab_ids)) | (
        seen.where(Pool.lab_id == Notice.lab_id).correlate(Notice).exists()
    )
    of_pool = seen.where(Pool.id == Notice.pool_id).correlate(Notice).exists()
    places = or_(
        _OF_PARK, Notice.lab_id.is_not(None) & of_lab, Notice.pool_id.is_not(None) & of_pool
    )
    return _lines(actor).where(_TOLD, Notice.from_at <= now, places)


def notices_of_pool(
    session: Session, actor: Actor, pool_id: int, lab_id: int, now: datetime
) -> list[Line]:
    """Return what stands for a pool the actor sees: its own, its lab's, the park's. One query."""
    here = or_(Notice.pool_id == pool_id, Notice.lab_id == lab_id, _OF_PARK)
    rows = session.execute(_lines(actor).where(standing(now), here)).all()
    order = {"pool": 0, "lab": 1, "park": 2}
    return sorted(lines_of(rows, now), key=lambda line: order[line.kind])


def notices_at_hand(
    session: Session, actor: Actor, pool_ids: Sequence[int], now: datetime
) -> tuple[list[Line], int]:
    """Return what stands where the actor looks: the park's, their labs', those of these pools.

    The unread first, then the newest, at most five; and how many are unread. One query.
    """
    labs = select(Pool.lab_id).where(Pool.id.in_(pool_ids))
    here = or_(
        _OF_PARK, Notice.pool_id.in_(pool_ids), Notice.lab_id.in_(labs),
        Notice.lab_id.in_(sorted(actor.lab_ids)),
    )  # fmt: skip
    found = lines_of(session.execute(_lines(actor).where(standing(now), here)).all(), now)
    found.sort(key=lambda line: not line.unread)
    return found[:SHOWN_ON_HOME], sum(line.unread for line in found)


def visible_notice(session: Session, actor: Actor, notice_id: int, now: datetime) -> Line:
    """Return one notice: told, or the actor's to write. Raises NotFound. Two queries at most."""
    told = visible_notices(actor, now).where(Notice.id == notice_id)
    row = session.execute(told).one_or_none()
    if row is None:
        row = session.execute(_lines(actor).where(Notice.id == notice_id)).one_or_none()
        if row is None or not may_look(actor, "notice.write", Subject(lab_id=row.writer_lab_id)):
            raise NotFound("notice")
    return _line(row, now)


def unread_count(session: Session, actor: Actor, now: datetime) -> int:
    """Return how many notices that stand the actor has not read. One query."""
    unread = visible_notices(actor, now).where(standing(now), NoticeRead.read_at.is_(None))
    inner = unread.order_by(None).subquery()
    return session.execute(select(func.count()).select_from(inner)).scalar_one()


def lines_of(rows: Sequence[Any], now: datetime) -> list[Line]:
    """Return rows of `visible_notices` as lines."""
    return [_line(row, now) for row in rows]


def place_to_look(session: Session, actor: Actor, lab_id: int | None, pool_id: int | None) -> Where:
    """Return a place whose notices the actor may look through. Raises NotFound. One query."""
    where = _place(session, lab_id, pool_id)
    if not may_look(actor, "notice.write", where.subject):
        raise NotFound("place")
    return where


def place_to_write(
    session: Session, actor: Actor, lab_id: int | None, pool_id: int | None
) -> Where:
    """Return a place for which the actor may write notices. Raises NotFound. One query."""
    where = _place(session, lab_id, pool_id)
    require(actor, "notice.write", where.subject)
    return where


def written_at(where: Where, actor: Actor) -> Select[*tuple[Any, ...]]:
    """Return the columns of lines of all notices of a place, the last written first."""
    here = {"park": _OF_PARK, "lab": Notice.lab_id == where.lab_id,
            "pool": Notice.pool_id == where.pool_id}[where.kind]  # fmt: skip
    return _lines(actor).where(here).order_by(None).order_by(Notice.id.desc())


def versions_of(session: Session, notice_id: int) -> list[Any]:
    """Return (NoticeVersion, name of who wrote it, readers) of a notice, newest first."""
    readers = (
        select(func.count())
        .where(
            NoticeRead.notice_id == NoticeVersion.notice_id,
            NoticeRead.version == NoticeVersion.version,
        )
        .correlate(NoticeVersion)
        .scalar_subquery()
    )
    query = (
        select(NoticeVersion, User.name, readers.label("readers"))
        .outerjoin(User, User.id == NoticeVersion.set_by_id)
        .where(NoticeVersion.notice_id == notice_id)
        .order_by(NoticeVersion.version.desc())
    )
    return list(session.execute(query).all())


def _place(session: Session, lab_id: int | None, pool_id: int | None) -> Where:
    if lab_id is None and pool_id is None:
        return Where(None, None, Subject())
    table, key = (Pool, pool_id) if pool_id is not None else (Lab, lab_id)
    row: Any = session.get(table, key)
    if row is None or row.retired_at is not None:
        raise NotFound("place")
    runs = row.lab_id if pool_id is not None else row.id
    own = None if pool_id is not None else row.id
    return Where(own, pool_id, Subject(lab_id=runs), (row.name_zh, row.name_en))


def _lines(actor: Actor) -> Select[*tuple[Any, ...]]:
    mine = and_(
        NoticeRead.notice_id == Notice.id, NoticeRead.version == Notice.version,
        NoticeRead.user_id == actor.user_id,
    )  # fmt: skip
    return (
        select(
            Notice, Lab.name_zh.label("lab_zh"), Lab.name_en.label("lab_en"),
            Pool.name_zh.label("pool_zh"), Pool.name_en.label("pool_en"), NoticeRead.read_at,
            func.coalesce(Pool.lab_id, Notice.lab_id).label("writer_lab_id"),
        )
        .outerjoin(Lab, Lab.id == Notice.lab_id)
        .outerjoin(Pool, Pool.id == Notice.pool_id)
        .outerjoin(NoticeRead, mine)
        .order_by(Notice.from_at.desc(), Notice.id.desc())
    )  # fmt: skip


def _line(row: Any, now: datetime) -> Line:
    notice = row.Notice
    kind, names = "park", ("", "")
    if notice.pool_id is not None:
        kind, names = "pool", (row.pool_zh, row.pool_en)
    elif notice.lab_id is not None:
        kind, names = "lab", (row.lab_zh, row.lab_en)
    stands = state(notice.published_at, notice.withdrawn_at, notice.from_at, notice.until_at, now)
    return Line(notice, kind, names, stands, row.read_at)
