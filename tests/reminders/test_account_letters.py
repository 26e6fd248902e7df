"""Letters about one's own account: in the reader's language, to the right address."""

import pytest

from booking.reminders.jobs.deliver import deliver_due
from booking.reminders.jobs.security_letters import CHANGES, WORDS
from booking.reminders.rules import SECURITY
from tests import factories
from tests.conftest import NOW
from tests.reminders.steps import header, put, written

TOLD = {
    "new_sign_in": {"device": "Firefox · Windows", "address": "10.9.9.9"},
    "reset_password": {"path": "/account/set-password/x", "address": "10.9.9.9"},
    "confirm_email": {"path": "/account/email/x", "to": "new@test.example"},
    "email_changed": {"to": "old@test.example", "what": "new@test.example"},
    "factors_changed": {"what": "recovery_used", "left": 9},
    "ways_changed": {"what": "identity_connected"},
    "factor_needed": {"until": 1_800_000_000},
    "erasure_refused": {"reason": "tax records", "path": "/account/privacy"},
    "wrong_factors": {"left": 5, "device": "Firefox · Windows", "address": "10.9.9.9"},
    "password_changed": {},
}


def test_every_kind_has_words():
    assert set(WORDS) == set(SECURITY) == set(TOLD)


@pytest.mark.parametrize(("locale", "hello"), [("zh_Hans_CN", "Ada，您好"), ("en", "Hello Ada,")])
@pytest.mark.parametrize("kind", SECURITY)
def test_each_says_when_and_leads_on(app, session, clock, kind, locale, hello):
    ada = factories.create_user(session, email="ada@test.example", name="Ada", locale=locale)
    told = TOLD[kind]
    put(kind, ada, f"user:{ada.id}", at=NOW, **told)
    assert deliver_due().sent == 1
    message = written(app)

    assert hello in message.text
    assert header(message, "To").endswith(f"<{told.get('to', 'ada@test.example')}>")
    assert f"http://localhost{told.get('path', '/account/security')}" in message.text
    for words in (told.get("device"), told.get("address"), str(told.get("left", ""))):
        assert (words or "") in message.text


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_of_factors_has_words(app, session, clock, what):
    ada = factories.create_user(session, locale="en")
    put("factors_changed", ada, f"user:{ada.id}", at=NOW, what=what, left=3)
    assert deliver_due().sent == 1
    assert "If it was not you" in written(app).text
