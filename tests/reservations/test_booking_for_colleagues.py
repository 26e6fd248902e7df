"""A company's booker books for its members; for nobody else, and learns of nobody else."""

import pytest

from booking.core.errors import Invalid, NotFound
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.people import people_found
from booking.reservations.queries.reservations import visible_reservation
from tests import factories
from tests.cast import cast, others
from tests.factories import actor
from tests.reservations.steps import ask


@pytest.fixture
def park(session, clock):
    """Return the cast with Kim, who books for company A."""
    people = cast(session)
    return {**vars(people), **others(session, people)}


def test_a_booker_books_for_a_colleague_and_sees_it(session, park):
    made = ask(
        actor(park["kim"]), 10, 11, pool_id=park["automatic"].id, on_behalf_of=park["ada"].id
    )

    found = visible_reservation(session, actor(park["kim"]), made.reservation_id)
    assert (found.row.user_id, found.row.company_id) == (park["ada"].id, park["company_a"].id)
    with pytest.raises(NotFound):
        visible_reservation(session, actor(park["cy"]), made.reservation_id)


@pytest.mark.parametrize("whom", ["cy", "retired", "nobody", "elsewhere"])
def test_whom_a_booker_may_not_book_for_answers_like_nobody(session, park, whom):
    gone = factories.create_user(session, retired_at=factories.CREATED)
    factories.create_membership(session, gone, park["company_a"])
    # Ada is also of company B; for that one Kim books nothing.
    factories.create_membership(session, park["ada"], park["company_b"])
    person = {"cy": park["cy"].id, "retired": gone.id, "nobody": 10**9}.get(whom, park["ada"].id)
    more = {"company_id": park["company_b"].id} if whom == "elsewhere" else {}

    with pytest.raises(Invalid, match="not_for_others"):
        ask(actor(park["kim"]), 10, 11, pool_id=park["automatic"].id, on_behalf_of=person, **more)


def test_only_colleagues_are_found_by_name(session, park):
    companies = actor(park["kim"]).company_ids_as("booker")

    assert [p.name for p in people_found(session, "a", companies)] == ["Ada"]
    assert people_found(session, "cy@test.example", companies) == []


def test_a_part_of_a_name_finds_a_lab_only_whom_it_knows(session, park, now):
    facts = visible_pool(session, actor(park["mei"]), park["confocal"].id, now)
    ask(actor(park["ada"]), 10, 11, pool_id=park["automatic"].id)

    found = people_found(session, "e", known_to=facts)

    # The lab's manager, West's representative, and who has booked of the lab's.
    assert [p.name for p in people_found(session, "test", known_to=facts)] == []
    assert {p.name for p in people_found(session, "a", known_to=facts)} == {"Ada"}
    assert {p.name for p in found} == {"Rep"}
    assert [p.name for p in people_found(session, "cy@test.example", known_to=facts)] == ["Cy"]
