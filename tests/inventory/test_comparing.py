"""Instruments side by side, and those put together to be booked as one."""

import pytest
from sqlalchemy import select

from booking.core.errors import NotFound, WrongState
from booking.infra.db import write
from booking.inventory.models import BundleItem, Unit
from booking.inventory.services import bundles
from booking.inventory.services.bundles import add_to_bundle, take_from_bundle
from booking.policies.models import Qualification
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.factories import actor, keep
from tests.pages import browser, said
from tests.reservations.ruled import set_rule
from tests.statements import statements


@pytest.fixture
def people(session, clock) -> Cast:
    return cast(session)


def ids_of(*pools):
    return ",".join(str(pool.id) for pool in pools)


def held(session, user):
    session.rollback()
    query = select(BundleItem.pool_id).where(BundleItem.user_id == user.id)
    return set(session.scalars(query))


def test_what_differs_is_marked_in_words_too(app, session, people):
    people.confocal.specifications = "物镜：60x\n激光：4"
    people.sequencer.specifications = "激光：4"
    session.commit()
    page = browser(app, people.ada).get(
        f"/compare?pools={ids_of(people.confocal, people.sequencer)}"
    )

    text = said(page.text)
    assert "differs: 物镜 60x –" in text
    assert "differs: 激光" not in text
    assert "激光 4 4" in text
    assert "Qualification not needed not needed" in text
    assert "Contact 梅 梅" in text


def test_it_tells_whether_the_reader_is_qualified(app, session, people):
    for pool in (people.confocal, people.sequencer):
        set_rule(session, "level", 2, pool=pool)
    session.commit()
    keep(session, Qualification(user_id=people.ada.id, pool_id=people.confocal.id, level=2,
                                granted_at=NOW))  # fmt: skip
    url = f"/compare?pools={ids_of(people.confocal, people.sequencer)}"
    text = said(browser(app, people.ada).get(url).text)

    assert "needed: 2 · in staffed hours; you have it" in text
    assert "needed: 2 · in staffed hours; you have none" in text


def test_what_is_foreign_or_missing_is_left_out_alike(app, people):
    client = browser(app, people.ada)
    two = ids_of(people.confocal, people.sequencer)
    foreign = client.get(f"/compare?pools={two},{people.unshared.id}")
    missing = client.get(f"/compare?pools={two},999999")

    assert foreign.status_code == 200
    assert "1 of the instruments in this address is not here" in said(foreign.text)
    assert said(foreign.text) == said(missing.text)
    assert "Choose two to four instruments" in said(client.get("/compare?pools=x").text)


def test_at_most_four_side_by_side(app, people):
    five = [people.confocal, people.sequencer, people.automatic, people.east_pool, people.unshared]
    page = browser(app, people.ops).get("/compare", query_string={"pools": [p.id for p in five]})

    assert "At most 4 at once" in said(page.text)
    assert page.text.count('scope="col"') == 5


def test_three_ask_as_often_as_two(app, session, people):
    client, engine = browser(app, people.ada), session.get_bind()
    three = ids_of(people.confocal, people.sequencer, people.automatic)
    pair = ids_of(people.confocal, people.sequencer)
    client.get(f"/compare?pools={three}")
    with statements(engine) as two:
        client.get(f"/compare?pools={pair}")
    with statements(engine) as more:
        client.get(f"/compare?pools={three}")

    assert len(more) == len(two)


def test_a_bundle_is_kept_led_to_the_form_and_empty_once_booked(app, session, people):
    client = browser(app, people.ada)
    assert "Nothing in your bundle yet" in said(client.get("/bundle").text)
    both = [people.confocal.id, people.automatic.id]
    assert client.post("/bundle/add", data={"pools": both}).location == "/bundle"
    compared = client.post("/bundle/add", data={"pools": both, "do": "compare"})
    assert compared.location == f"/compare?pools={both[0]},{both[1]}"

    page = browser(app, people.ada).get("/bundle")  # another device
    assert f"/reserve/together?pool_id={both[0]}&amp;pool_id={both[1]}" in page.text
    booked = client.post("/reserve/together", data={
        "do": "book", "mode": "bundle", "pool_id": both, "quantity": ["1", "1"],
        "minutes": ["60", "60"], "least": ["0", "0"], "most": ["", ""], "purpose": "research",
        "start": "2026-11-24T10:00", "end": "2026-11-24T11:00", "key": "0" * 32,
        "party": f"company:{people.company_a.id}",
    })  # fmt: skip
    assert booked.status_code == 302, said(booked.text)
    assert held(session, people.ada) == set()


def test_what_cannot_be_booked_stays_and_says_so(app, session, people):
    add = [people.automatic.id, people.confocal.id]
    write(lambda s: add_to_bundle(s, actor(people.ada), add, NOW))
    units = session.scalars(select(Unit).where(Unit.pool_id == people.automatic.id))
    for unit in units:
        unit.state = "down"
    session.commit()
    client = browser(app, people.ada)

    page = client.get("/bundle")
    assert "None of its units can be booked now" in said(page.text)
    assert f'href="/reserve/together?pool_id={people.confocal.id}"' in page.text
    client.post("/bundle/take", data={"pool_id": str(people.automatic.id)})
    assert held(session, people.ada) == {people.confocal.id}


def test_what_one_does_not_see_is_counted_not_named(app, session, people):
    session.add(BundleItem(user_id=people.ada.id, pool_id=people.unshared.id, added_at=NOW))
    session.commit()

    text = said(browser(app, people.ada).get("/bundle").text)
    assert "1 instrument is not shared with you any more" in text
    with pytest.raises(NotFound):
        write(lambda s: add_to_bundle(s, actor(people.ada), [people.unshared.id], NOW))


def test_a_bundle_has_room_for_so_many_and_is_ones_own(session, people, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_PARTS", 1)
    ada, bo = actor(people.ada), actor(people.bo)
    write(lambda s: add_to_bundle(s, ada, [people.confocal.id], NOW))
    assert write(lambda s: add_to_bundle(s, ada, [people.confocal.id], NOW)) == 0
    with pytest.raises(WrongState, match="bundle_full"):
        write(lambda s: add_to_bundle(s, ada, [people.sequencer.id], NOW))
    write(lambda s: take_from_bundle(s, bo, None))

    assert held(session, people.ada) == {people.confocal.id}
