"""Writing, publishing, changing, withdrawing and reading notices."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, Stale, WrongState
from booking.core.text import LINE, is_keepable, many_lines, one_line
from booking.notices.models import Notice, NoticeRead, NoticeVersion
from booking.notices.queries import (
    Where,
    place_to_write,
    standing,
    visible_notice,
    visible_notices,
)
from booking.notices.rules import Wording
from booking.policies.services.settings import lock_edition, renew_edition

MOST_TEXT = 10_000
_READ = {
    engine.dialect.name: engine.insert(NoticeRead.__table__)
    .on_conflict_do_nothing()
    .returning(NoticeRead.user_id)
    for engine in (postgresql, sqlite)
}


def draft_notice(
    session: Session,
    actor: Actor,
    place: tuple[int | None, int | None],
    wording: Wording,
    now: datetime,
) -> int:
    """Return a new draft for a place (lab id, pool id; neither: the park); nobody is told yet.

    Raises NotFound where the actor writes none, Invalid naming the first unfit field.
    """
    where = place_to_write(session, actor, *place)
    fit = _checked(wording)
    row = Notice(
        lab_id=where.lab_id, pool_id=where.pool_id, created_at=now, created_by_id=actor.user_id,
        **_columns(fit),
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(session, actor, "notice.draft", ("notice", row.id), now, after=_told(row, where))
    return row.id


def change_notice(
    session: Session, actor: Actor, notice_id: int, revision: int, wording: Wording, now: datetime
) -> int:
    """Return the version a notice has now; a published one that says something else is a new one.

    Whoever had read it reads it anew. Raises NotFound, Stale, Invalid, WrongState `withdrawn`.
    """
    row, where = _locked(session, actor, notice_id, revision)
    fit = _checked(wording)
    before, asked = _told(row, where), bool(row.must_read)
    said = (row.title_zh, row.title_en, row.text_zh, row.text_en, asked)
    for name, value in _columns(fit).items():
        setattr(row, name, value)
    row.revision += 1
    if row.published_at is not None and fit.said != said:
        _keep_version(session, actor, row, now)
    session.flush()
    if row.published_at is not None and (asked or fit.must_read):
        renew_edition(session)
    record(
        session, actor, "notice.change", ("notice", row.id), now, before=before,
        after=_told(row, where),
    )  # fmt: skip
    return row.version


def publish_notice(
    session: Session, actor: Actor, notice_id: int, revision: int, now: datetime
) -> None:
    """Tell a draft to its readers from its first day on; again changes nothing.

    Raises NotFound, Stale, WrongState `withdrawn`.
    """
    row, where = _locked(session, actor, notice_id, revision)
    if row.published_at is not None:
        return
    row.published_at = now
    row.revision += 1
    _keep_version(session, actor, row, now)
    session.flush()
    if row.must_read:
        renew_edition(session)
    record(session, actor, "notice.publish", ("notice", row.id), now, after=_told(row, where))


def withdraw_notice(session: Session, actor: Actor, notice_id: int, now: datetime) -> None:
    """Take a notice back; what it said and who read it stays. Again changes nothing.

    Raises NotFound.
    """
    lock_edition(session)
    row, where = _own(session, actor, notice_id)
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = now
    row.revision += 1
    session.flush()
    if row.must_read and row.published_at is not None:
        renew_edition(session)
    record(session, actor, "notice.withdraw", ("notice", row.id), now, before=_told(row, where))


def read_notice(
    session: Session, actor: Actor, notice_id: int, now: datetime, version: int | None = None
) -> None:
    """Keep that the actor has read a notice that stands; again changes nothing.

    Raises NotFound, Stale when it is not `version` that stands any more.
    """
    line = visible_notice(session, actor, notice_id, now)
    if line.state != "current":
        raise NotFound("notice")
    row = line.notice
    if version is not None and version != row.version:
        raise Stale(version, row.version)
    values = {
        "user_id": actor.user_id, "notice_id": row.id, "version": row.version, "read_at": now,
    }  # fmt: skip
    fresh = session.execute(_READ[session.get_bind().dialect.name], values).scalar()
    if fresh is not None and row.must_read:
        record(
            session, actor, "notice.read", ("notice", row.id), now, after={"version": row.version}
        )


def read_all_notices(session: Session, actor: Actor, now: datetime) -> int:
    """Return how many notices were read at once: all that stand, but those that ask for a tick."""
    query = visible_notices(actor, now).where(
        standing(now), Notice.must_read == 0, NoticeRead.read_at.is_(None)
    )
    rows = [row.Notice for row in session.execute(query)]
    if rows:
        values = [
            {"user_id": actor.user_id, "notice_id": n.id, "version": n.version, "read_at": now}
            for n in rows
        ]
        session.execute(_READ[session.get_bind().dialect.name].returning(None), values)
    return len(rows)


def _own(session: Session, actor: Actor, notice_id: int) -> tuple[Notice, Where]:
    query = select(Notice).where(Notice.id == notice_id).with_for_update()
    row = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise NotFound("notice")
    return row, place_to_write(session, actor, row.lab_id, row.pool_id)


def _locked(session: Session, actor: Actor, notice_id: int, revision: int) -> tuple[Notice, Where]:
    """Return the notice in the revision the actor has seen; writers come one after the other."""
    lock_edition(session)
    row, where = _own(session, actor, notice_id)
    if row.withdrawn_at is not None:
        raise WrongState("notice_withdrawn")
    if row.revision != revision:
        raise Stale(revision, row.revision)
    return row, where


def _keep_version(session: Session, actor: Actor, row: Notice, now: datetime) -> None:
    row.version += 1
    session.execute(
        insert(NoticeVersion).values(
            notice_id=row.id, version=row.version, title_zh=row.title_zh, title_en=row.title_en,
            text_zh=row.text_zh, text_en=row.text_en, must_read=row.must_read, set_at=now,
            set_by_id=actor.user_id,
        )
    )  # fmt: skip


def _checked(wording: Wording) -> Wording:
    """Return the wording tidied. Raises Invalid."""
    lines = {name: one_line(getattr(wording, name)) for name in ("title_zh", "title_en")}
    texts = {name: many_lines(getattr(wording, name)) for name in ("text_zh", "text_en")}
    for most, given in ((LINE, lines), (MOST_TEXT, texts)):
        for field, text in given.items():
            if len(text) > most or not is_keepable(text):
                raise Invalid("too_long_text", field=field, limit=most)
    for field, text in (("title_zh", lines["title_zh"]), ("text_zh", texts["text_zh"])):
        if not text:
            raise Invalid("required", field=field)
    if bool(lines["title_en"]) != bool(texts["text_en"]):
        field = "title_en" if texts["text_en"] else "text_en"
        raise Invalid("notice_half_english", field=field)
    if wording.until_at is not None and wording.until_at <= wording.from_at:
        raise Invalid("end_before_start", field="until_day")
    return Wording(
        from_at=wording.from_at, until_at=wording.until_at, must_read=wording.must_read,
        **lines, **texts,
    )  # fmt: skip


def _columns(wording: Wording) -> dict[str, object]:
    return {
        "title_zh": wording.title_zh, "title_en": wording.title_en, "text_zh": wording.text_zh,
        "text_en": wording.text_en, "must_read": int(wording.must_read),
        "from_at": wording.from_at, "until_at": wording.until_at,
    }  # fmt: skip


def _told(row: Notice, where: Where) -> dict[str, object]:
    """Return what the record keeps of a notice; what it says is kept by its versions."""
    return {
        "title": row.title_zh, "scope": where.kind, "version": row.version,
        "must_read": bool(row.must_read), "from_at": row.from_at.isoformat(),
        "until_at": row.until_at.isoformat() if row.until_at else None,
    }  # fmt: skip
