"""Ledgers of quotas: they tell what the reservations themselves would, whatever was changed."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from booking.core.errors import Busy, RuleViolated
from booking.core.period import Period, from_epoch, to_epoch
from booking.infra.db import db, write
from booking.inventory.models import Pool
from booking.policies.models import QuotaRow
from booking.policies.queries.book import current_book
from booking.policies.rules.quotas import quota_violations, window_days
from booking.reservations.jobs import count_quota
from booking.reservations.models import QuotaUse, Reservation
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.quota_ledgers import uncounted, untrue
from booking.reservations.queries.spending import Spending
from booking.reservations.queries.spending_rows import Subject
from booking.reservations.services.counting import (
    add_up,
    begin_ledger,
    complete_portion,
    end_ledger,
    forget_uses,
)
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.reservations.ruled import set_quota
from tests.reservations.steps import ask
from tests.statements import statements

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu")
HOURS = (None, "2 08:00-18:00;3 20:00-30:00;7 00:30-03:30")
STATUSES = ("pending", "approved", "in_use", "completed", "cancelled", "no_show")
# The clocks of Berlin and Santiago change within reach of some of these.
MOMENTS = (0, 86_400 * 128, 86_400 * 132, -86_400 * 30)


@pytest.fixture
def people(any_session) -> Cast:
    return cast(any_session)


def count(now=NOW):
    """Complete all ledgers, as the job does."""
    for quota_id in uncounted(db.session()):
        count_quota(quota_id, now)


def any_row(chance, people, now):
    """Return the columns of a random reservation around `now`."""
    start = to_epoch(now) + chance.randrange(-40 * 96, 30 * 96) * 900 + chance.choice([0, 0, 7])
    length = chance.choice([900, 3600, 7200, 30_000, 86_400, 86_401, 200_000, 40 * 86_400])
    return {
        "pool_id": chance.choice([people.automatic, people.confocal, people.east_pool]).id,
        "start_at": from_epoch(start), "end_at": from_epoch(start + length),
        "quantity": chance.randrange(1, 4), "status": chance.choice(STATUSES),
        "user_id": chance.choice([people.ada, people.bo]).id,
        "company_id": chance.choice([people.company_a.id, people.company_a.id, None]),
    }  # fmt: skip


def scatter(chance, session, people, now, many=40):
    """Write random reservations; change some of them in every way there is."""
    ids = []
    for n in range(many):
        row = any_row(chance, people, now)
        row |= {"reference": f"R{n:07d}", "purpose": "research", "source": "demo",
                "created_at": now}  # fmt: skip
        if row["status"] == "pending":
            row["decide_by"] = now + timedelta(hours=chance.choice([-1, 1]))
        made = Reservation(**row)
        session.add(made)
        session.flush()
        ids.append(made.id)
    for id_ in chance.sample(ids, many // 2):
        some = chance.sample(["start", "status", "quantity", "pool_id", "user_id"], 2)
        new = any_row(chance, people, now)
        given = {name: new[name] for name in some if name in new}
        if "start" in some:
            given |= {"start_at": new["start_at"], "end_at": new["end_at"]}
        if given.get("status") == "pending":
            given["decide_by"] = now + timedelta(hours=1)
        session.execute(update(Reservation).where(Reservation.id == id_).values(**given))
    session.execute(delete(Reservation).where(Reservation.id.in_(ids[:2])))
    session.commit()
    return ids[2:]


def some_quotas(chance, session, people):
    """Set a quota of each kind."""
    scopes = (
        ("park", ""), ("pool", people.automatic.id), ("lab", people.west_lab.id),
        ("site", people.site.id), ("category", people.category.code),
    )  # fmt: skip
    for period in ("day", "week", "month", "rolling", "future"):
        for measure in ("minutes", "count"):
            kind, key = chance.choice(scopes)
            set_quota(
                session, scope_kind=kind, scope_key=str(key), measure=measure, period=period,
                amount=0, subject=chance.choice(["person", "company"]), hours=chance.choice(HOURS),
                rolling_days=chance.choice([1, 9, 40]) if period == "rolling" else 0,
                week_start=chance.randrange(1, 8), counts_no_show=chance.randrange(2),
            )  # fmt: skip


def told(session, people, reach, now, besides, *, exact=False):
    """Return the accounts of all quotas, by the ledger where there is one."""
    pool = pool_facts(session, [people.automatic.id])[people.automatic.id]
    subject = Subject(people.ada.id, people.company_a.id)
    spending = Spending(session, subject, reach, now, besides, exact=exact)
    return spending.accounts(pool, current_book(session).quotas(pool.place))


def refused(accounts, period, now):
    """Return what a booking is told that any use is too much for; not when a place frees."""
    found = quota_violations(accounts, period, 2, now)
    return [(v.code, v.actual, v.more["asked"], v.more["left"]) for v in found]


def shown(account, reach):
    """Return what can be asked of an account within reach."""
    quota = account.quota
    first, last = window_days(quota, reach, account.zone)

    def within(days):
        if quota.period != "future":
            days = {day: amount for day, amount in days.items() if first <= day <= last}
        return {day: amount for day, amount in days.items() if amount}

    return replace(account, days=within(account.days), mine=within(account.mine))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(3))
def test_the_ledger_tells_what_the_reservations_do(any_session, people, zone, seed):
    chance = random.Random(f"{zone}{seed}")
    now = NOW + timedelta(seconds=chance.choice(MOMENTS))
    people.site.time_zone = zone
    any_session.commit()
    some_quotas(chance, any_session, people)
    before = scatter(chance, any_session, people, now)
    start = now + timedelta(hours=chance.randrange(200))
    reach = Period(start, start + timedelta(hours=chance.choice([1, 30, 14 * 24])))
    besides = chance.choice([None, *before])
    by_rows = told(any_session, people, reach, now, besides)

    any_session.rollback()
    count(now)
    assert untrue(any_session, now) == []
    assert uncounted(any_session) == []
    found = told(any_session, people, reach, now, besides)
    for mine, theirs in zip(found, by_rows, strict=True):
        assert shown(mine, reach) == shown(theirs, reach)
    exact = told(any_session, people, reach, now, besides, exact=True)
    assert refused(exact, reach, now) == refused(by_rows, reach, now)


@pytest.mark.parametrize("seed", range(2))
def test_changes_after_it_was_completed_are_told_as_well(any_session, people, seed):
    chance = random.Random(seed)
    some_quotas(chance, any_session, people)
    count(NOW)
    scatter(chance, any_session, people, NOW)
    assert untrue(any_session, NOW) == []
    assert write(add_up) >= 0
    reach = Period(NOW, NOW + timedelta(days=3))
    found = told(any_session, people, reach, NOW, None)
    assert untrue(any_session, NOW) == []
    any_session.execute(update(QuotaRow).values(counted_from=None))
    for mine, theirs in zip(found, told(any_session, people, reach, NOW, None), strict=True):
        assert shown(mine, reach) == shown(theirs, reach)


def test_a_booking_is_told_by_the_ledger_alone_and_a_refusal_too(any_session, people):
    pool, ada = people.automatic.id, factories.actor(people.ada)
    set_quota(any_session, measure="minutes", period="month", amount=120, subject="company")
    count()
    ask(ada, 9, 10, pool_id=pool)
    with statements(any_session.get_bind()) as sent:
        ask(ada, 10, 11, pool_id=pool)
    reads = [s for s in sent if "quota_use" in s and s.strip().startswith("SELECT z")]
    assert len(reads) == 2  # the look, and under the lock
    assert not [s for s in sent if "GROUP BY" in s]

    with pytest.raises(RuleViolated) as refused, statements(any_session.get_bind()) as sent:
        ask(factories.actor(people.bo), 12, 13, pool_id=pool)
    assert [v.code for v in refused.value.violations] == ["quota_minutes_month"]
    assert not [s for s in sent if "FROM reservation" in s and "GROUP BY" in s]
    assert untrue(any_session, NOW) == []


@pytest.mark.parametrize("moves", ["lab_id", "category_code"])
def test_a_pool_that_moves_takes_its_reservations_along(any_session, people, moves):
    ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
    scopes = {"lab_id": ("lab", str(people.west_lab.id)),
              "category_code": ("category", people.category.code)}  # fmt: skip
    kind, key = scopes[moves]
    row = set_quota(any_session, scope_kind=kind, scope_key=key, period="day", amount=9)
    kept = set_quota(any_session, period="day", amount=9)
    count()
    assert uncounted(any_session) == []
    new = {"lab_id": people.east_pool.lab_id, "category_code": None}[moves]
    any_session.execute(update(Pool).where(Pool.id == people.automatic.id).values({moves: new}))
    any_session.commit()

    assert uncounted(any_session) == [row.id]
    count()
    assert (uncounted(any_session), untrue(any_session, NOW)) == ([], [])
    left = set(any_session.scalars(select(QuotaUse.quota_id).where(QuotaUse.n != 0)))
    entries = select(func.sum(QuotaUse.n)).where(QuotaUse.quota_id == row.id, QuotaUse.cell > 0)
    assert kept.id in left
    assert not any_session.scalar(entries)


def test_what_no_window_reaches_is_forgotten(any_session, people):
    ask(factories.actor(people.ada), 9, 10, pool_id=people.automatic.id)
    row = set_quota(any_session, period="day", amount=9)
    count()
    later = NOW + timedelta(days=200)
    write(lambda s: forget_uses(s, later))
    assert any_session.scalar(select(func.count()).select_from(QuotaUse)) == 0
    assert untrue(any_session, later) == []

    ask(factories.actor(people.ada), 10, 11, pool_id=people.automatic.id)
    row = any_session.get(QuotaRow, row.id)
    row.retired_at = NOW
    any_session.commit()
    write(lambda s: forget_uses(s, NOW))
    assert any_session.scalar(select(func.count()).select_from(QuotaUse)) == 0


def test_a_pool_that_moves_while_it_is_counted_has_it_counted_again(any_session, people):
    row = set_quota(any_session, scope_kind="lab", scope_key=str(people.west_lab.id), period="day")
    counting = write(lambda s: begin_ledger(s, row.id, NOW))
    last = write(lambda s: complete_portion(s, counting, 0))
    moved = {"lab_id": people.east_pool.lab_id}
    any_session.execute(update(Pool).where(Pool.id == people.automatic.id).values(moved))
    any_session.commit()
    assert write(lambda s: complete_portion(s, counting, last)) is None
    write(lambda s: end_ledger(s, counting))

    assert uncounted(any_session) == [row.id]


@pytest.mark.postgres
def test_a_new_ledger_waits_for_who_cannot_know_of_it(pg_app):
    with pg_app.app_context():
        session = db.session()
        people = cast(session)
        held = factories.Period(NOW, NOW + timedelta(hours=1))
        factories.create_reservation(session, people.automatic, held, user_id=people.ada.id,
                                     company_id=people.company_a.id)  # fmt: skip

        def impatient(session):
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            return complete_portion(session, counting, 0)

        with Session(db.engine) as other:  # closed whatever happens: it holds a lock
            other.execute(update(Reservation).values(quantity=Reservation.quantity + 1))
            row = set_quota(session, measure="minutes", period="day", amount=9)
            counting = write(lambda s: begin_ledger(s, row.id, NOW))
            with pytest.raises(Busy):
                write(impatient)
            other.commit()
        assert write(impatient)
        write(lambda s: end_ledger(s, counting))
        assert (uncounted(session), untrue(session, NOW)) == ([], [])
