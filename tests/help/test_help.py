"""The glossary, hints at the first use, and the way from a refusal to what explains it."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.help.models import TourDone
from booking.help.rules import TOURS, tour_of
from booking.help.services import put_away
from booking.infra.db import write
from booking.web.glossary import SECTIONS
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.steps import ask
from tests.reservations.test_formality_pages import typed

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
TERMS = [term for _title, terms in SECTIONS for term in terms]


@pytest.fixture
def people(session, clock) -> Cast:
    return cast(session)


def test_anybody_reads_the_glossary_in_both_languages_and_searches_it(app):
    english = said(browser(app).get("/help/glossary").text)
    chinese = said(browser(app, locale="zh_Hans_CN").get("/help/glossary").text)
    assert "buffer 前后预留 Warm-up and clean-up" in english
    assert "前后预留 buffer 开机准备" in chinese

    found = browser(app).get("/help/glossary?q=爽约")
    assert re.findall(r'<dt id="([^"]+)"', found.text) == ["check-in", "no-show"]
    assert "Nothing was found" in said(browser(app).get("/help/glossary?q=zzz").text)


def test_every_term_is_whole_and_every_link_to_one_leads_somewhere():
    slugs = [term.slug for term in TERMS]
    assert len(set(slugs)) == len(slugs)
    assert all(t.zh and t.en and t.text_zh and t.text_en for t in TERMS)
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]
    linked = {
        slug for text in texts for slug in re.findall(r'help\.term\([^\n]*?, "([\w-]+)"\)', text)
    }
    assert linked
    assert linked <= set(slugs)


@pytest.mark.parametrize(
    ("who", "tour"),
    [
        (Actor(1), "member"),
        (Actor(1, labs={1: "deputy"}), "manager"),
        (Actor(1, labs={1: "staff"}), "member"),
        (Actor(1, park_role="operator", labs={1: "manager"}), "operator"),
        (Actor(1, park_role="administrator"), "operator"),
        (Actor(1, park_role="auditor"), None),  # changes nothing, not even this
    ],
)
def test_a_tour_is_for_what_somebody_does(who, tour):
    assert tour_of(who) == tour


def test_hints_are_shown_until_put_away_for_good(app, session, people):
    ask(actor(people.ada), 10, 11, pool_id=people.automatic.id)  # no longer her first day
    client = browser(app, people.ada)
    assert "Good to know when you begin" in said(client.get("/").text)
    client.post("/help/tours/member/done")
    assert "Good to know when you begin" not in said(browser(app, people.ada).get("/").text)
    assert client.post("/help/tours/other/done").status_code == 404

    client.post("/help/tours/again")
    assert "Good to know when you begin" in said(client.get("/").text)


@pytest.mark.parametrize(
    ("who", "words"), [("mei", "who runs a lab"), ("ops", "who runs the park")]
)
def test_each_role_has_its_hints_of_at_most_four_steps(app, people, who, words):
    home = browser(app, getattr(people, who)).get("/").text
    if "first-day" in home:  # three steps of their own come first
        ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
        home = browser(app, getattr(people, who)).get("/").text
    assert words in said(home)
    steps = re.search(r'class="panel tour".*?</ol>', home, re.S)[0]
    assert 1 <= steps.count("<li>") <= 4


def test_putting_away_again_changes_nothing(any_session):
    ada = actor(cast(any_session).ada)
    for _ in range(2):
        write(lambda s: put_away(s, ada, TOURS[0], NOW))

    any_session.rollback()
    assert len(any_session.scalars(select(TourDone)).all()) == 1
    with pytest.raises(NotFound):
        write(lambda s: put_away(s, ada, "x", NOW))


def test_a_refusal_leads_to_the_rules_for_that_time(app, people):
    pool = people.automatic
    late = {"start": "2027-11-24T10:00", "end": "2027-11-24T11:00"}
    page = browser(app, people.ada).post(
        f"/reserve?pool_id={pool.id}", data=typed(people, pool, **late)
    )

    assert page.status_code == 422
    [why] = re.findall(r'href="(/pools/\d+/explain\?[^"]+)"', page.text)
    explained = browser(app, people.ada).get(why.replace("&amp;", "&"))
    assert "This time cannot be booked" in said(explained.text)
