"""Quotas in plain words: what is set, and what is used of it."""

from collections.abc import Sequence

from flask_babel import gettext, ngettext

from booking.core.hours import WeeklyHours
from booking.policies.models import QuotaRow
from booking.policies.rules.quotas import Quota
from booking.reservations.queries.quota_lines import QuotaLine
from booking.web.formats import hours_text, length_text
from booking.web.rule_words import Names, group_text


def row_of(row: QuotaRow) -> Quota:
    """Return a quota as it is set."""
    hours = WeeklyHours.parse(row.hours) if row.hours is not None else None
    group = f"{row.group_kind}:{row.group_key}" if row.group_kind else ""
    return Quota(
        row.id, (row.scope_kind, row.scope_key), row.subject, row.measure, row.period, row.amount,
        row.rolling_days, hours, row.week_start, group, bool(row.grants), bool(row.counts_no_show),
    )  # fmt: skip


def quota_text(quota: Quota, names: Names) -> str:
    """Return a quota in words: Each person: 10 h a week; only Mon–Fri 08:00–18:00."""
    amount = gettext(
        "%(amount)s %(span)s", amount=amount_text(quota, quota.amount), span=span_text(quota)
    )
    parts = [f"{_whose(quota)}{gettext(': ')}{amount}"]
    if quota.hours is not None:
        parts.append(gettext("only %(hours)s counts", hours=hours_text(quota.hours)))
    if quota.group:
        parts.append(gettext("for %(group)s", group=group_text(quota.group, names)))
    if quota.grants:
        parts.append(gettext("instead of everyone's"))
    if quota.counts_no_show:
        parts.append(gettext("no-shows count"))
    text = gettext("; ").join(parts)
    return text[:1].upper() + text[1:]


def amount_text(quota: Quota, amount: int) -> str:
    """Return minutes as hours, or a number of reservations."""
    if quota.measure == "minutes":
        hours, left = divmod(amount, 60)  # as it was typed: 48 h, not 2 days
        return gettext("%(count)s h", count=hours) if not left else length_text(amount)
    return ngettext("%(num)s reservation", "%(num)s reservations", amount)


def span_text(quota: Quota) -> str:
    """Return within which time a quota counts."""
    return {
        "day": gettext("a day"),
        "week": gettext("a week"),
        "month": gettext("a month"),
        "rolling": ngettext(
            "within %(num)s day", "within any %(num)s days", max(quota.rolling_days, 1)
        ),
        "future": gettext("not yet started"),
    }[quota.period]


def use_text(line: QuotaLine) -> str:
    """Return what is used of a quota: 3 h of 10 h a week used by you, 7 h left."""
    quota = line.quota
    whose = gettext("your company") if quota.subject == "company" else gettext("you")
    return gettext(
        "%(used)s of %(limit)s (%(span)s) used by %(who)s; %(left)s left",
        used=amount_text(quota, line.used), limit=amount_text(quota, quota.amount),
        span=span_text(quota), who=whose, left=amount_text(quota, line.left),
    )  # fmt: skip


def quota_facts(lines: Sequence[QuotaLine]) -> list[tuple[str, str]]:
    """Return what is used of each quota, as (where it is set, in words)."""
    return [(place_text(line.quota.scope[0]), use_text(line)) for line in lines]


def place_text(kind: str) -> str:
    """Return for what a quota counts together."""
    return {
        "park": gettext("Quota of the park"),
        "site": gettext("Quota of the site"),
        "category": gettext("Quota of the category"),
        "lab": gettext("Quota of the lab"),
        "pool": gettext("Quota of the instrument"),
        "company": gettext("Limit of your company"),
    }[kind]


def _whose(quota: Quota) -> str:
    if quota.subject == "company":
        return gettext("each company together")
    return gettext("each person")
