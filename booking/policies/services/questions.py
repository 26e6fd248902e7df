"""Setting a pool's questions and a place's agreement: each change is a new version."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.core.text import is_keepable
from booking.policies.models import Agreement, Questionnaire
from booking.policies.queries.own import scope_to_edit
from booking.policies.rules.questions import Question, checked_questions, stored_questions
from booking.policies.services.settings import lock_edition, renew_edition

AGREED_AT = ("park", "lab", "pool")
MOST_TITLE, MOST_TEXT = 200, 50_000


def set_questions(
    session: Session, actor: Actor, pool_id: int, questions: Sequence[Question], now: datetime
) -> int:
    """Return the new version of what a pool asks; none: it asks nothing. Raises NotFound, Invalid.

    What was answered keeps the version it answered.
    """
    place = scope_to_edit(session, actor, "pool", str(pool_id))
    fit = checked_questions(questions)
    lock_edition(session)
    last = session.scalar(
        select(func.max(Questionnaire.version)).where(Questionnaire.pool_id == pool_id)
    )
    for old in session.scalars(
        select(Questionnaire).filter_by(pool_id=pool_id, retired_at=None).order_by(Questionnaire.id)
    ):
        old.retired_at = now
    version = (last or 0) + 1
    session.add(
        Questionnaire(
            pool_id=pool_id, version=version, questions=stored_questions(fit), set_at=now,
            set_by_id=actor.user_id, retired_at=None if fit else now,
        )
    )  # fmt: skip
    session.flush()
    renew_edition(session)
    record(
        session, actor, "questions.set", (place.kind, place.number), now,
        after={"version": version, "questions": len(fit)},
    )  # fmt: skip
    return version


def set_agreement(
    session: Session, actor: Actor, scope: tuple[str, str], title: str, text: str, now: datetime
) -> int:
    """Return the new version of a place's agreement; an empty text ends it.

    Everybody must accept the new version before the next booking. Raises NotFound, Invalid.
    """
    place = scope_to_edit(session, actor, *scope)
    title, text = title.strip(), text.strip()
    _checked(place.kind, title, text)
    lock_edition(session)
    here = {"scope_kind": place.kind, "scope_key": place.key}
    last = session.scalar(select(func.max(Agreement.version)).filter_by(**here))
    for old in session.scalars(
        select(Agreement).filter_by(**here, retired_at=None).order_by(Agreement.id)
    ):
        old.retired_at = now
    version = (last or 0) + 1
    session.add(
        Agreement(
            **here, version=version, title=title, text=text, set_at=now, set_by_id=actor.user_id,
            retired_at=None if text else now,
        )
    )  # fmt: skip
    session.flush()
    renew_edition(session)
    record(
        session, actor, "agreement.set", (place.kind, place.number), now,
        after={"version": version, "title": title, "ended": not text},
    )  # fmt: skip
    return version


def _checked(kind: str, title: str, text: str) -> None:
    if kind not in AGREED_AT:
        raise NotFound("scope")
    for field, given, most in (("title", title, MOST_TITLE), ("text", text, MOST_TEXT)):
        if len(given) > most or not is_keepable(given):
            raise Invalid("too_long_text", field=field, limit=most)
    if text and not title:
        raise Invalid("required", field="title")
