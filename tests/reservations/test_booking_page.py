"""The booking form: prefilled, refused in words with ways on, nothing typed lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.reservations.models import Allocation, Reservation
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, fields, offers, said
from tests.reservations.steps import ask, at
from tests.statements import statements


@pytest.fixture
def people(clock, session):
    return cast(session)


def typed(**more):
    """Return a filled form for Tuesday 10:00–11:00 in Shanghai."""
    times = {"start": "2026-11-24T10:00", "end": "2026-11-24T11:00", "quantity": "1"}
    return {**times, "purpose": "teaching", "note": "第三批样品", "key": "0" * 32, **more}


def made(session):
    """Return all reservations, oldest first."""
    session.rollback()
    return session.scalars(select(Reservation).order_by(Reservation.id)).all()


def test_a_fresh_form_holds_the_next_free_time(app, people):
    page = browser(app, people.ada).get(f"/reserve?pool_id={people.confocal.id}")

    form = fields(page.text)
    assert (form["start"], form["end"]) == ("2026-11-23T09:15", "2026-11-23T10:15")
    assert "China Standard Time" in said(page.text)
    assert "梅 decides, within 1 d" in said(page.text)


def test_times_in_the_address_fill_the_form(app, people):
    query = f"unit_id={people.confocal_units[1].id}&start=2026-11-25T14:00&end=2026-11-25T16:30"

    form = fields(browser(app, people.ada).get(f"/reserve?{query}").text)

    assert (form["start"], form["end"]) == ("2026-11-25T14:00", "2026-11-25T16:30")
    assert form["unit_id"] == str(people.confocal_units[1].id)


def test_booking_leads_to_the_reservation_and_says_what_happens_next(app, session, people):
    client = browser(app, people.ada)

    answer = client.post(f"/reserve?pool_id={people.confocal.id}", data=typed())

    [row] = made(session)
    assert answer.location == f"/reservations/{row.id}"
    assert (row.start_at, row.end_at, row.note) == (at(10), at(11), "第三批样品")
    assert (row.status, row.company_id) == ("pending", people.company_a.id)
    assert "Requested: Confocal microscope" in said(client.get(answer.location).text)


def test_an_automatic_pool_is_reserved_at_once(app, session, people):
    client = browser(app, people.ada)

    answer = client.post(f"/reserve?pool_id={people.automatic.id}", data=typed())

    assert [row.status for row in made(session)] == ["approved"]
    assert "Reserved: Centrifuge" in said(client.get(answer.location).text)


def test_who_would_take_another_unit_gets_it(app, session, people):
    first, second = factories.units_of(session, people.automatic)
    ask(actor(people.cy), 10, 11, unit_id=first.id)
    client = browser(app, people.ada)

    form = typed(unit_id=str(first.id), flexible="y")
    answer = client.post(f"/reserve?pool_id={people.automatic.id}", data=form)

    assert answer.status_code == 302
    row = made(session)[-1]
    held = session.scalars(select(Allocation).where(Allocation.reservation_id == row.id)).one()
    assert (row.named_unit, held.unit_id) == (0, second.id)


def test_sending_a_form_twice_makes_one_reservation(app, session, people):
    client = browser(app, people.ada)

    places = {
        client.post(f"/reserve?pool_id={people.automatic.id}", data=typed()).location
        for _ in range(2)
    }

    assert len(places) == len(made(session)) == 1


def test_a_form_sent_again_with_other_content_asks_first(app, session, people):
    client = browser(app, people.ada)
    path = f"/reserve?pool_id={people.automatic.id}"
    client.post(path, data=typed())

    page = client.post(path, data=typed(start="2026-11-24T14:00", end="2026-11-24T15:00"))
    assert page.status_code == 409
    assert "already made a reservation" in said(page.text)

    client.post(path, data=fields(page.text))
    assert [row.start_at for row in made(session)] == [at(10), at(14)]


def test_every_broken_rule_is_told_with_one_click_that_passes(app, session, people):
    people.confocal.opening_hours = "2 09:00-18:00"
    people.confocal.max_minutes = 120
    session.commit()
    client = browser(app, people.ada)
    path = f"/reserve?pool_id={people.confocal.id}"

    page = client.post(
        path, data=typed(start="2026-11-24T20:05", end="2026-11-24T23:00", quantity="9")
    )

    assert page.status_code == 422
    text = said(page.text)
    for words in ("multiple of 15", "At most 2 h", "Outside the opening", "3 units in"):
        assert words in text
    kept = fields(page.text)
    assert (kept["note"], kept["purpose"], kept["quantity"]) == ("第三批样品", "teaching", "9")
    [way] = offers(page.text)
    assert client.post(path, data=way).status_code == 302
    [row] = made(session)
    assert (row.start_at, row.end_at, row.quantity) == (at(9, day=7), at(11, day=7), 3)


def test_what_ends_after_closing_is_offered_until_then(app, session, people):
    people.confocal.opening_hours = "2 08:00-18:00"
    session.commit()
    client = browser(app, people.ada)
    path = f"/reserve?pool_id={people.confocal.id}"

    page = client.post(path, data=typed(start="2026-11-24T16:30", end="2026-11-24T19:00"))

    [way] = offers(page.text)
    assert client.post(path, data=way).status_code == 302
    assert [(row.start_at, row.end_at) for row in made(session)] == [(at(16.5), at(18))]


def test_a_taken_time_shows_what_is_in_the_way_and_an_alternative_books(app, session, people):
    unit = people.confocal_units[0]
    ask(actor(people.cy), 10, 11, unit_id=unit.id, note="秘密")
    client = browser(app, people.ada)
    path = f"/reserve?pool_id={people.confocal.id}"

    page = client.post(path, data=typed(unit_id=unit.id))

    assert page.status_code == 409
    text = said(page.text)
    assert f"{unit.asset_no}: taken Tue 24 Nov 10:00–11:00" in text
    assert not [word for word in ("Cy", "Beta", "秘密") if word in text]
    ways = offers(page.text)
    assert len(ways) == 3
    assert "Same time, another unit" in text
    for way in ways:
        assert way["note"] == "第三批样品"
    assert client.post(path, data=ways[0]).status_code == 302
    assert made(session)[-1].start_at == at(10)


def test_the_next_slot_of_a_full_pool_books(app, session, people):
    ask(actor(people.cy), 10, 12, pool_id=people.confocal.id, quantity=3)
    client = browser(app, people.ada)
    path = f"/reserve?pool_id={people.confocal.id}"

    [first, *_] = offers(client.post(path, data=typed()).text)

    client.post(path, data=first)
    assert made(session)[-1].start_at == at(12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": "tomorrow"}, "Give date and time"),
        ({"start": ""}, "Give date and time"),
        ({"end": "2026-11-24T09:00"}, "The end must be after the start."),
        ({"quantity": "0"}, "Book at least one unit."),
        ({"quantity": "x"}, "Not a valid integer"),
        ({"purpose": "fun"}, "Choose what it is for"),
        ({"note": "长" * 2001}, "2000"),
        ({"for_whom": "bo@test.example"}, "You may book only for yourself here."),
    ],
)
def test_an_unfit_field_is_told_and_nothing_is_lost(app, session, people, change, words):
    path = f"/reserve?pool_id={people.confocal.id}"

    page = browser(app, people.ada).post(path, data=typed(**change))

    assert page.status_code == 422
    assert words in said(page.text)
    assert fields(page.text)["end"] == {**typed(), **change}["end"]
    assert made(session) == []


def test_a_time_the_clock_jumps_over_is_told(app, session, people):
    people.site.time_zone = "Europe/Berlin"
    session.commit()
    people_path = f"/reserve?pool_id={people.confocal.id}"

    page = browser(app, people.ada).post(
        people_path, data=typed(start="2027-03-28T02:30", end="2027-03-28T04:00")
    )

    assert page.status_code == 422
    assert "jumps over this time" in said(page.text)
    assert fields(page.text)["start"] == "2027-03-28T02:30"


def test_who_belongs_to_two_parties_says_for_which(app, session, people):
    factories.create_membership(session, people.ada, people.company_b)
    client = browser(app, people.ada)
    path = f"/reserve?pool_id={people.confocal.id}"

    page = client.post(path, data=typed())
    assert page.status_code == 422
    assert "Say for which company" in said(page.text)

    client.post(path, data={**fields(page.text), "party": f"company:{people.company_b.id}"})
    assert made(session)[0].company_id == people.company_b.id


def test_who_belongs_nowhere_is_told(app, session, people):
    stranger = factories.create_user(session)

    page = browser(app, stranger).post(f"/reserve?pool_id={people.confocal.id}", data=typed())

    assert page.status_code == 422
    assert "belongs to no company" in said(page.text)


def test_a_manager_books_for_someone_by_address(app, session, people):
    path = f"/reserve?pool_id={people.confocal.id}"

    browser(app, people.mei).post(path, data=typed(for_whom=" ADA@test.example "))

    [row] = made(session)
    assert (row.user_id, row.created_by_id, row.status) == (
        people.ada.id,
        people.mei.id,
        "approved",
    )


def test_a_name_that_fits_several_people_asks_which(app, session, people):
    client, path = browser(app, people.mei), f"/reserve?pool_id={people.confocal.id}"
    page = client.post(path, data=typed(for_whom="e"))
    assert page.status_code == 422
    assert "Several people match" in said(page.text)
    assert "rep@test.example" in page.text
    assert "dee@test.example" not in page.text  # of another lab and institution

    client.post(path, data=typed(for_whom="e", person_id=str(people.rep.id)))

    assert made(session)[0].user_id == people.rep.id


@pytest.mark.parametrize("name", ["nobody@x.example", "A" * 60_000])
def test_an_unknown_name_is_told(app, people, name):
    """However long: SQLite refuses to search for more than 50,000 bytes."""
    path = f"/reserve?pool_id={people.confocal.id}"

    page = browser(app, people.mei).post(path, data=typed(for_whom=name))

    assert page.status_code == 422
    assert "Nobody with this name" in said(page.text)


def test_a_manager_overrides_a_rule_with_a_reason(app, session, people):
    people.confocal.max_minutes = 30
    session.commit()
    client, path = browser(app, people.mei), f"/reserve?pool_id={people.confocal.id}"
    page = client.post(path, data=typed())
    assert "Reason for the exception" in said(page.text)

    client.post(path, data={**fields(page.text), "override_reason": "夜间实验"})

    assert made(session)[0].override_reason == "夜间实验"


def test_a_member_is_not_offered_an_exception(app, session, people):
    people.confocal.max_minutes = 30
    session.commit()
    path = f"/reserve?pool_id={people.confocal.id}"

    page = browser(app, people.ada).post(path, data=typed(override_reason="bitte"))

    assert page.status_code == 422
    assert made(session) == []


@pytest.mark.parametrize("query", ["", "pool_id=0", "pool_id=99999999999999999999999", "pool_id=x"])
def test_what_names_no_pool_is_no_page(app, people, query):
    assert browser(app, people.ada).get(f"/reserve?{query}").status_code == 404


def test_a_foreign_pool_answers_like_a_missing_one(app, people):
    client = browser(app, people.ada)

    pages = [
        client.get(f"/reserve?pool_id={people.unshared.id}"),
        client.get("/reserve?pool_id=4711"),
        client.post(f"/reserve?pool_id={people.unshared.id}", data=typed()),
        client.post(f"/reserve?pool_id={people.confocal.id}", data=typed(unit_id="4711")),
    ]

    assert [page.status_code for page in pages] == [404] * 4
    assert said(pages[0].text) == said(pages[1].text)


def test_a_script_in_a_note_stays_text(app, session, people):
    client = browser(app, people.ada)
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    path = f"/reserve?pool_id={people.confocal.id}"

    refused = client.post(path, data=typed(note=hostile, end=""))
    booked = client.get(client.post(path, data=typed(note=hostile)).location)

    for page in (refused, booked):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text


def test_the_form_takes_as_many_statements_for_three_units_as_for_sixty(app, session, people):
    client, path = browser(app, people.ada), f"/reserve?pool_id={people.confocal.id}"
    client.get(path)
    with statements(session.get_bind()) as few:
        client.get(path)
    for _ in range(57):
        factories.create_unit(session, people.confocal)
    with statements(session.get_bind()) as many:
        client.get(path)

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        (None, None, "Your account belongs to no company or institution yet."),
        (None, NOW - timedelta(days=2), "Your place at Beta Pharma ended on Sat 21 Nov."),
        (NOW + timedelta(days=9), None, "Your place at Beta Pharma begins on Wed 2 Dec."),
    ],
)
def test_who_has_no_place_sees_why_and_whom_to_ask(app, session, people, since, until, why):
    guest = factories.create_user(session, name="Gus")
    if since or until:
        factories.create_membership(session, guest, people.company_b, from_at=since, until_at=until)
    page = browser(app, guest).get(f"/reserve?pool_id={people.confocal.id}")
    assert why in said(page.text)
    assert 'href="mailto:ops@test.example"' in page.text
    assert 'name="start"' not in page.text
