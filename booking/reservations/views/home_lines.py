"""What stands on somebody's first page, in words: to do, reservations, what waits for others."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.approvals.queries.inbox import oldest_waiting
from booking.companies.queries.applications import open_count
from booking.companies.queries.invitations import asking_count
from booking.core.actor import Actor
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.named import Named
from booking.reservations.queries.steps import StepShown
from booking.reservations.rules.using import is_running, may_check_in
from booking.reservations.views import words
from booking.training.queries.passport import Holding, passport_of
from booking.training.queries.records import open_records
from booking.web.formats import distance_text, period_text
from booking.web.locale import named
from booking.web.wording import decider_text

SOON_OVER = timedelta(days=30)
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Coming:
    """One reservation to come, and what can be done with it at once: `begin`, `finish` or none."""

    id: int
    pool_id: int
    version: int
    url: str
    what: str
    when: str
    status: str
    sentence: str
    change: str
    do: str


@dataclass(frozen=True, slots=True)
class Link:
    """Something to look after, and where."""

    text: str
    url: str
    icon: str
    more: str = ""


def coming_line(found: Named, pool: PoolFacts, turn: StepShown | None, now: datetime) -> Coming:
    """Return a reservation of the reader's own in words; `turn` is the step whose turn it is."""
    row = found.row
    decider = ""
    if turn is not None:
        decider = decider_text(turn.row.kind, found.party, found.lab, turn.group)
    do = ""
    if may_check_in(row.status, found.period, pool.rules, now):
        do = "begin"
    elif is_running(row.status, found.period, pool.rules, now):
        do = "finish"
    return Coming(
        row.id, row.pool_id, row.version, url_for("reservations.show", reservation_id=row.id),
        named(*found.pool), period_text(found.period, found.zone), words.status_of(found, now),
        words.status_sentence(found, now, details=True, decider=decider),
        words.change_sentence(found, now), do,
    )  # fmt: skip


def waiting_for(session: Session, actor: Actor, now: datetime) -> list[Link]:
    """Return what waits for the reader's decision, each with where. Up to three queries."""
    links = []
    count, oldest = oldest_waiting(session, actor, now)
    if oldest is not None:
        text = ngettext("%(num)s request to decide", "%(num)s requests to decide", count)
        age = _("the oldest asked %(when)s", when=distance_text(oldest, now))
        links.append(Link(_counted(count, text), url_for("approvals.inbox"), "inbox", age))
    companies = sorted(actor.administered_company_ids)
    asking = asking_count(session, companies) if companies and not actor.reads_only else 0
    if asking:
        text = ngettext(
            "%(num)s person asks to join your company", "%(num)s people ask to join your company",
            asking,
        )  # fmt: skip
        links.append(Link(_counted(asking, text), url_for("company.mine"), "people"))
    applying = open_count(session) if may(actor, "park.edit") else 0
    if applying:
        text = ngettext(
            "%(num)s company asks to come in", "%(num)s companies ask to come in", applying
        )
        links.append(Link(text, url_for("applications.list_applications"), "building"))
    return links


def learning(session: Session, user_id: int, now: datetime) -> list[Link]:
    """Return what somebody has to do to use what they use: renew, go on. Three queries."""
    valid = passport_of(session, user_id, now).valid
    ending = [one for one in valid if _ends_soon(one, now) and not _followed(one, valid)]
    links = [
        Link(
            _("Your qualification for %(what)s ends.", what=named(*one.names)),
            url_for("training.passport"), "journal-text",
            distance_text(one.row.valid_until, now) if one.row.valid_until else "",
        )
        for one in ending
    ]  # fmt: skip
    for record, course in open_records(session, user_id):
        if record.requested_at is None:
            text = _("Go on with the course %(what)s.", what=named(course.name_zh, course.name_en))
            url = url_for("training.course", course_id=course.id)
            links.append(Link(text, url, "journal-text"))
    return links


def _counted(count: int, text: str) -> str:
    return text.replace(str(count), "99+", 1) if count >= MOST_COUNTED else text


def _ends_soon(one: Holding, now: datetime) -> bool:
    until = one.row.valid_until
    return until is not None and until <= now + SOON_OVER


def _followed(one: Holding, valid: tuple[Holding, ...]) -> bool:
    """Return whether something as good of the same instruments lasts longer."""
    ends = one.row.valid_until
    return any(
        (other.row.pool_id, other.row.category_code) == (one.row.pool_id, one.row.category_code)
        and other.row.level >= one.row.level
        and (other.row.valid_until is None or (ends is not None and other.row.valid_until > ends))
        for other in valid
        if other.row.id != one.row.id
    )
