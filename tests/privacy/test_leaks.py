"""What one company writes is nowhere on what another's people get: unmistakable words are planted
in all of it, and every page, list, search, export and API address is read as the others.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from booking.accounts.models import User
from booking.accounts.services.tokens import create_token
from booking.audit.services import record
from booking.companies.models import Company
from booking.core.period import Period
from booking.infra.db import db, write
from booking.infra.storage.files import NewFile, note
from booking.inventory.models import Pool
from booking.policies.models import Questionnaire
from booking.reservations.models import (
    AnswerFile,
    Reservation,
    ReservationAnswer,
    ReservationGroup,
    WaitlistEntry,
)
from tests import factories
from tests.conftest import NOW
from tests.matrix.world import World, access

# Each planted word begins so; searches type only this much.
PREFIX = "zqxleak"
STRANGERS = ("ada", "bo")  # member and admin of the other company
SEARCHED = ("q", "person", "recipient", "text")
START = NOW + timedelta(days=6, hours=1)


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the matrix' world with Cy's words planted."""
    with time_machine.travel(NOW, tick=False):
        made = World.build(sqlite_template, tmp_path_factory.mktemp("leaks"))
        with made.app.app_context():
            made.ids |= plant()
            db.session.remove()
        yield made
    made.close()


def plant() -> dict[str, int]:
    """Write of company B and its people in every place that takes their text."""
    session = db.session()
    cy = session.scalars(select(User).where(User.email == "cy@test.example")).one()
    company = session.scalars(select(Company).where(Company.name_zh == "乙医药")).one()
    pool = session.scalars(select(Pool).where(Pool.name_zh == "激光共聚焦显微镜")).one()
    cy.name, cy.phone, cy.email = _word("name"), _word("phone"), f"{_word('mail')}@test.example"
    company.name_zh, company.name_en = _word("firmzh"), _word("firmen")
    session.commit()
    whose = {"user_id": cy.id, "company_id": company.id}
    group = factories.keep(session, ReservationGroup(
        kind="bundle", title=_word("title"), zone="Asia/Shanghai", created_at=NOW, **whose,
    ))  # fmt: skip
    units = factories.units_of(session, pool)
    row = factories.create_reservation(
        session, pool, Period(START, START + timedelta(hours=2)), units, note=_word("note"),
        override_reason=_word("override"), group_id=group.id, group_position=0, **whose,
    )  # fmt: skip
    asked = factories.keep(session, Questionnaire(
        pool_id=pool.id, version=99, questions="[]", set_at=NOW, retired_at=NOW,
    ))  # fmt: skip
    session.add(ReservationAnswer(
        reservation_id=row.id, questionnaire_id=asked.id, answers=f'{{"q": "{_word("answer")}"}}',
    ))  # fmt: skip
    file_id = note(session, NewFile("k", _word("file"), "text/plain", 1, ""), cy.id, NOW)
    answer = factories.keep(session, AnswerFile(
        user_id=cy.id, reservation_id=row.id, filename=_word("file"), file_id=file_id,
        created_at=NOW,
    ))  # fmt: skip
    factories.keep(session, WaitlistEntry(
        kind="offer", pool_id=pool.id, minutes=60, first_at=START,
        last_at=START + timedelta(days=2), purpose="other", note=_word("wish"), state="waiting",
        created_at=NOW, **whose,
    ))  # fmt: skip
    entry = factories.create_draw_entry(session, pool, cy, Period(START, START + timedelta(days=1)))
    entry.note = _word("draw")
    session.commit()
    who, ids = factories.actor(cy), (row.id, group.id, answer.id)
    write(lambda s: record(s, who, "reservation.cancel", ("reservation", ids[0]), NOW,
                           reason=_word("reason")))  # fmt: skip
    return dict(zip(("theirs", "their_group", "their_file"), ids, strict=True))


def _word(what: str) -> str:
    return f"{PREFIX}{what}"


def leaks(answer) -> set[str]:
    """Return the planted words in an answer."""
    said = answer.get_data(as_text=True) + str(answer.headers)
    return {said[i : i + 24] for i in _places(said)}


def _places(text: str) -> Iterator[int]:
    at = text.find(PREFIX)
    while at >= 0:
        # What was typed into a search stands in the page again, and ends there.
        if text[at + len(PREFIX) : at + len(PREFIX) + 1].isalpha():
            yield at
        at = text.find(PREFIX, at + 1)


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """Yield (endpoint, address) of every page: as in the matrix, of what is theirs, searched."""
    theirs = {
        "reservation_id": world.ids["theirs"], "group_id": world.ids["their_group"],
        "file_id": world.ids["their_file"],
    }  # fmt: skip
    for key, cases in sorted(access().items()):
        method, endpoint = key.split()
        if method != "GET" or endpoint.startswith(("health.", "accounts.")):
            continue
        for case in cases:
            address = world.url(endpoint, case.params)
            yield endpoint, f"{address}?{case.query.format_map(world.ids)}"
            other = {name: theirs.get(name, value) for name, value in case.params.items()}
            if other != case.params:
                yield endpoint, world.url(endpoint, other)
        words = "&".join(f"{name}={PREFIX}" for name in SEARCHED)
        yield endpoint, f"{world.url(endpoint, cases[0].params)}?{words}&scope=company&tab=past"


@pytest.mark.parametrize("who", STRANGERS)
def test_no_page_tells_of_another_companys_things(world, who):
    client, found, read = world.client(who), [], 0
    for endpoint, address in addresses(world):
        answer = client.get(address)
        read += answer.status_code == 200
        found += [(endpoint, address, word) for word in leaks(answer)]

    assert read > 40
    assert found == []


@pytest.mark.parametrize("who", STRANGERS)
def test_no_api_answer_tells_of_another_companys_things(world, who):
    with world.app.app_context():
        user_id = db.session.scalars(
            select(User.id).where(User.email == f"{who}@test.example")
        ).one()
        token = write(lambda s: create_token(s, None, user_id, ("read", "book", "approve"), NOW))
        pool_id = db.session.scalar(select(Reservation.pool_id).where(
            Reservation.id == world.ids["theirs"]))  # fmt: skip
    client, found, read = world.app.test_client(), [], 0
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    known = {"pool_id": pool_id, "reservation_id": world.ids["theirs"],
             "group_id": world.ids["their_group"]}  # fmt: skip
    window = f"start={_iso(START)}&end={_iso(START + timedelta(hours=1))}&pool={pool_id}"
    queries = ("", f"q={PREFIX}", "mine=false", f"pool={pool_id}", window)
    for rule in world.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/") or "GET" not in (rule.methods or ()):
            continue
        for number in (None, 1):
            values = {name: number or known.get(name, 1) for name in rule.arguments}
            with world.app.test_request_context():
                address = world.app.url_for(rule.endpoint, **values)
            for query in queries:
                answer = client.get(f"{address}?{query}".replace("http://localhost", ""),
                                    headers=headers)  # fmt: skip
                read += answer.status_code == 200
                found += [(rule.rule, query, word) for word in leaks(answer)]
    taken = {"pool_id": pool_id, "start": _iso(START), "end": _iso(START + timedelta(hours=1)),
             "purpose": "research"}  # fmt: skip
    refused = client.post("/api/v1/reservations", json=taken, headers=headers)
    assert refused.status_code in (409, 422)
    found += [("conflict", "", word) for word in leaks(refused)]

    assert read > 15
    assert found == []


def test_the_words_are_planted_where_their_owner_reads_them(world):
    said = world.client("cy").get(f"/reservations/{world.ids['theirs']}")

    assert {_word("note"), _word("firmen")} <= {word.split("<")[0] for word in leaks(said)} | {
        PREFIX + part for part in ("note", "firmen") if PREFIX + part in said.text
    }


def _iso(moment) -> str:
    return moment.isoformat().replace("+00:00", "Z")
