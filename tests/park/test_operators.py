"""The operator role by page: given, taken, and never to be lost altogether."""

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.companies.services.people import end_access, end_operator
from booking.core.errors import NotFound, WrongState
from booking.infra.db import write
from booking.infra.passwords import hash_password
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser


@pytest.fixture
def park(any_session, clock):
    """Return the cast; its operator can sign in."""
    people = cast(any_session)
    people.ops.password_hash = hash_password("correct horse battery")
    any_session.commit()
    return people


@pytest.fixture
def ops(any_app, park):
    """Return the operator's browser."""
    return browser(any_app, park.ops)


def role_of(session, user):
    session.rollback()
    session.refresh(user)
    return user.park_role


def test_the_role_is_given_and_taken_by_page(any_session, any_app, park, ops):
    path = f"/park/people/{park.bo.id}"
    assert f"{path}/operator/grant" in ops.get(path).text
    assert "Make Bo an operator?" in ops.get(f"{path}/operator/grant").text

    assert ops.post(f"{path}/operator/grant").location == path
    assert role_of(any_session, park.bo) == "operator"
    assert browser(any_app, park.bo).get("/park").status_code == 200

    assert ops.post(f"{path}/operator/take").location == path
    assert role_of(any_session, park.bo) is None
    assert browser(any_app, park.bo).get("/park").status_code == 404


def test_giving_and_taking_are_audited_once(any_session, park, ops):
    bo_id, ops_id = park.bo.id, park.ops.id
    for verb in ("grant", "grant", "take", "take"):
        assert ops.post(f"/park/people/{bo_id}/operator/{verb}").status_code == 302

    rows = any_session.scalars(
        select(Audit).where(Audit.subject_id == bo_id, Audit.action.contains("operator"))
    ).all()
    assert [(row.action, row.actor_id, row.before, row.after) for row in rows] == [
        ("user.make_operator", ops_id, '{"park_role": null}', '{"park_role": "operator"}'),
        ("user.take_operator", ops_id, '{"park_role": "operator"}', '{"park_role": null}'),
    ]


def test_the_last_operator_who_can_sign_in_stays_one(any_session, park, ops):
    path = f"/park/people/{park.ops.id}/operator/take"
    # invited, but has no password yet; retired
    factories.create_user(any_session, park_role="operator")
    factories.create_user(any_session, park_role="operator", password_hash="x", retired_at=NOW)

    answer = ops.post(path)

    assert answer.status_code == 409
    assert "Make somebody an operator first" in answer.text
    assert role_of(any_session, park.ops) == "operator"


def test_an_operator_may_leave_it_to_another(any_session, park, ops):
    factories.create_user(any_session, park_role="operator", password_hash="x")

    assert ops.post(f"/park/people/{park.ops.id}/operator/take").location == "/"
    assert role_of(any_session, park.ops) is None


@pytest.mark.parametrize("end", [end_access, end_operator])
def test_two_operators_cannot_end_each_other(any_session, park, end):
    second = factories.create_user(any_session, park_role="operator", password_hash="x")
    first, other = factories.actor(park.ops), factories.actor(second)
    first_id, other_id = first.user_id, other.user_id

    write(lambda s: end(s, first, other_id, NOW))
    # `other` was read before the first change, as two requests at once would.
    with pytest.raises((NotFound, WrongState)):
        write(lambda s: end(s, other, first_id, NOW))

    assert role_of(any_session, park.ops) == "operator"
    assert park.ops.retired_at is None


def test_nobody_retired_is_made_an_operator(any_session, park, ops):
    gone = factories.create_user(any_session, retired_at=NOW)

    assert ops.post(f"/park/people/{gone.id}/operator/grant").status_code == 409
    assert "operator/grant" not in ops.get(f"/park/people/{gone.id}").text
    assert role_of(any_session, gone) is None
