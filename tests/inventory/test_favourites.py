"""Favourites: a star on an instrument, for oneself only."""

import re

import pytest
from sqlalchemy import select

from booking.core.errors import NotFound, WrongState
from booking.infra.db import write
from booking.inventory.models import Favourite
from booking.inventory.services import favourites
from booking.privacy.queries import data_of
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said


@pytest.fixture
def people(clock, session):
    return cast(session)


def kept(session, user):
    query = select(Favourite.pool_id).where(Favourite.user_id == user.id)
    return sorted(session.scalars(query))


def star(page):
    return re.search(r'name="on" value="(\d)" aria-pressed="(\w+)"', page.text).groups()


def test_a_star_keeps_a_pool_and_lets_it_go_again(app, session, people):
    client, path = browser(app, people.ada), f"/pools/{people.confocal.id}"
    assert star(client.get(path)) == ("1", "false")

    answer = client.post(f"{path}/favourite", data={"on": "1", "next": "/pools?q=x"})
    assert answer.location == "/pools?q=x"
    assert star(client.get(path)) == ("0", "true")
    assert kept(session, people.ada) == [people.confocal.id]
    assert star(browser(app, people.cy).get(path)) == ("1", "false")

    client.post(f"{path}/favourite", data={"on": "0"})
    assert kept(session, people.ada) == []


def test_the_catalogue_shows_ones_favourites_only(app, session, people):
    client = browser(app, people.ada)
    for _twice in range(2):
        client.post(f"/pools/{people.sequencer.id}/favourite", data={"on": "1"})

    page = client.get("/pools?favourite=1")

    assert re.findall(r'class="title" href="/pools/(\d+)"', page.text) == [str(people.sequencer.id)]
    assert "Remove filter: My favourites" in said(page.text)
    assert "Nothing was found" in said(browser(app, people.cy).get("/pools?favourite=1").text)


def test_what_one_does_not_see_cannot_be_kept_and_is_no_longer_shown(app, session, people):
    with pytest.raises(NotFound):
        write(lambda s: favourites.keep(s, actor(people.ada), people.unshared.id, NOW))
    write(lambda s: favourites.keep(s, actor(people.mei), people.unshared.id, NOW))

    assert kept(session, people.ada) == []
    assert kept(session, people.mei) == [people.unshared.id]


def test_there_is_a_most(any_app, any_session, clock, monkeypatch):
    people = cast(any_session)
    monkeypatch.setattr(favourites, "MOST", 1)
    ada = actor(people.ada)
    write(lambda s: favourites.keep(s, ada, people.confocal.id, NOW))
    write(lambda s: favourites.keep(s, ada, people.confocal.id, NOW))

    with pytest.raises(WrongState, match="too_many_favourites"):
        write(lambda s: favourites.keep(s, ada, people.sequencer.id, NOW))


def test_the_copy_of_ones_data_names_them(session, people):
    write(lambda s: favourites.keep(s, actor(people.ada), people.confocal.id, NOW))

    [row] = data_of(session, people.ada.id)["favourite"]
    assert row["pool_id"] == people.confocal.id
