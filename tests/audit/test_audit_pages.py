"""Pages of the audit: who reads which rows, in words, page by page, as a file."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from booking.audit.models import Audit
from booking.audit.services import record
from booking.infra.db import db, write
from booking.infra.sheets.limits import Limits
from booking.infra.sheets.read import read_sheets
from booking.infra.sheets.write import TRIGGERS, csv_bytes, xlsx_bytes
from booking.reservations.models import Reservation
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.pages import browser
from tests.reservations.steps import ask
from tests.statements import statements

LIMITS = Limits(
    rows=100, columns=20, unpacked_bytes=10**6, zip_entries=20, zip_ratio=100, seconds=5,
    memory_mib=500,
)  # fmt: skip


@pytest.fixture
def park(session, clock) -> Cast:
    """Return the cast; Ada and Cy have booked the same instrument."""
    people = cast(session)
    ada, cy, pool_id = factories.actor(people.ada), factories.actor(people.cy), people.confocal.id
    ask(ada, 9, 10, pool_id=pool_id)
    ask(cy, 11, 12, pool_id=pool_id)
    return people


@pytest.fixture
def adas(session, park):
    """Return the id of Ada's reservation."""
    return session.scalar(select(Reservation.id).where(Reservation.user_id == park.ada.id))


def rows(page):
    """Return the texts of the rows of a list."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def fill(session, count):
    """Write many rows, an hour apart, the oldest first."""
    one = {"actor_id": None, "action": "site.edit", "subject_type": "site", "subject_id": 1}
    values = [{**one, "at": NOW - timedelta(minutes=count - n)} for n in range(count)]
    session.execute(insert(Audit), values)
    session.commit()


def test_the_operator_reads_all_in_words(app, session, park, adas):
    mei = factories.actor(park.mei)
    write(lambda s: record(s, mei, "reservation.reject", ("reservation", adas), NOW,
                           reason="<b>full"))  # fmt: skip
    browser(app, park.bo).post("/account/sign-out")
    page = browser(app, park.ops).get("/park/audit").text

    assert rows(page)[3].startswith("Rejected a request Reason: &lt;b&gt;full")
    assert "梅" in rows(page)[3]
    assert "page 127.0.0.1" in page
    assert sum("Booked or asked for a time" in row for row in rows(page)) == 2
    assert f'href="/reservations/{adas}"' in page
    chinese = browser(app, park.ops, locale="zh_Hans_CN").get("/park/audit").text
    assert "驳回预约" in chinese


def test_a_company_reads_its_own_and_nothing_else(app, park):
    path = f"/companies/{park.company_a.id}/audit"
    bo = browser(app, park.bo)
    page = bo.get(path).text

    assert [row for row in rows(page) if "Ada" in row]
    assert not [row for row in rows(page) if "Cy" in row or "Signed in" in row]
    assert "127.0.0.1" not in page
    assert bo.get(f"/companies/{park.company_b.id}/audit").status_code == 404
    assert browser(app, park.ada).get(path).status_code == 404
    assert bo.get("/park/audit").status_code == 404
    assert path in bo.get("/reservations?scope=company").text


def test_a_person_of_two_companies_shows_each_its_own(app, session, park):
    factories.create_membership(session, park.ada, park.company_b)
    ada = factories.actor(park.ada)
    ask(ada, 13, 14, pool_id=park.confocal.id, company_id=park.company_b.id)
    page = browser(app, park.bo).get(f"/companies/{park.company_a.id}/audit").text

    assert len([row for row in rows(page) if "Booked or asked" in row]) == 1


def test_a_lab_reads_what_was_done_with_its_instrument(app, park):
    path = f"/manage/pools/{park.confocal.id}/audit"
    page = browser(app, park.mei).get(path).text

    assert len([row for row in rows(page) if "Booked or asked" in row]) == 2
    assert path in browser(app, park.mei).get(f"/manage/pools/{park.confocal.id}").text
    for who in (park.dee, park.ada, park.rep):
        assert browser(app, who).get(path).status_code == 404


# query → how many of: two bookings of the cast, a sign-in of the operator
FILTERS = [
    ("", 3),
    ("?person=ada", 1),
    ("?person=CY@test", 1),
    ("?person=%25", 0),
    ("?kind=reservation", 2),
    ("?kind=user", 1),
    ("?kind=nonsense", 3),
    ("?kind=reservation&thing=999", 0),
    ("?from=2026-11-24", 0),
    ("?until=2026-11-22", 0),
    ("?from=2026-11-23&until=2026-11-23", 3),
    ("?from=9999-12-31&until=0001-01-01&before=99999999999999999-1&thing=x", 0),
    ("?before=1-1", 0),
]


@pytest.mark.parametrize(("query", "count"), FILTERS)
def test_the_list_is_narrowed(app, park, query, count):
    assert len(rows(browser(app, park.ops).get(f"/park/audit{query}").text)) == count


def test_pages_follow_one_another_without_gap_or_repeat(app, session, park):
    fill(session, 120)
    client, path, seen = browser(app, park.ops), "/park/audit?kind=site", []
    while path:
        page = client.get(path).text
        seen += re.findall(r'<time datetime="([^"]*)"', page)
        older = re.search(r'rel="next" href="([^"]*)"', page)
        path = older[1].replace("&amp;", "&") if older else None

    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)


def test_a_page_costs_the_same_however_long_the_history(app, session, park):
    client = browser(app, park.ops)

    def cost():
        with statements(db.engine) as sent:
            client.get("/park/audit")
        return len(sent)

    fill(session, 1)
    cost()
    few = cost()
    fill(session, 300)
    # Full of rows of one kind: no more queries than the few rows of three kinds took.
    assert cost() <= few


def test_the_list_as_a_file_holds_no_formula(app, session, park, adas):
    reason = '=HYPERLINK("http://x")'
    write(lambda s: record(s, None, "reservation.cancel", ("reservation", adas), NOW,
                           reason=reason))  # fmt: skip
    client = browser(app, park.ops)
    answer = client.get("/park/audit/export?kind=reservation")
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    assert len(table) == 4
    assert "'" + reason in table[1]
    book = client.get("/park/audit/export?kind=reservation&format=xlsx")
    [sheet] = read_sheets(book.data, LIMITS)
    assert len(sheet.rows) == 4
    company = browser(app, park.bo).get(f"/companies/{park.company_a.id}/audit/export").text
    assert "Cy" not in company


def test_no_cell_of_a_file_is_a_formula():
    cells = [f"{trigger}1+1" for trigger in TRIGGERS]
    for cell in csv.reader(io.StringIO(csv_bytes([[c] for c in cells]).decode("utf-8-sig"))):
        assert not cell[0].startswith(TRIGGERS)
    book = xlsx_bytes([cells, ["a\x00b\ud800", "<b>&"]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') == len(cells) + 2
    [back] = read_sheets(book, LIMITS)
    assert back.rows[-1].cells[1] == "<b>&"


def test_an_empty_list_says_what_will_stand_there(app, park):
    page = browser(app, park.ops).get(f"/companies/{park.company_b.id}/audit?from=2027-01-01")
    assert "Nothing happened yet" in page.text or "Nothing found" in page.text
