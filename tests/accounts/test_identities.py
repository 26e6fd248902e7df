"""Identities as the services keep them, on both engines."""

import threading

import pytest
from sqlalchemy import select

from booking.accounts.models import Identity
from booking.accounts.services.identities import Proven, connect, spend_state, user_of
from booking.core.actor import Actor
from booking.core.errors import Forbidden, Refusal, WrongState
from booking.infra.db import db, write
from tests import factories
from tests.conftest import NOW

ADA = Proven("https://id.example", "ada-1", "ada@test.example", "Ada")


def test_an_identity_is_one_persons(any_session, clock):
    ada, bo = (factories.create_user(any_session).id for _ in range(2))
    any_session.commit()
    with pytest.raises(WrongState, match="not_connected"):
        write(lambda s: user_of(s, ADA, NOW, creates=False))
    assert write(lambda s: connect(s, Actor(ada), ADA, NOW)) is True
    assert write(lambda s: connect(s, Actor(ada), ADA, NOW)) is False
    with pytest.raises(WrongState, match="identity_taken"):
        write(lambda s: connect(s, Actor(bo), ADA, NOW))
    assert write(lambda s: user_of(s, ADA, NOW, creates=True)) == ada


def test_of_two_who_connect_it_at_once_one_gets_it(any_app, any_session, clock):
    people = [factories.create_user(any_session).id for _ in range(2)]
    any_session.commit()
    barrier, outcomes = threading.Barrier(2), []

    def ask(user_id):
        with any_app.app_context():
            barrier.wait()
            try:
                outcomes.append(write(lambda s: connect(s, Actor(user_id), ADA, NOW)))
            except Refusal as refusal:
                outcomes.append(refusal.code)
            db.session.remove()

    threads = [threading.Thread(target=ask, args=(user_id,)) for user_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)) == ["True", "identity_taken"]
    any_session.rollback()
    assert len(any_session.scalars(select(Identity)).all()) == 1


def test_a_state_comes_back_once(any_session, clock):
    write(lambda s: spend_state(s, "x", NOW))
    with pytest.raises(Forbidden):
        write(lambda s: spend_state(s, "x", NOW))
    write(lambda s: spend_state(s, "y", NOW))
