"""The policy is agreed to before the first page, and anew when it changes; retention."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.accounts.models import UserSession
from booking.accounts.services.tokens import create_token
from booking.audit.models import AuditPersonal
from booking.audit.services import record
from booking.core.errors import NotFound, Stale
from booking.infra.db import write
from booking.infra.outbox import SENT, Message, Outbox, enqueue
from booking.infra.rate import RateWindow
from booking.privacy.jobs import forget
from booking.privacy.models import Consent
from booking.privacy.services.consenting import agree, publish
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.pages import browser


@pytest.fixture
def park(session, clock) -> Cast:
    """Return the cast."""
    return cast(session)


def test_nobody_is_asked_before_a_policy_is_published(app, park):
    assert browser(app, park.ada).get("/pools").status_code == 200
    page = app.test_client().get("/privacy", headers={"Accept-Language": "en"}).text
    assert "has not published" in page
    assert "Personal information processor" in page


def test_who_has_not_agreed_is_led_to_the_policy(app, session, park):
    ops = browser(app, park.ops)
    page = ops.get("/park/privacy").text
    assert "个人信息处理者" in page
    given = {"text_zh": "政策<b>一", "text_en": "Policy <b>one"}
    assert ops.post("/park/privacy", data=given).status_code == 302
    ada = browser(app, park.ada)
    led = ada.get("/pools?q=x")
    assert led.location == "/privacy?next=/pools?q%3Dx"
    page = ada.get(led.location).text
    assert "Policy &lt;b&gt;one" in page
    assert ada.get("/account/privacy").status_code == 200
    done = ada.post("/privacy/agree", data={"version": "1", "next": "/pools?q=x"})
    assert done.location == "/pools?q=x"
    assert ada.get("/pools").status_code == 200
    assert session.scalar(select(Consent.version)) == 1


def test_a_changed_policy_is_asked_anew_and_an_old_one_not_agreed_to(app, session, park):
    ops, ada = factories.actor(park.ops), factories.actor(park.ada)
    assert write(lambda s: publish(s, ops, "一", "", NOW)) == 1
    assert write(lambda s: publish(s, ops, "一", "", NOW)) == 1
    client = browser(app, park.ada)
    assert client.get("/pools").status_code == 302
    write(lambda s: agree(s, ada, 1, NOW))
    assert client.get("/pools").status_code == 200
    assert write(lambda s: publish(s, ops, "二", "", NOW)) == 2
    assert client.get("/pools").status_code == 302
    with pytest.raises(Stale):
        write(lambda s: agree(s, ada, 1, NOW))
    with pytest.raises(NotFound):
        write(lambda s: publish(s, ada, "三", "", NOW))


def test_a_token_works_not_before_its_person_has_agreed(any_app, any_session, clock):
    people = cast(any_session)
    ops, ada = factories.actor(people.ops), factories.actor(people.ada)
    own = write(lambda s: create_token(s, ada, ada.user_id, ("read", "export"), NOW))
    parks = write(lambda s: create_token(s, None, ada.user_id, ("read",), NOW))
    write(lambda s: publish(s, ops, "一", "", NOW))

    def ask(token, path="/pools", method="GET"):
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return any_app.test_client().open(f"/api/v1{path}", method=method, headers=headers)

    refused = ask(own)
    assert (refused.status_code, refused.json["reason"]) == (403, "consent_required")
    assert "/privacy" in refused.json["detail"]
    # What is kept of oneself is had without agreeing to anything; the park's programs agree not.
    assert ask(own, "/me/export", "POST").status_code == 200
    assert ask(parks).status_code == 200

    write(lambda s: agree(s, ada, 1, NOW))
    assert ask(own).status_code == 200
    write(lambda s: publish(s, ops, "二", "", NOW))
    assert ask(own).status_code == 403


def test_what_is_kept_no_longer_is_forgotten(app, session, park, clock):
    browser(app, park.ada)
    write(lambda s: record(s, None, "pool.edit", ("pool", 1), NOW, reason="why"))
    write(lambda s: enqueue(s, [Message("k", "approved", park.ada.id, "x:1", NOW,
                                        parameters='{"a": 1}')], NOW))  # fmt: skip
    session.execute(Outbox.__table__.update().values(state=SENT))
    session.add(RateWindow(key="k", hits=1, expires_at=NOW + timedelta(minutes=1)))
    session.commit()
    count = lambda model: session.scalar(select(func.count()).select_from(model))  # noqa: E731

    clock.shift(days=100)
    forget()
    assert (count(UserSession), count(AuditPersonal), count(RateWindow)) == (1, 1, 0)
    clock.shift(days=100)
    forget()
    assert (count(UserSession), session.scalar(select(Outbox.parameters))) == (0, '{"a": 1}')
    clock.shift(days=200)
    forget()
    assert session.scalar(select(Outbox.parameters)) == "{}"
    clock.shift(days=1000)
    forget()
    assert count(AuditPersonal) == 0
