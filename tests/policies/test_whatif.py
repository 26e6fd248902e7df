"""What if: what a change would have refused, and what is coming that breaks it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.core.period import Period
from booking.infra.db import write
from booking.policies.models import PersonTag, Qualification, RuleValue
from booking.policies.queries.own import scope_to_edit
from booking.policies.rules.settings import Change
from booking.policies.services.settings import change_rules
from booking.reservations.queries import whatif
from tests import factories
from tests.cast import cast
from tests.pages import browser, fields, said
from tests.statements import statements

HOUR = timedelta(hours=1)


@pytest.fixture
def park(any_session):
    return cast(any_session)


@pytest.fixture
def reserve(any_session, park, now):
    """Return a function that writes a reservation some hours from now, made a week before."""

    def make(pool, start, length, who=None, company=None, **more):
        begin = now + start * HOUR
        made = {"created_at": begin - timedelta(days=7), "user_id": (who or park.ada).id}
        company_id = (company or park.company_a).id
        period = Period(begin, begin + length * HOUR)
        return factories.create_reservation(
            any_session, pool, period, **{**made, "company_id": company_id, **more}
        ).id

    return make


def look(session, park, kind, key, now, *changes):
    scope = scope_to_edit(session, factories.actor(park.ops), kind, str(key))
    found = whatif.what_if(session, scope, changes, now)
    session.rollback()
    return found


def ids(side):
    return {hit.reservation_id for hit in side.hits}


def test_a_shorter_longest_would_have_refused_the_long_ones(any_session, park, reserve, now):
    reserve(park.confocal, -50, 1)
    long_past = reserve(park.confocal, -40, 4)
    reserve(park.confocal, -24 * 95, 4)  # before the 90 days
    coming = reserve(park.confocal, 24, 4)
    reserve(park.confocal, 48, 4, status="cancelled")
    reserve(park.east_pool, 24, 4)
    lab = park.west_lab.id
    found = look(any_session, park, "lab", lab, now, Change("max_minutes", 200))
    assert ids(found.past) == {long_past}
    assert ids(found.coming) == {coming}
    assert found.past.by_code == [("too_long", 1)]
    assert (found.past.looked, found.coming.looked) == (2, 1)


def test_what_broke_the_rules_before_is_not_counted_again(any_session, park, reserve, now):
    reserve(park.confocal, 24, 4)
    pool = ("pool", str(park.confocal.id))
    ops = factories.actor(park.ops)
    write(lambda s: change_rules(s, ops, pool, [Change("max_minutes", 120)], now))
    assert not look(any_session, park, *pool, now, Change("max_minutes", 60)).hits


def test_loosening_hits_nothing_and_no_change_reads_no_reservation(any_session, park, reserve, now):
    reserve(park.confocal, 24, 4)
    assert not look(any_session, park, "park", "", now, Change("max_minutes", 9000)).hits
    scope = scope_to_edit(any_session, factories.actor(park.ops), "park", "")
    with statements(any_session.get_bind()) as sent:
        whatif.what_if(any_session, scope, [Change("max_minutes", clear=True)], now)
    assert not any("FROM reservation" in text for text in sent)


@pytest.mark.parametrize(
    ("group", "hit"),
    [("company:{a}", {"ada"}), ("tier:resident", {"ada", "cy"}), ("tag:night", {"cy"}),
     ("level:2", {"ada"}), ("institution:{a}", set())],
)  # fmt: skip
def test_a_groups_rule_hits_its_people(any_session, park, reserve, now, group, hit):
    make = {"ada": reserve(park.sequencer, 24, 4),
            "cy": reserve(park.sequencer, 48, 4, park.cy, park.company_b)}  # fmt: skip
    tag = PersonTag(user_id=park.cy.id, lab_id=None, lab_key=0, tag="night", given_at=now)
    factories.keep(any_session, tag)
    factories.keep(any_session, Qualification(
        user_id=park.ada.id, pool_id=park.sequencer.id, level=2, granted_at=now))  # fmt: skip
    change = Change("max_minutes", 60, group.format(a=park.company_a.id))
    found = look(any_session, park, "lab", park.west_lab.id, now, change)
    assert ids(found.coming) == {make[who] for who in hit}


@pytest.mark.parametrize(
    ("change", "hit"),
    [
        (Change("level", 1), True), (Change("horizon_days", 5), True),
        (Change("horizon_days", 9), False), (Change("create_latest_minutes", 8 * 1440), True),
        (Change("create_latest_minutes", 1440), False), (Change("purposes", ["teaching"]), True),
        (Change("note_needed", value=True), True), (Change("opening_hours", "1 08:00-09:00"), True),
        (Change("granularity_minutes", 45), True), (Change("warmup_minutes", 30), False),
    ],
)  # fmt: skip
def test_each_is_decided_as_when_it_was_made(any_session, park, reserve, now, change, hit):
    reserve(park.confocal, 24, 4)
    found = look(any_session, park, "pool", park.confocal.id, now, change)
    assert bool(found.coming.hits) is hit


def test_clearing_a_pools_own_value_lets_the_labs_hold(any_session, park, reserve, now):
    ops, pool = factories.actor(park.ops), ("pool", str(park.confocal.id))
    for scope, minutes in ((("lab", str(park.west_lab.id)), 60), (pool, 600)):
        change = [Change("max_minutes", minutes)]
        write(lambda s, at=scope, what=change: change_rules(s, ops, at, what, now))
    reserve(park.confocal, 24, 4)
    assert look(any_session, park, *pool, now, Change("max_minutes", clear=True)).coming.hits


def test_a_class_reaches_the_pools_below_it(any_session, park, reserve, now):
    below = factories.create_category(any_session, parent_code=park.category.code, level=2)
    park.sequencer.category_code = below.code
    any_session.commit()
    reserve(park.sequencer, 24, 4)
    change = Change("max_minutes", 60)
    assert look(any_session, park, "category", park.category.code, now, change).coming.hits


def test_more_than_can_be_looked_at_is_said(any_session, park, reserve, now, monkeypatch):
    monkeypatch.setattr(whatif, "MOST", 2)
    for day in range(4):
        reserve(park.confocal, 24 + 24 * day, 4)
    found = look(any_session, park, "park", "", now, Change("max_minutes", 60))
    assert (found.coming.looked, found.coming.capped, len(found.coming.hits)) == (2, True, 2)
    assert not found.past.capped


def test_the_page_shows_it_before_saving_and_saves_when_agreed(
    any_app, any_session, park, reserve, now
):
    coming = reserve(park.confocal, 24, 4)
    mei, page = browser(any_app, park.mei), f"/manage/pools/{park.confocal.id}/rules"
    known = {k: v for k, v in fields(mei.get(page).text).items() if not k.endswith("_list")}
    typed = {**known, "max_minutes": "60"}
    typed.pop("agreed", None)
    answer = mei.post(page, data=typed)
    text = said(answer.text)
    assert "Nothing is saved yet" in text
    assert "1 of 1 coming reservations breaks it; it stays." in text
    assert f'href="/reservations/{coming}"' in answer.text
    assert any_session.get_one(type(park.confocal), park.confocal.id).max_minutes is None
    any_session.rollback()
    mark = fields(answer.text.replace("<button", "<input"))["agreed"]
    other = mei.post(page, data={**typed, "max_minutes": "90", "agreed": mark})
    assert "Nothing is saved yet" in said(other.text)
    done = mei.post(page, data={**typed, "agreed": mark}, follow_redirects=True)
    assert "Saved." in said(done.text)
    assert any_session.get_one(type(park.confocal), park.confocal.id).max_minutes == 60
    assert not any_session.scalars(select(RuleValue.id)).all()


def test_the_button_shows_it_also_when_nothing_is_hit(any_app, park):
    mei, page = browser(any_app, park.mei), f"/manage/labs/{park.west_lab.id}/rules"
    known = {k: v for k, v in fields(mei.get(page).text).items() if not k.endswith("_list")}
    text = said(mei.post(page, data={**known, "max_minutes": "60", "preview": "1"}).text)
    assert "it would have refused 0." in text
