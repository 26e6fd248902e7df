"""The bottom tabs of a phone: four and the rest under one, for those who have many."""

import re

import pytest

from tests.cast import cast
from tests.pages import browser

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def people(session, clock):
    """Return the cast."""
    return cast(session)


def test_who_has_many_tabs_finds_the_rest_of_them_under_more(app, people):
    html = browser(app, people.ops).get("/pools").text
    more = html[html.index('class="tabs-more"') :].split("</details>")[0]
    first = html[html.index('class="tabs"') :].split('class="tabs-more"')[0]

    hidden = re.findall(r'<li class="beyond"><a href="([^"]+)"', first)
    assert hidden == re.findall(r'<a class="quiet" href="([^"]+)"', more)
    assert len(re.findall(r"<li><a ", first)) == 4


def test_who_has_few_tabs_sees_them_all(app, people):
    html = browser(app, people.ada).get("/pools").text

    assert "tabs-more" not in html
    assert "beyond" not in html
