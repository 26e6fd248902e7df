"""Pages of quotas and qualifications: set by those who set rules, told to those they bind."""

import pytest
from sqlalchemy import select

from booking.policies.models import Qualification, QuotaRow
from tests import factories
from tests.cast import Cast, cast
from tests.pages import browser
from tests.reservations.ruled import set_quota, set_rule
from tests.reservations.steps import ask


@pytest.fixture
def people(session) -> Cast:
    return cast(session)


FORM = {
    "subject": "person", "amount": "1.5", "measure": "minutes", "period": "week",
    "week_start": "1", "group": "", "hours": "always",
}  # fmt: skip


def test_a_manager_sets_and_ends_a_labs_quota(app, session, people, clock):
    client, page = browser(app, people.mei), f"/manage/labs/{people.west_lab.id}/quotas"

    assert client.post(page, data=FORM).status_code == 302
    row = session.scalars(select(QuotaRow)).one()
    assert (row.scope_kind, row.measure, row.amount) == ("lab", "minutes", 90)
    assert "1 小时 30 分" in client.get(page).text or "1 h 30 min" in client.get(page).text
    ada = factories.actor(people.ada)
    ask(ada, 10, 11, pool_id=people.automatic.id)
    with pytest.raises(Exception, match="rule_violation"):
        ask(ada, 12, 13, pool_id=people.confocal.id)

    assert client.post(f"/manage/quotas/{row.id}/end").status_code == 302
    assert ask(ada, 12, 13, pool_id=people.confocal.id)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"amount": "-1"}, "amount"), ({"period": "rolling"}, "rolling_days"),
     ({"hours": "own", "day1": "nine"}, "day1"), ({"group": "clan:7"}, "group"),
     ({"amount": ""}, "amount")],
)  # fmt: skip
def test_an_unfit_quota_is_refused_at_its_field(app, session, people, given, field):
    client, page = browser(app, people.mei), f"/manage/pools/{people.automatic.id}/quotas"
    answer = client.post(page, data={**FORM, **given})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert session.scalars(select(QuotaRow)).all() == []


def test_what_is_used_is_told_where_one_books_and_in_the_list(app, session, people, clock):
    set_quota(session, people.automatic, measure="minutes", period="week", amount=600)
    ask(factories.actor(people.ada), 10, 11, pool_id=people.automatic.id)
    client = browser(app, people.ada)
    for page in (f"/reserve?pool_id={people.automatic.id}", "/reservations"):
        text = client.get(page, headers={"Accept-Language": "en"}).text
        assert "1 h of 10 h (a week) used by you; 9 h left" in text
    refused = client.post(
        "/reserve",
        data={"pool_id": people.automatic.id, "start": "2026-11-25T08:00",
              "end": "2026-11-25T18:00", "quantity": "1", "purpose": "research",
              "party": f"company:{people.company_a.id}"},
        headers={"Accept-Language": "en"},
    )  # fmt: skip
    assert refused.status_code == 422
    assert "9 h left" in refused.text


def test_who_is_not_qualified_is_led_to_the_way_to_it(app, session, people, clock):
    set_rule(session, "level", 2, pool=people.automatic)
    refused = browser(app, people.ada).post(
        "/reserve",
        data={"pool_id": people.automatic.id, "start": "2026-11-25T08:00",
              "end": "2026-11-25T09:00", "quantity": "1", "purpose": "research",
              "party": f"company:{people.company_a.id}"},
    )  # fmt: skip
    assert refused.status_code == 422
    assert f'href="/pools/{people.automatic.id}/training"' in refused.text


def test_a_manager_qualifies_and_revokes(app, session, people, clock):
    pool, ada = people.automatic, factories.actor(people.ada)
    set_rule(session, "level", 2, pool=pool)
    client, page = browser(app, people.mei), f"/manage/pools/{pool.id}/qualifications"
    given = {"email": people.ada.email, "level": "2", "last_day": "2026-11-24", "note": "T1"}

    assert client.post(page, data=given).status_code == 302
    assert people.ada.email in client.get(page).text
    assert ask(ada, 10, 11, pool_id=pool.id)
    with pytest.raises(Exception, match="rule_violation"):
        ask(ada, 34, 35, pool_id=pool.id)
    client.post(page, data={**given, "level": "3", "last_day": ""})
    rows = session.scalars(select(Qualification).order_by(Qualification.id)).all()
    assert [row.revoked_at is None for row in rows] == [False, True]
    assert ask(ada, 34, 35, pool_id=pool.id)

    assert client.post(f"/manage/qualifications/{rows[1].id}/revoke").status_code == 302
    with pytest.raises(Exception, match="rule_violation"):
        ask(ada, 36, 37, pool_id=pool.id)


def test_an_unknown_address_or_a_day_gone_by_qualifies_nobody(app, session, people, clock):
    client, page = browser(app, people.mei), f"/manage/pools/{people.automatic.id}/qualifications"
    for given in ({"email": "who@test.example"}, {"last_day": "2026-11-20"}):
        data = {"email": people.ada.email, "level": "1", "last_day": "", "note": "", **given}
        answer = client.post(page, data=data)
        assert answer.status_code == 422
    assert session.scalars(select(Qualification)).all() == []
