"""GET /explain and its page: every rule, its value, origin and group, and what a time breaks."""

import pytest

from booking.infra.db import write
from booking.policies.rules.registry import KINDS, RULE_OF
from booking.policies.rules.settings import Change
from booking.policies.services.settings import change_rules
from booking.web.rule_texts import RULE_TEXTS
from tests import factories
from tests.pages import browser, said
from tests.reservations.steps import at


@pytest.fixture
def put(people, clock):
    """Return a function that sets rules as the operator."""
    ops = factories.actor(people.ops)

    def setting(kind, key, *changes):
        write(lambda s: change_rules(s, ops, (kind, str(key)), changes, clock.now))

    return setting


def rules(answer):
    return {rule["rule"]: rule for rule in answer.json["rules"]}


def test_every_rule_is_listed_with_value_and_origin(api, people, put):
    put("lab", people.west_lab.id, Change("max_minutes", 240), Change("level", 0))
    answer = api.ada.get("/explain", pool=people.confocal.id)
    assert answer.status_code == 200
    found = rules(answer)
    assert list(found) == [kind.name for kind in KINDS]
    longest = found["max_minutes"]
    assert (longest["value"], longest["origin"]) == (240, "lab")
    assert longest["origin_id"] == str(people.west_lab.id)
    assert longest["text"].endswith("4 h")
    assert found["min_minutes"]["origin"] == "default"
    assert answer.json["passes"] is None
    assert {rule["passes"] for rule in answer.json["rules"]} == {None}
    assert answer.json["company_id"] == people.company_a.id


def test_a_time_says_which_rules_it_breaks_and_which_not(api, people, put):
    put("pool", people.confocal.id, Change("max_minutes", 60), Change("level", 1))
    answer = api.ada.get("/explain", pool=people.confocal.id, start=at(10), end=at(12))
    found = rules(answer)
    assert answer.json["passes"] is False
    assert (found["max_minutes"]["passes"], found["level"]["passes"]) == (False, False)
    assert (found["min_minutes"]["passes"], found["opening_hours"]["passes"]) == (True, True)
    assert found["cancel_latest_minutes"]["passes"] is None
    assert {v["code"] for v in answer.json["violations"]} == {"too_long", "level_needed"}
    passing = api.ada.get("/explain", pool=people.automatic.id, start=at(10), end=at(11))
    assert passing.json["passes"] is True
    assert passing.json["violations"] == []


def test_a_groups_value_names_the_group(api, people, put):
    group = f"company:{people.company_a.id}"
    put("lab", people.west_lab.id, Change("horizon_days", 5, group))
    mine = rules(api.ada.get("/explain", pool=people.confocal.id))["horizon_days"]
    assert (mine["value"], mine["origin"], mine["group"]) == (5, "lab", group)
    other = rules(api.cy.get("/explain", pool=people.confocal.id))["horizon_days"]
    assert (other["value"], other["group"]) == (60, "")


def test_another_person_only_for_those_who_may_book_for_them(api, people):
    asked = {"pool": people.confocal.id, "user": people.ada.id}
    assert api.mei.get("/explain", **asked).json["user_id"] == people.ada.id
    assert api.ada.get("/explain", **asked).status_code == 200
    for other in (api.bo, api.cy, api.dee, api.rep):
        refused = other.get("/explain", **asked)
        assert refused.status_code == 422
        assert refused.json["violations"][0]["code"] == "not_for_others"
        missing = other.get("/explain", **{**asked, "user": 471147})
        assert missing.data == refused.data


def test_half_a_time_and_a_wrong_one_are_refused(api, people):
    for query in ({"start": at(10)}, {"end": at(10)}, {"start": at(12), "end": at(10)},
                  {"start": "x", "end": "y"}):  # fmt: skip
        assert api.ada.get("/explain", pool=people.confocal.id, **query).status_code == 422


def test_every_code_of_a_rule_is_one_and_names_a_rule():
    assert set(RULE_OF) <= set(RULE_TEXTS)
    assert set(RULE_OF.values()) <= {kind.name for kind in KINDS}


class TestPage:
    """The page that says the same."""

    @pytest.fixture
    def ada(self, any_app, people):
        return browser(any_app, people.ada)

    def test_it_says_what_refuses_a_time(self, people, put, ada):
        put("lab", people.west_lab.id, Change("max_minutes", 60))
        page = f"/pools/{people.confocal.id}/explain"
        assert "Longest 1 h from the lab 成像实验室" in said(ada.get(page).text)
        day = "2026-11-25"
        text = said(ada.get(f"{page}?start={day}T10:00&end={day}T12:00").text)
        assert "This time cannot be booked" in text
        assert "Longest 1 h from the lab 成像实验室 refuses At most" in text
        assert "This time passes every rule" in said(
            ada.get(f"{page}?start={day}T10:00&end={day}T11:00").text
        )

    def test_what_cannot_be_read_is_said_and_kept(self, people, ada):
        answer = ada.get(f"/pools/{people.confocal.id}/explain?start=tomorrow&end=2026-11-25T10:00")
        assert answer.status_code == 422
        assert 'value="tomorrow"' in answer.text

    def test_only_who_may_book_for_others_asks_for_them(self, any_app, people, ada):
        page = f"/pools/{people.confocal.id}/explain?person=bo@test.example"
        assert "For Ada." in said(ada.get(page).text)
        mei = browser(any_app, people.mei)
        assert "For Bo." in said(mei.get(page).text)
        assert mei.get(page.replace("bo@", "nobody@")).status_code == 422
