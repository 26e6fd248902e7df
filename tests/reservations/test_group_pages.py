"""Pages of series: the form, the preview, the group, and the list with series folded."""

import re

import pytest

from booking.infra.db import db
from booking.reservations.queries.groups import visible_group
from tests.cast import cast
from tests.factories import actor
from tests.pages import browser, fields, said
from tests.reservations.grouped import members, repeat, times
from tests.reservations.steps import ask
from tests.statements import statements

FORM = {
    "start": "2026-11-24T09:00", "end": "2026-11-24T10:00", "quantity": "1", "purpose": "research",
    "repeats": "daily", "every": "1", "count": "4", "title": "培养",
}  # fmt: skip


@pytest.fixture
def people(clock, session):
    return cast(session)


@pytest.fixture
def ada(people):
    return actor(people.ada)


@pytest.fixture
def page(app, people):
    return browser(app, people.ada)


def url(pool):
    return f"/reserve/series?pool_id={pool.id}"


def button(html, how):
    """Return the value of the button that books so, and the key of the form."""
    return re.search(rf'name="book" value="({how}:\w*)"', html).group(1)


def test_the_plain_form_leads_to_repeating_with_all_that_was_typed(page, people):
    form = page.get(f"/reserve?pool_id={people.automatic.id}")
    assert f'formaction="{url(people.automatic)}"' in form.text

    sent = {**fields(form.text), "note": "37 °C", "start": "2026-11-24T09:00", "do": "show"}
    shown = page.post(url(people.automatic), data=sent)

    assert shown.status_code == 200
    typed = fields(shown.text)
    assert (typed["note"], typed["start"], typed["count"]) == ("37 °C", "2026-11-24T09:00", "8")
    assert re.search(r'value="2"[^>]*checked|checked[^>]*value="2"', shown.text)  # Tuesday


def test_a_preview_and_its_button_book_all(page, people, session, ada):
    seen = page.post(url(people.automatic), data=FORM)

    assert "every day at 09:00, 4 times" in said(seen.text)
    assert said(seen.text).count("Free") == 4
    data = {**fields(seen.text), **FORM, "book": button(seen.text, "refuse")}
    done = page.post(url(people.automatic), data=data)
    assert done.status_code == 302
    shown = said(page.get(done.location).text)
    assert "4 times are yours." in shown
    assert "培养" in shown
    assert shown.count("Approved") == 4


def test_what_is_in_the_way_is_shown_with_another_time(page, people, session, ada):
    unit = people.confocal_units[0].id
    ask(actor(people.cy), 48 + 9.5, 48 + 11, unit_id=unit)
    form = {**FORM, "unit_id": str(unit)}

    seen = page.post(url(people.confocal), data=form)

    words = said(seen.text)
    assert "1 of them cannot be as asked." in words
    assert "This time is already taken. Possible instead: Thu 26 Nov 08:30–09:30" in words
    assert "Cy" not in words
    key = fields(seen.text)["key"]
    for how, count in (("skip", 3), ("shift", 4)):
        data = {**form, "key": key[:-1] + how[-1].replace("p", "a").replace("t", "b")}
        made = page.post(url(people.confocal), data={**data, "book": button(seen.text, how)})
        assert made.status_code == 302, said(made.text)
        group_id = int(made.location.rsplit("/", 1)[1])
        assert len(times(session, ada, group_id)) == count
        page.post(f"/reservation-groups/{group_id}/cancel", data={})


def test_what_has_changed_since_is_shown_again_and_nothing_booked(page, people, session, ada):
    unit = people.confocal_units[0].id
    form = {**FORM, "unit_id": str(unit)}
    seen = page.post(url(people.confocal), data=form)
    ask(actor(people.cy), 48 + 9.5, 48 + 11, unit_id=unit)

    late = page.post(
        url(people.confocal),
        data={**form, "key": fields(seen.text)["key"], "book": button(seen.text, "refuse")},
    )

    assert late.status_code == 409
    assert "Meanwhile something has changed" in said(late.text)
    assert "1 of them cannot be as asked." in said(late.text)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"count": ""}, "one of both"),
        ({"until": "2026-12-24"}, "one of both"),
        ({"every": "0"}, "between 1 and 366"),
        ({"count": "400"}, "between 1 and 366"),
        ({"count": "", "until": "2029-01-01"}, "more than 2 years"),
        ({"exceptions": "tomorrow"}, "Give a day such as 2026-11-24."),
        ({"start": "x"}, "Give date and time"),
    ],
)
def test_an_unfit_rule_is_said_at_its_field_and_nothing_is_lost(page, people, more, says):
    refused = page.post(url(people.automatic), data={**FORM, **more})

    assert refused.status_code == 422
    assert says in said(refused.text)
    assert fields(refused.text)["title"] == "培养"


def test_the_list_folds_a_series_and_a_search_unfolds_it(app, page, people, session, ada):
    made = repeat(ada, "FREQ=DAILY;COUNT=4", pool_id=people.automatic.id)
    repeat(ada, "FREQ=DAILY;COUNT=3", 12, 13, pool_id=people.confocal.id)

    coming = page.get("/reservations").text
    assert "Coming 1 Pending 1" in said(coming)
    assert "and 3 more of its group" in said(coming)
    assert f"/reservation-groups/{made.group_id}" in coming
    assert "and 2 more of its group" in said(page.get("/reservations?tab=pending").text)
    assert said(page.get("/reservations?q=Centrifuge").text).count("09:00–10:00") == 4


def test_the_lab_decides_on_a_series_as_one(app, people, session, ada):
    made = repeat(ada, "FREQ=DAILY;COUNT=3", pool_id=people.confocal.id)
    mei = browser(app, people.mei)
    path = f"/reservation-groups/{made.group_id}"
    shown = mei.get(path).text
    assert "Decide on all that waits, as one." in said(shown)

    version = visible_group(session, ada, made.group_id).version
    mei.post(f"{path}/decide", data={"do": "reject", "version": version})
    assert "Please give a reason." in said(mei.get(path).text)
    mei.post(f"{path}/decide", data={"do": "approve", "version": version})

    assert {row.status for row in members(session, ada, made.group_id)} == {"approved"}
    assert "Decide on all" not in mei.get(path).text


def test_moving_from_one_on_leads_to_the_new_series(page, people, session, ada):
    made = repeat(ada, "FREQ=DAILY;COUNT=4", pool_id=people.automatic.id)
    third = members(session, ada, made.group_id)[2].id
    path = f"/reservation-groups/{made.group_id}/move?of={third}"
    form = fields(page.get(path).text)
    assert (form["start"], form["end"]) == ("2026-11-26T09:00", "2026-11-26T10:00")

    data = {**form, "scope": "following", "start": "2026-11-26T14:00", "end": "2026-11-26T15:00"}
    del data["keep"]
    moved = page.post(path, data=data)

    assert moved.status_code == 302
    assert "2 were changed." in said(page.get(moved.location).text)
    assert len(times(session, ada, made.group_id)) == 2


def test_a_refused_move_lists_what_is_in_the_way(page, people, session, ada):
    unit = people.confocal_units[0].id
    made = repeat(ada, "FREQ=DAILY;COUNT=4", unit_id=unit)
    ask(actor(people.cy), 48 + 14, 48 + 15, unit_id=unit)
    path = f"/reservation-groups/{made.group_id}/move"
    form = fields(page.get(path).text)
    data = {**form, "scope": "all", "start": "2026-11-24T14:00", "end": "2026-11-24T15:00"}
    del data["keep"]

    refused = page.post(path, data=data)

    assert refused.status_code == 409
    assert "Thu 26 Nov 14:00–15:00 This time is already taken." in said(refused.text)
    assert fields(refused.text)["start"] == "2026-11-24T14:00"


def test_cancelling_from_one_on_asks_first(page, people, session, ada):
    made = repeat(ada, "FREQ=DAILY;COUNT=4", pool_id=people.automatic.id)
    third = members(session, ada, made.group_id)[2].id
    path = f"/reservation-groups/{made.group_id}/cancel?of={third}&scope=following"

    asked = page.get(path)
    assert "Cancel 2 reservations" in asked.text
    page.post(path, data={"version": "", "reason": ""})

    states = [status for *_x, status in times(session, ada, made.group_id)]
    assert states == ["approved", "approved", "cancelled", "cancelled"]


def test_a_long_series_takes_no_more_statements(app, people, session, ada):
    people.automatic.horizon_days = 400
    session.commit()
    counts = []
    for length in (3, 40):
        made = repeat(ada, f"FREQ=DAILY;COUNT={length}", pool_id=people.automatic.id)
        page = browser(app, people.ada)
        page.get("/reservations")
        with app.app_context():
            engine = db.engine
        with statements(engine) as sent:
            assert page.get(f"/reservation-groups/{made.group_id}").status_code == 200
        counts.append(len(sent))

    assert counts[0] == counts[1]
