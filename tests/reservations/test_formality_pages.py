"""Pages of questions and agreements: set, asked in the booking form, shown to who decides."""

import io

import pytest
from sqlalchemy import select

from booking.infra.db import write
from booking.policies.models import Agreement
from booking.policies.queries.book import current_book
from booking.policies.rules.questions import Question
from booking.policies.services.questions import set_agreement, set_questions
from booking.reservations.models import AnswerFile, Reservation
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.pages import browser
from tests.reservations.ruled import set_rule
from tests.reservations.steps import ask

SAMPLE = Question("sample", "text", "样品", "Sample", required=True)
SHEET = Question("sheet", "file", "单据", "Sheet", required=True)
HAZARD = Question("hazard", "choice", "危险性", "Hazard", choices=("none", "toxic"))


@pytest.fixture
def people(session, clock) -> Cast:
    return cast(session)


def asks(people, pool, *questions):
    mei = factories.actor(people.mei)
    write(lambda s: set_questions(s, mei, pool.id, questions, NOW))


def typed(people, pool, **more):
    return {
        "pool_id": pool.id, "start": "2026-11-24T10:00", "end": "2026-11-24T11:00",
        "quantity": "1", "purpose": "research", "party": f"company:{people.company_a.id}",
        "key": "0" * 32, **more,
    }  # fmt: skip


def test_a_manager_sets_questions_and_keys_stay(app, session, people):
    client, page = browser(app, people.mei), f"/manage/pools/{people.automatic.id}/questions"
    rows = {
        "rows-0-label_zh": "样品", "rows-0-kind": "text", "rows-0-required": "y",
        "rows-1-label_zh": "危险性", "rows-1-kind": "choice", "rows-1-choices": "无，有毒",
        "rows-2-label_zh": "", "rows-2-kind": "text",
    }  # fmt: skip
    assert client.post(page, data=rows).status_code == 302
    first, second = current_book(session).asks(people.automatic.id).questions
    assert (first.key, first.required, second.choices) == ("q1", True, ("无", "有毒"))

    mended = {**rows, "rows-0-key": "q1", "rows-0-label_zh": "样本", "rows-1-label_zh": ""}
    assert client.post(page, data=mended).status_code == 302
    [only] = current_book(session).asks(people.automatic.id).questions
    assert (only.key, only.label_zh) == ("q1", "样本")
    assert "样本" in client.get(page).text
    unfit = client.post(page, data={**rows, "rows-1-choices": "one"})
    assert unfit.status_code == 422


def test_the_form_asks_and_the_approver_reads(app, session, people):
    asks(people, people.confocal, SAMPLE, SHEET, HAZARD)
    client, path = browser(app, people.ada), f"/reserve?pool_id={people.confocal.id}"
    assert "Sample" in client.get(path).text
    sheet = (io.BytesIO(b"%PDF-1.7"), "sheet.pdf")
    data = typed(people, people.confocal, **{"answer-hazard": "toxic", "answer-sheet-file": sheet})
    refused = client.post(path, data=data)
    assert refused.status_code == 422
    assert "Please answer: Sample" in refused.text
    kept = session.scalars(select(AnswerFile.id)).one()  # not lost by the refusal
    assert f'name="answer-sheet" value="{kept}"' in refused.text
    assert "selected" in refused.text.split('id="answer-hazard"')[1].split("</select>")[0]

    again = {"answer-sample": "<b>liver", "answer-hazard": "toxic", "answer-sheet": str(kept)}
    booked = client.post(path, data=typed(people, people.confocal, **again))
    assert booked.status_code == 302, booked.text
    shown = client.get(booked.location).text
    assert "&lt;b&gt;liver" in shown
    assert "sheet.pdf" in shown
    mei = browser(app, people.mei)
    assert "Hazard: toxic" in mei.get("/inbox").text
    file = f"{booked.location}/files/{kept}"
    given = mei.get(file)
    assert (given.data, given.headers["Content-Disposition"]) == (
        b"%PDF-1.7", "attachment; filename=\"sheet.pdf\"; filename*=UTF-8''sheet.pdf",
    )  # fmt: skip
    assert browser(app, people.cy).get(file).status_code == 404
    assert browser(app, people.rep).get(file).status_code == 404  # hours, no note


def test_an_agreement_is_set_read_and_ticked(app, session, people):
    ops, ada = browser(app, people.ops), browser(app, people.ada)
    given = {"title": "Rules of use", "text": "Keep <i>clean"}
    assert ops.post("/park/agreement", data=given).status_code == 302
    assert ops.post("/park/agreement", data=given).status_code == 302  # nothing changed
    row = session.scalars(select(Agreement)).one()
    assert "Keep &lt;i&gt;clean" in ada.get(f"/agreements/{row.id}").text
    path, data = f"/reserve?pool_id={people.automatic.id}", typed(people, people.automatic)
    refused = ada.post(path, data=data)
    assert refused.status_code == 422
    assert "Rules of use" in refused.text
    assert ada.post(path, data={**data, "accept": str(row.id)}).status_code == 302
    assert 'name="accept"' not in ada.get(path).text
    cy = browser(app, people.cy)
    assert cy.post(f"/agreements/{row.id}", data={"next": path}).location == path


def test_an_agreement_of_a_lab_is_its_managers(app, session, people):
    page = f"/manage/labs/{people.west_lab.id}/agreement"
    given = {"title": "Gloves", "text": "Wear gloves."}
    assert browser(app, people.dee).post(page, data=given).status_code == 404
    assert browser(app, people.mei).post(page, data=given).status_code == 302
    refused = browser(app, people.mei).post(page, data={"title": "", "text": "x"})
    assert refused.status_code == 422
    row = session.scalars(select(Agreement)).one()
    write(lambda s: set_agreement(s, factories.actor(people.ops), ("park", ""), "P", "p", NOW))
    assert row.scope_kind == "lab"


def test_what_was_overridden_stands_beside_the_reason(app, session, people):
    set_rule(session, "max_minutes", 30)
    mei = factories.actor(people.mei)
    booked = ask(mei, 10, 11, pool_id=people.automatic.id, override_reason="long run")
    page = browser(app, people.mei).get(f"/reservations/{booked.reservation_id}").text
    assert "Longest" in page
    assert "long run" in page


def test_cancelling_too_late_says_so_on_its_page(app, session, people):
    ada = factories.actor(people.ada)
    booked = ask(ada, 8, 10, pool_id=people.automatic.id).reservation_id
    set_rule(session, "cancel_latest_minutes", 24 * 60)
    answer = browser(app, people.ada).post(f"/reservations/{booked}/cancel", data={"reason": "x"})
    assert answer.status_code == 422
    assert "until 1 d before its start" in answer.text
    assert session.get_one(Reservation, booked).status == "approved"
