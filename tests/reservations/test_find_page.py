"""The page that finds a time: what it offers is booked by the form it leads to."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories
from tests.cast import cast
from tests.factories import actor
from tests.pages import browser, fields, said
from tests.reservations.steps import ask

TUESDAY = "day=2026-11-24&until=2026-11-24"


@pytest.fixture
def people(clock, session):
    return cast(session)


def offers(page):
    """Return the addresses of the offers by pool."""
    urls = (unescape(url) for url in re.findall(r'<a class="title" href="([^"]+)">', page.text))
    return {int(parse_qs(urlsplit(url).query)["pool_id"][0]): url for url in urls}


def test_an_offer_leads_to_the_form_filled_with_it(app, people):
    client = browser(app, people.ada)

    page = client.get(f"/find?{TUESDAY}&day_from=10:00&day_until=12:00&minutes=120")
    form = fields(client.get(offers(page)[people.sequencer.id]).text)

    assert (form["start"], form["end"]) == ("2026-11-24T10:00", "2026-11-24T12:00")


def test_what_is_taken_or_not_to_be_seen_is_not_offered(app, people):
    ask(actor(people.cy), 10, 12, pool_id=people.sequencer.id)

    page = browser(app, people.ada).get(
        f"/find?{TUESDAY}&day_from=10:00&day_until=12:00&minutes=120"
    )

    assert people.confocal.id in offers(page)
    assert people.sequencer.id not in offers(page)
    assert people.unshared.id not in offers(page)


def test_an_operator_free_at_the_same_time_is_offered_along(app, people, session):
    helper = factories.create_pool(
        session, site_id=people.site.id, lab_id=people.west_lab.id,
        name_zh="操作员", name_en="Operator",
    )  # fmt: skip
    factories.create_contribution(session, helper)
    [unit] = factories.units_of(session, helper)
    unit.kind = "person"
    session.commit()
    ask(actor(people.cy), 10, 11, pool_id=helper.id)

    page = browser(app, people.ada).get(
        f"/find?{TUESDAY}&day_from=10:00&minutes=60&together={helper.id}&sort=best"
    )

    url = offers(page)[people.confocal.id]
    filled = browser(app, people.ada).get(url)
    assert f'name="pool_id" value="{helper.id}"' in filled.text
    start, end = parse_qs(urlsplit(url).query)["start"] + parse_qs(urlsplit(url).query)["end"]
    assert (fields(filled.text)["start"], fields(filled.text)["end"]) == (start, end)
    assert "with Operator" in said(page.text)
    assert "fits" in said(page.text)
    assert offers(page)
    assert all("T10" not in parse_qs(urlsplit(url).query)["start"][0]
               for url in offers(page).values())  # fmt: skip


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("day=2026-13-40", "This day cannot be read"),
        ("day=9999-12-31", "This day cannot be read"),
        ("day=2026-11-25&until=2026-11-24", "The last day must not be before the first"),
        ("day_from=25:00", "This time cannot be read"),
        ("category=nope", "This choice is not there any more"),
        ("together=999999999", "This choice is not there any more"),
        ("q=nothingofthekind", "No time was found"),
        ("minutes=x&quantity=-1&site=x&weekday=9&sort=x&q=%00", "Find a time"),
    ],
)
def test_what_cannot_be_looked_for_is_told(app, people, query, text):
    page = browser(app, people.ada).get(f"/find?{query}")

    assert page.status_code == 200
    assert text in said(page.text)
