"""Two requests at the same moment with one proof: one of them gets in."""

import threading

import pytest
from sqlalchemy import select

from booking.accounts.models import Authenticator, RecoveryCode
from booking.accounts.services import factors
from booking.core.errors import Invalid
from booking.infra.db import db, write
from booking.infra.secret import token_hash
from tests import factories
from tests.conftest import NOW

# On SQLite the write lock lets nobody in between.
pytestmark = pytest.mark.postgres


@pytest.fixture
def ada_id(pg_app, clock):
    """Return the id of a person with an app in use and one recovery code."""
    with pg_app.app_context():
        user_id = factories.create_user(db.session(), factor_since=NOW).id
        secret = factors.seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", factors.SEALED_FOR)
        made = {"user_id": user_id, "created_at": NOW}
        db.session.add(Authenticator(**made, secret=secret, confirmed_at=NOW))
        db.session.add(RecoveryCode(**made, code_hash=token_hash("0" * 24)))
        db.session.commit()
        yield user_id
        db.session.remove()


def use(app, user_id, typed):
    with app.app_context():
        try:
            return write(lambda s: factors.use_any_code(s, user_id, typed, NOW))
        except Invalid as refusal:
            return refusal.code
        finally:
            db.session.remove()


def test_one_code_opens_one_session(pg_app, ada_id, monkeypatch):
    real, overtaken = factors.step_of, []

    def overtaking(*args):
        found = real(*args)
        if not overtaken:  # the first has looked, and not yet written
            overtaken.append("by now")
            other = threading.Thread(target=lambda: overtaken.append(use(pg_app, ada_id, typed)))
            other.start()
            other.join()
        return found

    row = db.session.scalars(select(Authenticator)).one()
    typed = factors.pyotp.TOTP(factors.secret_of(row)).at(int(NOW.timestamp()))
    db.session.rollback()
    monkeypatch.setattr(factors, "step_of", overtaking)

    assert use(pg_app, ada_id, typed) == "wrong_factor_code"
    assert overtaken[1:] == ["authenticator"]


def test_one_recovery_code_opens_one_session(pg_app, ada_id):
    barrier, answers = threading.Barrier(2), []

    def come():
        barrier.wait()
        answers.append(use(pg_app, ada_id, "0" * 24))

    both = [threading.Thread(target=come) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(answers) == ["recovery_code", "wrong_factor_code"]
