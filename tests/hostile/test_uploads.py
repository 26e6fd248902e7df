"""Every upload × every hostile file: an answer soon, nothing kept that runs, nothing outside."""

import io
import re
import time
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from booking.accounts.models import User
from booking.infra.db import db, write
from booking.infra.rate import RateWindow
from booking.infra.storage.files import StoredFile
from booking.policies.rules.questions import Question
from booking.policies.services.questions import set_questions
from tests.conftest import NOW
from tests.factories import actor
from tests.hostile.files import FILES
from tests.hostile.test_forms import world as world  # the matrix' world
from tests.matrix.world import World

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2  # of this process; pictures and sheets are read in children with bounds of their own
# Who uploads where: role, endpoint, ids, field, other fields.
UPLOADS = {
    "photo": ("mei", "manage.picture", {"pool_id": "shared_pool"}, "photo", {}),
    "answer": (
        "ada", "reservations.new", {}, "answer-sheet-file",
        {"start": "2026-11-24T10:00", "end": "2026-11-24T11:00", "quantity": "1",
         "purpose": "research"},
    ),
    "report": (
        "mei", "reservations.reports", {"unit_id": "unit"}, "file", {"kind": "fault", "note": "x"}
    ),
    "evidence": ("ada", "training.ask", {"course_id": "course"}, "file", {"note": "x"}),
    "licence": (
        "anonymous", "joining.register", {}, "licence",
        {"name_zh": "新企业", "credit_code": "91350100M000100Y43", "contact": "x",
         "email": "new@test.example", "phone": "1"},
    ),
    "units": ("ops", "imports.list_batches", {}, "file", {}),
    "busy": ("ada", "feeds.busy", {}, "file", {}),
    "days": ("ops", "calendar.import_days", {}, "file", {"year": "2027", "site": ""}),
}  # fmt: skip
# Templates and forms with a field for a file, each of which an upload above goes through.
FIELDS = {
    "booking/inventory/forms/pools.py": {"photo"},
    "booking/inventory/forms/imports.py": {"units"},
    "booking/companies/forms/joining.py": {"licence"},
    "booking/policies/forms/calendar.py": {"days"},
    "booking/feeds/forms/busy.py": {"busy"},
    "booking/training/forms/standing.py": {"evidence"},
    "booking/reservations/forms/reports.py": {"report"},
    "templates/reservations/_questions.html": {"answer"},
}


def ask_for_a_file(world: World) -> dict[str, str]:
    """Have the shared pool ask for a file; return the field that names it."""
    with world.app.app_context():
        mei = db.session.scalars(select(User).where(User.email == "mei@test.example")).one()
        who, sheet = actor(mei), Question("sheet", "file", "单据", "Sheet", required=True)
        pool_id = world.ids["shared_pool"]
        write(lambda s: set_questions(s, who, pool_id, (sheet,), NOW))
        db.session.remove()
    return {"pool_id": str(pool_id)}


def forget_rates(world: World) -> None:
    """Let each file be tried, however many came before."""
    with world.app.app_context():
        write(lambda s: s.execute(delete(RateWindow)) and None)
        db.session.remove()


def test_every_field_for_a_file_is_tried():
    found = set()
    for folder, pattern in (("booking", r"FileField\("), ("templates", r'type="file"')):
        for path in (ROOT / folder).rglob("*.*"):
            if path.suffix in (".py", ".html") and re.search(pattern, path.read_text("utf-8")):
                found.add(path.relative_to(ROOT).as_posix())

    assert found == set(FIELDS), "add the upload to UPLOADS and FIELDS"
    assert set().union(*FIELDS.values()) == set(UPLOADS)


@pytest.mark.parametrize("upload", UPLOADS)
def test_no_upload_is_hurt(world, upload):
    role, endpoint, ids, field, more = UPLOADS[upload]
    client, address = world.client(role), world.url(endpoint, ids)
    if upload == "answer":
        more = {**more, **ask_for_a_file(world)}
    faults = []
    with world.app.app_context():
        known = set(db.session.scalars(select(StoredFile.id)))  # what the world begins with
    for name, content in FILES:
        began = time.process_time()
        forget_rates(world)
        form = {**more, field: (io.BytesIO(content), name)}
        answer = client.post(address, data=form, content_type="multipart/form-data")
        took = time.process_time() - began
        if answer.status_code >= 500 or took > SECONDS:
            faults.append((name[:30], answer.status_code, took))
        assert "Set-Cookie: a=b" not in str(answer.headers)
    assert faults == []
    with world.app.app_context():
        query = select(StoredFile).where(StoredFile.id.not_in(known))
        kept = db.session.scalars(query).all()
        assert bool(kept) == (upload in ("photo", "answer", "evidence", "report"))
        harmless = ("image/webp", "application/", "text/plain")
        assert [f.content_type for f in kept if not f.content_type.startswith(harmless)] == []
        assert not any(set(f.name) & set("/\\\r\n\x00\u202e") for f in kept)
        db.session.remove()
    world.restore()
    outside = [p for p in (Path("/tmp/slip"), Path("/tmp/escape.csv")) if p.exists()]  # noqa: S108
    assert outside == []
