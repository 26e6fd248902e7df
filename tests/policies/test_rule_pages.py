"""The pages on which rules are set: what they say, what they keep, what they refuse."""

import pytest
from sqlalchemy import select

from booking.infra.db import write
from booking.inventory.models import Pool
from booking.policies.models import RuleEdition, RuleValue
from booking.policies.rules.registry import KINDS
from booking.policies.rules.settings import Change
from booking.policies.services.settings import change_rules
from booking.reservations.queries.facts import pool_facts
from booking.web.rule_words import SECTIONS, WORDS
from tests import factories
from tests.cast import cast
from tests.pages import browser, fields, said


@pytest.fixture
def park(session):
    return cast(session)


@pytest.fixture
def mei(app, park):
    return browser(app, park.mei)


@pytest.fixture
def ops(app, park):
    return browser(app, park.ops)


def save(client, address, **typed):
    """Return the answer to the form of an address, its fields as they are but for `typed`."""
    boxes = ("_grants", "_list")  # the helper reads unticked boxes too
    known = {
        name: value
        for name, value in fields(client.get(address).text).items()
        if not name.endswith(boxes)
    }
    return client.post(address, data={**known, **typed}, follow_redirects=True)


def test_every_rule_has_words():
    assert {kind.name for kind in KINDS} <= set(WORDS)
    assert {kind.section for kind in KINDS} <= set(SECTIONS)


def test_a_pools_page_says_every_rule_with_its_value_and_origin(session, park, mei, now):
    ops = factories.actor(park.ops)
    lab = ("lab", str(park.west_lab.id))
    write(lambda s: change_rules(s, ops, lab, [Change("cancel_latest_minutes", 1440)], now))
    text = said(mei.get(f"/manage/pools/{park.confocal.id}/rules").text)
    assert "Cancel at the latest" in text
    assert "Now: 1 d before the start (from the lab 成像实验室)." in text
    assert "Now: 15 min (default)." in text
    for name, (label, _hint) in WORDS.items():
        assert label in text, name


def test_a_saved_rule_holds_and_an_emptied_one_is_inherited_again(session, park, mei):
    page = f"/manage/pools/{park.confocal.id}/rules"
    answer = save(mei, page, min_minutes="45", level="2", overnight="no",
                  cancel_latest_minutes="own", cancel_latest_minutes_number="90",
                  create_latest_minutes="never", opens_at_minute="08:30", approval="auto",
                  opening_hours="own", day1="08:00-12:00, 14:00-18:00",
                  day5="22:00-06:00")  # fmt: skip
    assert "Saved." in said(answer.text)
    rules = pool_facts(session, [park.confocal.id])[park.confocal.id].rules
    found = (rules.min_minutes.value, rules.level.value, rules.overnight.value)
    assert found == (45, 2, False)
    assert (rules.cancel_latest_minutes.value, rules.create_latest_minutes.value) == (90, -1)
    assert rules.opens_at_minute.value == 510
    assert rules.opening_hours.value.text.startswith("1 08:00-12:00;1 14:00-18:00")
    assert "5 22:00-30:00" in rules.opening_hours.value.text
    assert session.get_one(Pool, park.confocal.id).approval == "auto"
    session.rollback()
    save(mei, page, min_minutes="", level="", cancel_latest_minutes="", opening_hours="")
    rules = pool_facts(session, [park.confocal.id])[park.confocal.id].rules
    assert {rules.min_minutes.origin, rules.level.origin, rules.opening_hours.origin} == {"default"}
    assert rules.cancel_latest_minutes.origin == "default"


def test_saving_a_page_as_it_is_changes_nothing(session, park, ops):
    page = f"/park/sites/{park.site.id}/rules"
    save(ops, page, max_minutes="600", purposes="own", purposes_list=["research", "teaching"])
    session.rollback()
    before = session.scalar(select(RuleEdition.number))
    kept = session.scalars(select(RuleValue.value).where(RuleValue.rule == "purposes")).one()
    assert kept == '["research", "teaching"]'
    session.rollback()
    save(ops, page, purposes_list=["research", "teaching"])
    assert session.scalar(select(RuleEdition.number)) == before


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"min_minutes": "200", "max_minutes": "100"}, "No length can be booked"),
        ({"granularity_minutes": "7"}, "A day must divide evenly"),
        ({"cancel_latest_minutes": "own"}, "Please fill this in"),
        ({"purposes": "own"}, "Please fill this in"),
        ({"opening_hours": "own", "day1": "8 to 9"}, "is not like 08:00-18:00"),
        ({"horizon_days": "99999"}, "Number must be between"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(park, mei, typed, message):
    page = f"/manage/labs/{park.west_lab.id}/rules"
    answer = save(mei, page, decide_within_hours="7", **typed)
    assert answer.status_code == 422
    assert message in said(answer.text)
    assert fields(answer.text)["decide_within_hours"] == "7"


def test_a_group_has_limits_of_its_own_strictest_or_granting(session, park, mei):
    page = f"/manage/labs/{park.west_lab.id}/rules"
    group = f"{page}?group=company:{park.company_a.id}"
    assert "people of Alpha Bio" in said(mei.get(group).text)
    save(mei, group, horizon_days="90", horizon_days_grants="y", create_latest_minutes="own",
         create_latest_minutes_number="120", edit_latest_minutes="never",
         cancel_latest_minutes="none")  # fmt: skip
    text = said(mei.get(page).text)
    assert "people of Alpha Bio Book at the earliest: 90 days ahead grants" in text
    assert "Change at the latest: not at all" in text
    assert "Book at the latest: 2 h before the start" in text
    save(mei, group, horizon_days="", create_latest_minutes="", edit_latest_minutes="",
         cancel_latest_minutes="")  # fmt: skip
    assert not session.scalars(select(RuleValue.id)).all()


@pytest.mark.parametrize("group", ["company:x", "colour:red", "tier:royal", "level:0", "tag:"])
def test_a_group_that_is_none_is_not_found(park, mei, group):
    page = f"/manage/labs/{park.west_lab.id}/rules?group={group}"
    assert mei.get(page).status_code == 404


def test_a_page_older_than_another_managers_change_is_said_and_kept(session, park, mei, ops):
    page = f"/manage/labs/{park.west_lab.id}/rules"
    old = fields(mei.get(page).text)
    save(ops, page, min_minutes="30")
    answer = mei.post(page, data={**old, "max_minutes": "300"})
    assert answer.status_code == 422
    assert "Somebody changed this since you opened it" in said(answer.text)
    typed = fields(answer.text)
    assert typed["max_minutes"] == "300"
    assert "Saved." in said(mei.post(page, data=typed, follow_redirects=True).text)


def test_buffers_of_a_lab_reach_its_pools_at_once(session, park, mei):
    save(mei, f"/manage/labs/{park.west_lab.id}/rules", warmup_minutes="20")
    pool = session.get_one(Pool, park.confocal.id, populate_existing=True)
    assert pool.inherited_warmup_minutes == 20


def test_the_parks_page_leads_to_each_categorys(park, ops):
    page = f"/park/categories/{park.category.code}/rules"
    assert f'href="{page}"' in ops.get("/park/rules").text
    assert "Booking rules: Light microscopes" in said(ops.get(page).text)
    assert "Saved." in said(save(ops, page, min_minutes="30").text)


def test_people_are_tagged_and_untagged(session, park, mei):
    page = f"/manage/labs/{park.west_lab.id}/tags"
    assert "Nobody is tagged here." in said(mei.get(page).text)
    answer = save(mei, page, email="ADA@test.example", tag=" night  shift ")
    assert "night shift Ada ada@test.example" in said(answer.text)
    refused = save(mei, page, email="nobody@test.example", tag="x")
    assert refused.status_code == 422
    assert "Nobody here has the address" in said(refused.text)
    assert 'value="tag:night shift"' in mei.get(f"/manage/labs/{park.west_lab.id}/rules").text
    assert mei.post("/manage/tags/1/take").status_code == 302
    assert "Nobody is tagged here." in said(mei.get(page).text)


def test_a_pools_page_says_its_further_rules_and_whose_they_are(session, app, park, now):
    ops = factories.actor(park.ops)
    lab = ("lab", str(park.west_lab.id))
    changes = [
        Change("cancel_latest_minutes", 1440), Change("level", 2), Change("overnight", value=False),
        Change("horizon_days", 7, f"company:{park.company_a.id}"),
    ]  # fmt: skip
    write(lambda s: change_rules(s, ops, lab, changes, now))
    page = f"/pools/{park.confocal.id}"
    mine = said(browser(app, park.ada).get(page).text)
    assert "Cancel at the latest 1 d before the start (from the lab)" in mine
    assert "Qualification level 2 · in staffed hours (from the lab)" in mine
    assert "Past midnight no (from the lab)" in mine
    assert "Book ahead up to 7 days (for your group)" in mine
    theirs = said(browser(app, park.cy).get(page).text)
    assert "Book ahead up to 60 days" in theirs
    assert "Gap between" not in theirs
