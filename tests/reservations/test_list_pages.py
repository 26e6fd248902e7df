"""My reservations, my company's, my lab's: tabs, scopes, filters, pages."""

import pytest

from booking.approvals.services.deciding import approve
from booking.core.period import Period
from booking.infra.db import write
from booking.reservations.models import Reservation
from booking.reservations.services.cancelling import cancel
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.steps import ask, at
from tests.statements import statements


@pytest.fixture
def people(clock, session):
    return cast(session)


def row(session, booked):
    session.rollback()
    return session.get(Reservation, booked.reservation_id, populate_existing=True)


def approved(people, start=10, end=11, **more):
    """Return Ada's approved reservation of the confocal pool."""
    booked = ask(actor(people.ada), start, end, pool_id=people.confocal.id, **more)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    return booked


def test_each_tab_shows_its_own_and_all_counts(app, session, people):
    approved(people, 10, 11)
    ask(actor(people.ada), 12, 13, pool_id=people.confocal.id)
    gone = ask(actor(people.ada), 14, 15, pool_id=people.automatic.id)
    write(lambda s: cancel(s, actor(people.ada), gone.reservation_id, "", NOW))
    client = browser(app, people.ada)

    pages = {tab: said(client.get(f"/reservations?tab={tab}").text) for tab in ("coming", "past")}

    assert "Coming 1 Pending 1 Past 1" in pages["coming"]
    assert "10:00–11:00" in pages["coming"]
    assert "12:00–13:00" not in pages["coming"]
    assert "Cancelled" in pages["past"]


def test_the_clock_decides_what_is_past_before_the_jobs_do(app, session, people, clock):
    approved(people)
    ask(actor(people.ada), 12, 13, pool_id=people.confocal.id)
    clock.move_to(at(20))

    page = said(browser(app, people.ada).get("/reservations?tab=past").text)

    assert "Coming 0 Pending 0 Past 2" in page
    assert "Completed" in page
    assert "Expired" in page


@pytest.mark.parametrize(
    ("who", "scope", "sees", "person"),
    [
        ("ada", "mine", True, False),  # her own name would tell nothing
        ("bo", "mine", False, False),
        ("bo", "company", True, True),
        ("cy", "company", False, False),  # not an admin: falls back to her own
        ("mei", "lab", True, True),
        ("dee", "lab", False, False),
        ("rep", "institution", True, False),  # company and hours, no person
        ("ops", "park", True, True),
    ],
)
def test_a_scope_shows_what_its_reader_may_see(app, people, who, scope, sees, person):
    approved(people, note="秘密")

    page = said(browser(app, getattr(people, who)).get(f"/reservations?scope={scope}").text)

    assert ("Confocal microscope" in page) == sees
    assert ("Ada" in page) == person
    assert "秘密" not in page


def test_lists_are_narrowed_by_instrument_reference_and_status(app, session, people):
    booked = approved(people)
    ask(actor(people.ada), 14, 15, pool_id=people.automatic.id)
    client = browser(app, people.ada)

    by_name = said(client.get("/reservations?q=共聚焦").text)
    by_reference = said(
        client.get(f"/reservations?q={row(session, booked).reference.lower()}").text
    )
    nothing = said(client.get("/reservations?q=nothing").text)

    for page in (by_name, by_reference):
        assert "Confocal microscope" in page
        assert "Centrifuge" not in page
    assert "Nothing matches" in nothing


def test_an_empty_list_shows_a_way_on(app, people):
    page = browser(app, people.ada).get("/reservations").text

    assert "No coming reservations" in page
    assert 'href="/pools"' in page


def test_a_list_takes_as_many_statements_for_fifty_as_for_one(app, session, people):
    client = browser(app, people.ada)
    booked = {"user_id": people.ada.id, "company_id": people.company_a.id, "source": "booked"}

    def seen():
        with statements(session.get_bind()) as sent:
            assert client.get("/reservations").status_code == 200
        return len(sent)

    approved(people)
    seen()  # looks once a process for the database's guards
    few = seen()
    for n in range(60):
        period = Period(at(12, n), at(13, n))
        factories.create_reservation(session, people.automatic, period, **booked)

    assert seen() == few
    assert "1–50 of 61" in said(client.get("/reservations").text)
    assert "51–61 of 61" in said(client.get("/reservations?page=2").text)
