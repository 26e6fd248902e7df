"""A lab's own reasons: written by its managers, offered where a request or time is refused."""

import pytest

from booking.audit.models import Audit
from booking.companies.queries.reasons import reasons_of
from booking.companies.services.reasons import set_reasons
from booking.core.errors import Invalid, NotFound, Stale
from booking.infra.db import write
from booking.reservations.models import Reservation
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.steps import ask


@pytest.fixture
def people(clock, session):
    return cast(session)


def put(people, *texts, who="mei", seen=None):
    """Write West's reasons as somebody; return what holds."""
    lab, by = people.west_lab.id, actor(getattr(people, who))
    return write(lambda s: set_reasons(s, by, lab, texts, NOW, seen))


def test_a_list_is_written_whole_in_its_order(session, people):
    put(people, "设备检修", "请先培训")

    assert put(people, " Training  first ", "", "设备检修", "设备检修") == [
        "Training first",
        "设备检修",
    ]
    assert reasons_of(session, [people.west_lab.id, None]) == ["Training first", "设备检修"]
    assert reasons_of(session, [people.east_lab.id]) == []
    rows = session.query(Audit).filter_by(action="lab.set_reasons").all()
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([f"reason {n}" for n in range(21)], "too_many_reasons"),
        (["x" * 201], "too_long_text"),
        (["a\ud800"], "unkeepable_text"),
    ],
)
def test_a_list_has_its_bounds(people, texts, code):
    with pytest.raises(Invalid) as refused:
        put(people, *texts)

    assert refused.value.code == code
    assert put(people, *[f"{n:02}" + "x" * 198 for n in range(20)])


@pytest.mark.parametrize("who", ["ada", "bo", "dee", "rep"])
def test_only_the_labs_managers_write(people, who):
    with pytest.raises(NotFound):
        put(people, "x", who=who)


def test_what_somebody_else_wrote_meanwhile_is_not_lost(app, session, people):
    client = browser(app, people.mei)
    url = f"/manage/labs/{people.west_lab.id}/reasons"
    put(people, "first")

    with pytest.raises(Stale):
        put(people, "mine", seen=[])
    page = client.post(url, data={"seen": "", "reasons": "mine"})

    assert page.status_code == 422
    assert "What is saved now first" in said(page.text)
    assert "mine" in page.text
    assert client.post(url, data={"seen": "first", "reasons": "first\r\nmine"}).status_code == 302
    session.rollback()
    assert reasons_of(session, [people.west_lab.id]) == ["first", "mine"]


def test_a_reason_is_offered_to_who_rejects_and_alone_is_enough(app, session, people):
    put(people, "设备检修", "请先培训")
    items = [f"{ask(actor(people.ada), h, h + 1, pool_id=people.confocal.id).reservation_id}:1"
             for h in (9, 11)]  # fmt: skip
    client = browser(app, people.mei)

    asked = client.post("/inbox/decide", data={"item": items, "do": "reject"})
    assert "设备检修 请先培训 Own words only" in said(asked.text)
    more = {"offered": "请先培训", "reason": "周三有课"}
    client.post("/inbox/decide", data={"item": items[:1], "do": "reject", **more})
    client.post("/inbox/decide", data={"item": items[1:], "do": "reject", "offered": "设备检修"})

    session.rollback()
    told = [session.get(Reservation, int(item.split(":")[0])).reason for item in items]
    assert told == ["请先培训\n周三有课", "设备检修"]


def test_a_reason_is_offered_to_the_lab_that_cancels_not_to_the_person(app, session, people):
    put(people, "设备检修")
    key = ask(actor(people.ada), 9, 10, pool_id=people.automatic.id).reservation_id
    url = f"/reservations/{key}/cancel"

    assert "设备检修" not in browser(app, people.ada).get(url).text
    client = browser(app, people.mei)
    assert "设备检修" in client.get(url).text
    client.post(url, data={"version": "1", "offered": "设备检修"})

    session.rollback()
    row = session.get(Reservation, key)
    assert (row.status, row.reason) == ("cancelled", "设备检修")
