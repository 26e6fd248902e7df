"""Roles in the park by page: an administrator gives them, and nobody is lost or taken over."""

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.companies.services.people import (
    edit_person,
    end_access,
    give_park_role,
    restore_person,
    send_invitation,
)
from booking.core.errors import Forbidden, NotFound, WrongState
from booking.infra.db import write
from tests import factories
from tests.cast import cast, others
from tests.conftest import NOW
from tests.pages import browser


@pytest.fixture
def park(session, clock):
    """Return the cast with the other roles; who decides on roles can sign in."""
    people = cast(session)
    everybody = {**vars(people), **others(session, people)}
    for key in ("ops", "adm"):
        everybody[key].password_hash = "x"
    session.commit()
    return everybody


def role_of(session, user):
    session.rollback()
    session.refresh(user)
    return user.park_role


def test_an_administrator_makes_an_auditor_by_page(app, session, park):
    adm, path = browser(app, park["adm"]), f"/park/people/{park['bo'].id}"
    assert f"{path}/park-role" in adm.get(path).text
    assert f"{path}/park-role" not in browser(app, park["ops"]).get(path).text

    assert adm.post(f"{path}/park-role", data={"role": "auditor"}).location == path
    assert role_of(session, park["bo"]) == "auditor"
    assert "Auditor of the park" in adm.get(path).text
    row = session.scalars(select(Audit).where(Audit.action == "user.park_role")).one()
    assert (row.before, row.after) == ('{"park_role": null}', '{"park_role": "auditor"}')

    assert adm.post(f"{path}/park-role", data={"role": ""}).status_code == 302
    assert role_of(session, park["bo"]) is None


@pytest.mark.parametrize("role", ["", "auditor", "operator"])
def test_the_last_administrator_stays_one(app, session, park, role):
    answer = browser(app, park["adm"]).post(
        f"/park/people/{park['adm'].id}/park-role", data={"role": role}
    )

    assert answer.status_code == 422
    assert "Nobody else who can sign in is an administrator" in answer.text
    assert role_of(session, park["adm"]) == "administrator"


def test_two_administrators_cannot_end_each_other(session, park):
    second = factories.create_user(session, park_role="administrator", password_hash="x")
    first, other = factories.actor(park["adm"]), factories.actor(second)

    write(lambda s: give_park_role(s, first, other.user_id, "", NOW))
    with pytest.raises((NotFound, WrongState)):
        write(lambda s: give_park_role(s, other, first.user_id, "", NOW))

    assert role_of(session, park["adm"]) == "administrator"


@pytest.mark.parametrize(
    "take_over",
    [
        lambda s, who, key: send_invitation(s, who, key, str, NOW),
        lambda s, who, key: end_access(s, who, key, NOW),
        lambda s, who, key: edit_person(s, who, key, "x", "", NOW),
        lambda s, who, key: restore_person(s, who, key, NOW),
    ],
)
@pytest.mark.parametrize("whom", ["adm", "aud"])
def test_an_operator_takes_over_neither_administrator_nor_auditor(session, park, take_over, whom):
    ops, key = factories.actor(park["ops"]), park[whom].id

    with pytest.raises(Forbidden):
        write(lambda s: take_over(s, ops, key))


def test_an_auditor_reads_the_parks_pages_and_finds_nothing_to_press(app, park):
    aud = browser(app, park["aud"])

    page = aud.get(f"/park/people/{park['cy'].id}")
    assert page.status_code == 200
    assert "You look around as an auditor" in page.text
    refused = aud.post(f"/park/people/{park['cy'].id}", data={"name": "x"})
    assert refused.status_code == 403
    assert "Auditors read everything and change nothing." in refused.text
    assert "You look around" not in aud.get("/account/password").text
