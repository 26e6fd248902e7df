"""The book of rules of this database, read once for each edition of it."""

import json
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from booking.companies.models import Membership
from booking.core.hours import WeeklyHours
from booking.infra.settings import times
from booking.inventory.models import Category
from booking.notices.models import Notice
from booking.policies.models import (
    Agreement,
    Equivalence,
    Questionnaire,
    QuotaRow,
    RuleEdition,
    RuleValue,
)
from booking.policies.rules.notices import MustRead, notice_scope
from booking.policies.rules.questions import Asking, ToAccept, parse_questions
from booking.policies.rules.quotas import Quota
from booking.policies.rules.registry import BY_NAME
from booking.policies.rules.settings import Change, checked
from booking.policies.rules.tree import Accepted, RuleBook, SetValue
from booking.policies.rules.values import PoolRules, Rule

LEVEL_RULES = ("level", "off_hours_level")
# What a facts query reads beside its rows, so that a book is never older than what it is used on.
EDITION = select(RuleEdition.number).where(RuleEdition.id == 1).scalar_subquery()
_VALUES = select(
    RuleValue.scope_kind, RuleValue.scope_key, RuleValue.rule, RuleValue.value,
    RuleValue.group_kind, RuleValue.group_key, RuleValue.grants,
)  # fmt: skip
_QUOTAS = select(QuotaRow).where(QuotaRow.retired_at.is_(None)).order_by(QuotaRow.id)
_CAPS = select(Membership.user_id, Membership.company_id, Membership.month_minutes).where(
    Membership.month_minutes.is_not(None), Membership.company_id.is_not(None)
)
_AGREEMENTS = select(
    Agreement.id, Agreement.scope_kind, Agreement.scope_key, Agreement.title
).where(Agreement.retired_at.is_(None))
_MUST_READS = (
    select(
        Notice.id, Notice.version, Notice.lab_id, Notice.pool_id, Notice.title_zh, Notice.title_en,
        Notice.from_at, Notice.until_at,
    )
    .where(
        Notice.must_read == 1, Notice.published_at.is_not(None), Notice.withdrawn_at.is_(None)
    )
    .order_by(Notice.id)
)  # fmt: skip
_ASKED = select(Questionnaire.id, Questionnaire.pool_id, Questionnaire.questions).where(
    Questionnaire.retired_at.is_(None)
)
_ACCEPTED = (
    select(
        Equivalence.lab_id, Equivalence.for_pool_id, Equivalence.pool_id,
        Equivalence.category_code, Equivalence.most_level,
    )
    .where(Equivalence.retired_at.is_(None))
    .order_by(Equivalence.id)
)  # fmt: skip
# Advice that the edition proves: a process that has the same edition has the same values.
_books: WeakKeyDictionary[Engine | Connection, tuple[int | None, RuleBook]] = WeakKeyDictionary()


def book_of(session: Session, edition: int | None) -> RuleBook:
    """Return the rules as set in `edition`, as read beside the caller's rows; None: none is set.

    Up to nine queries when this process has not seen the edition, else none.
    """
    engine = session.get_bind()
    known = _books.get(engine)
    if known is None or known[0] != edition:
        known = (edition, _read(session))
        _books[engine] = known
    return known[1]


def current_book(session: Session) -> RuleBook:
    """Return the rules as set now. One query when this process has seen this edition."""
    return book_of(session, session.execute(select(EDITION)).scalar())


def park_defaults() -> PoolRules:
    """Return the rules that hold where nothing is set, the park's settings among them."""
    set_here = times()
    return PoolRules(
        decide_within_hours=Rule(set_here.decide_within_hours),
        unit_fixed_hours=Rule(set_here.unit_fixed_hours),
    )


def changed_book(session: Session, scope: tuple[str, str], changes: Iterable[Change]) -> RuleBook:
    """Return the rules as they would be with these changes at a place, without quotas.

    Two queries. Raises Invalid for a change that is not fit.
    """
    values = {(value.scope, value.rule, value.group): value for value in _values(session)}
    for change in changes:
        key, value = (scope, change.rule, change.group), checked(change, scope[0])
        if change.clear:
            values.pop(key, None)
        else:
            values[key] = SetValue(scope, change.rule, value, change.group, change.grants)
    return RuleBook(values.values(), park_defaults(), _parents(session))


def _read(session: Session) -> RuleBook:
    values = _values(session)
    quotas = [_quota(row) for row in session.execute(_QUOTAS).scalars()]
    scopes = [value.scope for value in values] + [quota.scope for quota in quotas]
    # Who is qualified for a class is for those below it too.
    in_use = any(kind == "category" for kind, _key in scopes) or any(
        value.rule in LEVEL_RULES for value in values
    )
    parents = _parents(session) if in_use else {}
    agreements = [
        ToAccept(r.id, (r.scope_kind, r.scope_key), r.title) for r in session.execute(_AGREEMENTS)
    ]
    asked = {r.pool_id: Asking(r.id, parse_questions(r.questions)) for r in session.execute(_ASKED)}
    accepted = [Accepted(*row) for row in session.execute(_ACCEPTED)]
    return RuleBook(values, park_defaults(), parents, quotas, agreements, asked, accepted,
                    _caps(session), _must_reads(session))  # fmt: skip


def _must_reads(session: Session) -> list[MustRead]:
    return [
        MustRead(
            row.id, row.version, notice_scope(row.lab_id, row.pool_id), row.title_zh, row.title_en,
            row.from_at, row.until_at,
        )
        for row in session.execute(_MUST_READS)
    ]  # fmt: skip


def _caps(session: Session) -> dict[tuple[int, int], int]:
    rows = session.execute(_CAPS)
    return {(row.user_id, row.company_id): row.month_minutes for row in rows}


def _parents(session: Session) -> dict[str, str | None]:
    rows = session.execute(select(Category.code, Category.parent_code))
    return {row.code: row.parent_code for row in rows}


def _values(session: Session) -> list[SetValue]:
    values = []
    for row in session.execute(_VALUES):
        kind = BY_NAME.get(row.rule)
        if kind is None:
            continue  # of a later version of this program
        group = f"{row.group_kind}:{row.group_key}" if row.group_kind else ""
        scope = (row.scope_kind, row.scope_key)
        value = kind.parse(json.loads(row.value))
        values.append(SetValue(scope, row.rule, value, group, bool(row.grants)))
    return values


def _quota(row: QuotaRow) -> Quota:
    return Quota(
        row.id, (row.scope_kind, row.scope_key), row.subject, row.measure, row.period, row.amount,
        row.rolling_days, WeeklyHours.parse(row.hours) if row.hours is not None else None,
        row.week_start, f"{row.group_kind}:{row.group_key}" if row.group_kind else "",
        bool(row.grants), bool(row.counts_no_show),
    )  # fmt: skip
