"""Route × role for every page of the park: a route that is added is tested without being listed.

Foreign, missing and forbidden look alike: 404. A visitor is asked to sign in.
"""

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from booking.companies.models import Building, Room
from booking.inventory.models import Contribution
from tests import factories
from tests.cast import Cast, cast
from tests.pages import browser

OPERATORS = {"park", "places", "parties", "labs", "people", "platforms", "sharing"}
MANAGERS = {"manage", "units"}
OF_ADMINISTRATORS = {"people.park_role"}
LISTS = {"manage.list_pools", "manage.new_pool"}  # of whoever manages any lab
NEVER = 987_654_321
# who may not: members of both companies, the other lab's manager, staff of the same lab, the
# representative of the owning institution
STRANGERS = {"operator": ("ada", "bo", "cy", "mei", "dee", "rep", "staff"),
             "manager": ("ada", "bo", "cy", "dee", "rep", "staff")}  # fmt: skip


@pytest.fixture
def park(session: Session) -> Cast:
    """Return the cast."""
    return cast(session)


@pytest.fixture
def ids(session: Session, park: Cast) -> dict[str, int]:
    """Return the id of a thing of west for each argument of a route."""
    building = factories.keep(session, Building(site_id=park.site.id, name_zh="A"))
    room = factories.keep(session, Room(building_id=building.id, name="1"))
    agreement = factories.create_contribution(session, park.unshared)
    assert isinstance(agreement, Contribution)
    return {
        "site_id": park.site.id, "building_id": building.id, "room_id": room.id,
        "institution_id": park.west.id, "company_id": park.company_a.id,
        "lab_id": park.west_lab.id, "user_id": park.cy.id, "platform_id": park.platform.id,
        "membership_id": 1, "contribution_id": agreement.id, "pool_id": park.confocal.id,
        "unit_id": park.confocal_units[0].id,
    }  # fmt: skip


def rules(app: Flask, blueprints: set[str]) -> list[Rule]:
    """Return the routes of these blueprints."""
    found = [
        r
        for r in app.url_map.iter_rules()
        if r.endpoint.partition(".")[0] in blueprints and r.endpoint not in OF_ADMINISTRATORS
    ]
    assert {r.endpoint.partition(".")[0] for r in found} == blueprints
    return found


def path_of(rule: Rule, ids: dict[str, int]) -> str:
    """Return the route's path about our things."""
    built = rule.build({name: ids[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


def methods(rule: Rule) -> list[str]:
    """Return what the route answers to, of GET and POST."""
    return sorted((rule.methods or set()) & {"GET", "POST"})


@pytest.fixture
def person(session: Session, park: Cast):
    """Return somebody of the cast by name, or a staff member of west's lab."""
    staff = factories.create_user(session)
    factories.create_lab_member(session, park.west_lab, staff, "staff")
    return lambda name: staff if name == "staff" else getattr(park, name)


@pytest.mark.parametrize("who", STRANGERS["operator"])
def test_an_operators_route_is_missing_for_everybody_else(app, ids, person, who) -> None:
    client = browser(app, person(who))
    for rule in rules(app, OPERATORS):
        for method in methods(rule):
            answer = client.open(path_of(rule, ids), method=method)
            assert answer.status_code == 404, (who, method, rule.rule)


@pytest.mark.parametrize("who", STRANGERS["manager"])
def test_a_labs_route_is_missing_for_everybody_else(app, ids, person, who) -> None:
    client = browser(app, person(who))
    for rule in rules(app, MANAGERS):
        if rule.endpoint in LISTS and who == "dee":
            continue  # she has pools of her own
        for method in methods(rule):
            answer = client.open(path_of(rule, ids), method=method)
            assert answer.status_code == 404, (who, method, rule.rule)


@pytest.mark.parametrize(("who", "blueprints"), [("ops", OPERATORS | MANAGERS), ("mei", MANAGERS)])
def test_whoever_may_sees_the_pages(app, ids, person, who, blueprints) -> None:
    client = browser(app, person(who))
    for rule in rules(app, blueprints):
        if "GET" in methods(rule):
            assert client.get(path_of(rule, ids)).status_code == 200, rule.rule


def test_a_missing_thing_is_missing_for_the_operator_too(app, ids, person) -> None:
    client = browser(app, person("ops"))
    missing = dict.fromkeys(ids, NEVER)
    for rule in rules(app, OPERATORS | MANAGERS):
        for method in methods(rule) if rule.arguments else []:
            answer = client.open(path_of(rule, missing), method=method)
            assert answer.status_code == 404, (method, rule.rule)


def test_a_visitor_is_asked_to_sign_in(app, ids) -> None:
    client = browser(app)
    for rule in rules(app, OPERATORS | MANAGERS):
        for method in methods(rule):
            answer = client.open(path_of(rule, ids), method=method)
            assert answer.status_code == 302, (method, rule.rule)
            assert answer.location.startswith("/account/sign-in"), rule.rule
