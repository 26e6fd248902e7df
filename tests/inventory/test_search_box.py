"""The search box: what was typed becomes filters of the page it leads to, each removable."""

import re
from html import unescape

import pytest

from tests.cast import cast
from tests.pages import browser, said


@pytest.fixture
def people(clock, session):
    return cast(session)


def chips(page):
    found = re.findall(r'<a class="chip" href="([^"]+)">(.*?)</a>', page.text)
    return {
        re.sub(r"<[^>]+>|Remove filter: |移除条件：", "", text): unescape(url)
        for url, text in found
    }


def test_a_time_by_the_clock_is_looked_for_in_the_catalogue(app, people):
    page = browser(app, people.ada).get("/search?q=confocal+tomorrow+14-16", follow_redirects=True)

    assert page.request.path == "/pools"
    assert 'name="q" value="confocal"' in page.text
    assert 'name="free_from" value="2026-11-24T14:00"' in page.text
    assert chips(page) == {"Free Tue 24 Nov 14:00–16:00": "/pools?q=confocal"}


def test_a_part_of_a_day_finds_times_and_each_part_can_be_dropped(app, people):
    client = browser(app, people.ada, locale="zh_Hans_CN")

    page = client.get("/search?q=共聚焦 明天下午 2小时", follow_redirects=True)

    assert page.request.path == "/find"
    assert list(chips(page)) == ["共聚焦", "11月24日 周二", "12:00–18:00", "2 小时"]
    without = client.get(chips(page)["11月24日 周二"])
    assert list(chips(without)) == ["共聚焦", "12:00–18:00", "2 小时"]


def test_words_alone_are_looked_for_and_ticks_go_along(app, people):
    client = browser(app, people.ada)
    site = people.site.id

    assert client.get(f"/search?q=pcr&site={site}&state=in_service").location == (
        f"/pools?site={site}&state=in_service&q=pcr"
    )
    assert client.get('/search?q="friday"').location == "/pools?q=%22friday%22"
    assert client.get("/search").location == "/pools"


def test_a_new_time_replaces_the_one_looked_for_and_what_is_lost_is_said(app, people):
    client = browser(app, people.ada)
    old = "free_from=2026-11-30T08:00&free_to=2026-11-30T10:00"

    assert client.get(f"/search?q=now&{old}").location == "/pools?free_from=2026-11-23T09:00"
    assert "08:00" in client.get(f"/search?q=pcr&{old}").location
    page = client.get(f"/search?q=friday&platform={people.platform.id}", follow_redirects=True)
    assert "do not go with a time to be found" in said(page.text)


def test_what_is_over_is_said(app, people):
    page = browser(app, people.ada).get("/search?q=today+7-8", follow_redirects=True)

    assert "This time is over." in said(page.text)


def test_a_length_of_ones_own_can_be_looked_for(app, people):
    page = browser(app, people.ada).get("/search?q=150 min", follow_redirects=True)

    assert '<option value="150" selected>' in page.text
    assert "Confocal microscope" in said(page.text)
