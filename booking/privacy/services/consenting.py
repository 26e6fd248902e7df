"""Publishing the privacy policy and agreeing to it."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, Stale
from booking.privacy.models import Consent, Policy
from booking.privacy.queries import policy_in_force

LONGEST_TEXT = 50_000
_AGREE = {
    engine.dialect.name: engine.insert(Consent.__table__)
    .on_conflict_do_nothing()
    .returning(Consent.user_id)
    for engine in (postgresql, sqlite)
}


def publish(session: Session, actor: Actor, text_zh: str, text_en: str, now: datetime) -> int:
    """Return the version of a new policy; the one in force where nothing differs.

    Everybody is asked to agree before their next page. Raises NotFound, Invalid.
    """
    require(actor, "privacy.handle")
    given = {"text_zh": text_zh.strip(), "text_en": text_en.strip()}
    if not given["text_zh"]:
        raise Invalid("required", field="text_zh")
    for name, text in given.items():
        if len(text) > LONGEST_TEXT:
            raise Invalid("too_long_text", field=name, limit=LONGEST_TEXT)
    last = policy_in_force(session)
    if last is not None and all(getattr(last, name) == text for name, text in given.items()):
        return last.version
    row = Policy(
        version=last.version + 1 if last else 1, set_at=now, set_by_id=actor.user_id, **given
    )
    session.add(row)
    session.flush()
    after = {"version": row.version}
    record(session, actor, "policy.publish", ("policy", row.version), now, after=after)
    return row.version


def agree(session: Session, actor: Actor, version: int, now: datetime) -> None:
    """Note that the person agrees to the policy in force. Raises NotFound, Stale."""
    last = policy_in_force(session)
    if last is None:
        raise NotFound("policy")
    if version != last.version:
        raise Stale(version, last.version)
    values = {"user_id": actor.user_id, "version": version, "agreed_at": now}
    if session.execute(_AGREE[session.get_bind().dialect.name], values).scalar() is not None:
        subject = ("user", actor.user_id)
        record(session, actor, "policy.agree", subject, now, after={"version": version})
