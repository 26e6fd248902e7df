"""Import batches: read by a job, previewed, mapped by hand, applied exactly once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from booking.companies.models import Site
from booking.core.actor import Actor
from booking.core.errors import Invalid, WrongState
from booking.infra.db import db, write
from booking.inventory.jobs import expire_imports, work_on_imports
from booking.inventory.models import ImportBatch, Unit
from booking.inventory.queries.batches import batch_at
from booking.inventory.rules.batches import options_of, options_text, summary_of
from booking.inventory.rules.reading import Options
from booking.inventory.services.batches import (
    LEASE,
    apply_batch,
    claim_batch,
    confirm_batch,
    map_columns,
    upload_batch,
)
from booking.reservations.queries.in_use import bars_at
from tests.conftest import NOW
from tests.factories import create_user

TABLE = "资产编号,名称,厂家,型号\nA1,离心机,艾本德,5810R\nA2,离心机,艾本德,5810R\n"
CONTENT = TABLE.encode("gb18030")
OPTIONS = Options("华西医院", site="成都")
DAY = timedelta(hours=24)


@pytest.fixture
def ops(any_session):
    return Actor(create_user(any_session, park_role="operator").id, park_role="operator")


@pytest.fixture
def upload(ops, clock):
    def give(content=CONTENT, options=OPTIONS):
        return write(lambda s: upload_batch(s, ops, "清单.csv", content, options, DAY, NOW))

    return give


def batch(batch_id):
    db.session.rollback()
    db.session.expire_all()
    return batch_at(db.session(), batch_id)


def confirm(batch_id, ops):
    write(lambda session: confirm_batch(session, ops, batch_id, NOW))


def units():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Unit))


def claim(token, at=NOW):
    return write(lambda session: claim_batch(session, token, at))


def test_choices_survive_the_way_through_json():
    options = Options("甲", "乙", "丙", {"name": ["a"], "lab": None}, date(2026, 1, 1), None)

    assert options_of(options_text(options)) == options


def test_an_uploaded_file_is_read_by_the_job_and_previewed(upload):
    batch_id = upload()
    assert batch(batch_id).state == "uploaded"

    work_on_imports()

    row = batch(batch_id)
    assert (row.state, row.progress_percent, row.error) == ("previewed", 100, None)
    shown = summary_of(row.preview)
    assert (shown.new, shown.pool_count, shown.new_sites) == (2, 1, ("成都",))
    assert [(c.label, c.field, c.samples) for c in shown.columns[:2]] == [
        ("资产编号", "asset_no", ("A1", "A2")),
        ("名称", "name", ("离心机",)),
    ]
    assert units() == 0


def test_a_confirmed_batch_is_applied_once_by_whichever_process(upload, ops):
    batch_id = upload()
    work_on_imports()
    confirm(batch_id, ops)
    first = claim("first")
    assert claim("second") is None
    late = claim("late", NOW + LEASE)  # the first process seems dead, but is only slow

    assert write(lambda s: apply_batch(s, late, NOW, bars_at(NOW))) is True
    assert write(lambda s: apply_batch(s, first, NOW, bars_at(NOW))) is False

    row = batch(batch_id)
    assert (row.state, row.applied_at) == ("applied", NOW)
    assert summary_of(row.preview).new == 2
    assert units() == 2


def test_of_two_confirmations_one_is_refused(upload, ops):
    batch_id = upload()
    with pytest.raises(WrongState):
        confirm(batch_id, ops)
    work_on_imports()
    confirm(batch_id, ops)

    with pytest.raises(WrongState):
        confirm(batch_id, ops)


def test_a_process_killed_while_applying_leaves_nothing_and_another_does_it(
    upload, ops, clock, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    batch_id = upload()
    work_on_imports()
    confirm(batch_id, ops)
    with monkeypatch.context() as broken:
        broken.setattr("booking.inventory.services.imports.refresh_search", die)
        with pytest.raises(Killed):
            work_on_imports()
    assert units() == 0
    assert batch(batch_id).state == "applying"

    work_on_imports()  # the lease still runs
    assert units() == 0
    clock.shift(seconds=LEASE.total_seconds())
    work_on_imports()

    assert units() == 2
    assert batch(batch_id).state == "applied"


def test_columns_mapped_by_hand_are_previewed_anew_without_reading_again(upload, monkeypatch):
    batch_id = upload("x;y\n1;离心机\n".encode())
    work_on_imports()
    failed = batch(batch_id)
    assert failed.state == "failed"
    assert "import_no_names" in failed.error

    monkeypatch.setattr("booking.inventory.jobs.read_sheets", None)
    write(lambda s: map_columns(s, batch_id, {"x": "asset_no", "y": "name", "z": "hack"}))
    work_on_imports()

    row = batch(batch_id)
    assert row.state == "previewed"
    assert [c.field for c in summary_of(row.preview).columns] == ["asset_no", "name"]


def test_a_file_that_is_no_table_fails_with_its_reason_and_cannot_be_mapped(upload):
    batch_id = upload(b"%PDF-1.7")
    work_on_imports()

    assert batch(batch_id).error == '["import_not_a_table", {"kind": "PDF"}]'
    with pytest.raises(WrongState):
        write(lambda s: map_columns(s, batch_id, {}))


def test_an_empty_file_or_choices_that_cannot_be_meant_are_refused_at_once(upload):
    for content, options in (
        (b"", OPTIONS),
        (CONTENT, Options(" ")),
        (CONTENT, Options("甲", share_from=date(2026, 2, 1), share_until=date(2026, 1, 1))),
    ):
        with pytest.raises(Invalid):
            upload(content, options)


def test_after_a_day_file_and_rows_are_forgotten_and_nothing_more_happens(upload, ops, clock):
    left, applied = upload(), upload()
    work_on_imports()
    confirm(applied, ops)
    work_on_imports()
    clock.shift(hours=24)

    work_on_imports()
    expire_imports()

    assert batch(left).state == "expired"
    assert summary_of(batch(applied).preview).new == 2
    query = select(func.count()).where(ImportBatch.content.is_not(None))
    assert db.session.scalar(query) == 0
    with pytest.raises(WrongState):
        confirm(left, ops)


def test_a_conflict_with_somebody_at_the_same_moment_fails_with_a_reason(upload, ops, monkeypatch):
    batch_id = upload()
    work_on_imports()
    confirm(batch_id, ops)

    def clash(session, *_):
        session.execute(insert(Site), [{"name_zh": "成都"}])

    monkeypatch.setattr("booking.inventory.services.imports.refresh_search", clash)
    work_on_imports()

    row = batch(batch_id)
    assert row.state == "failed"
    assert "import_overtaken" in row.error
    assert units() == 0
