"""Keeping a series' rule true: split where a change begins, told anew, shortened, ended."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.reservations.models import Reservation, ReservationGroup
from booking.reservations.queries.groups import Group, has_live, series_of
from booking.reservations.rules.groups import Series
from booking.reservations.rules.rrule import rule_text

_COPIED = ("kind", "title", "zone", "user_id", "company_id", "institution_id", "length_minutes")


def split(
    session: Session, actor: Actor, group: Group, index: int, now: datetime
) -> ReservationGroup:
    """Return the new group that takes over from the `index`-th day; the old one ends before."""
    old, series = group.row, series_of(group.row)
    later = series.since(index)
    values = {
        **{name: getattr(old, name) for name in _COPIED}, **_columns(later), "version": 1,
        "created_at": now, "created_by_id": actor.user_id, "split_from_id": old.id,
    }  # fmt: skip
    made = insert(ReservationGroup).values(values).returning(ReservationGroup.id)
    new_id = int(session.execute(made).scalar_one())
    moving = (Reservation.group_id == old.id, Reservation.group_position >= index)
    session.flush()
    versions = session.scalar(select(func.sum(Reservation.version)).where(*moving)) or 0
    session.execute(
        update(Reservation)
        .where(*moving)
        .values(group_id=new_id, group_position=Reservation.group_position - index)
        .execution_options(synchronize_session=False)
    )
    _rewrite(old, series.before(index))
    # The version shown is that of the group and of its reservations together; it only grows.
    old.version += int(versions) + 1
    return session.get_one(ReservationGroup, new_id)


def keep_times(row: ReservationGroup, at: time, by: timedelta, length: timedelta) -> None:
    """Tell a series' new time of day, days moved by `by`, and length. Raises Invalid."""
    series = series_of(row)
    moved = series.moved(datetime.combine(series.first.date() + by, at.replace(tzinfo=None)))
    retell(row, moved, length)


def retell(row: ReservationGroup, series: Series, length: timedelta) -> None:
    """Tell a series' new rule and length."""
    _rewrite(row, series)
    row.length_minutes = int(length.total_seconds() // 60)
    row.version += 1


def shorten(row: ReservationGroup, index: int) -> None:
    """End a series before its `index`-th day; one of which nothing is left keeps its rule."""
    if index > 0:
        _rewrite(row, series_of(row).before(index))


def end_if_over(session: Session, group_id: int | None, now: datetime) -> None:
    """End a group when its last live reservation has ended; its row is locked for that."""
    if group_id is None:
        return
    row = session.scalars(
        select(ReservationGroup).where(ReservationGroup.id == group_id).with_for_update()
    ).one()
    if row.ended_at is None and not has_live(session, group_id):
        row.ended_at = now
        row.version += 1
        session.flush()


def reopen(session: Session, group_id: int | None) -> None:
    """Let a group go on of which a reservation lives again."""
    if group_id is not None:
        session.execute(
            update(ReservationGroup)
            .where(ReservationGroup.id == group_id, ReservationGroup.ended_at.is_not(None))
            .values(ended_at=None, version=ReservationGroup.version + 1)
        )


def regain(session: Session, row: Reservation) -> None:
    """Let the group go on of a reservation that lives again; a series' rule says its day again.

    One whose day the rule no longer means, as the series was moved meanwhile, is of its own.
    """
    query = select(ReservationGroup).where(ReservationGroup.id == row.group_id).with_for_update()
    group = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if group is None:
        return
    series = None
    if group.kind == "series":
        day = date.fromisoformat(row.occurrence_day or "")
        series = series_of(group).regained(row.group_position or 0, day)
        if series is None:
            row.group_id = row.group_position = row.occurrence_day = None
            return
        _rewrite(group, series)
    group.ended_at = None
    group.version += 1
    session.flush()


def _rewrite(row: ReservationGroup, series: Series) -> None:
    for name, value in _columns(series).items():
        setattr(row, name, value)


def _columns(series: Series) -> dict[str, str]:
    return {
        "rule": rule_text(series.rule),
        "exceptions": " ".join(sorted(day.isoformat() for day in series.rule.exceptions)),
        "starts_local": f"{series.first:%Y-%m-%dT%H:%M}",
    }
