"""Pages of notices: written with a preview, shown where people look, ticked in the form; API."""

import pytest

from booking.notices.models import Notice
from booking.web.linked import linked
from tests.api.caller import Caller, wanted
from tests.cast import Cast, cast
from tests.notices.test_notices import tell
from tests.pages import browser, said
from tests.reservations.test_formality_pages import typed
from tests.statements import statements


@pytest.fixture
def people(session, clock) -> Cast:
    return cast(session)


@pytest.fixture
def any_session(session):
    return session


def form(**more):
    return {
        "title_zh": "停机清洁", "text_zh": "详见https://park.example/a?b=1。<b>谢谢",
        "from_day": "2026-11-20", "until_day": "2026-11-30", "must_read": "y", **more,
    }  # fmt: skip


def test_a_notice_is_looked_at_kept_published_and_changed(app, session, people):
    client, lab = browser(app, people.mei), people.west_lab.id
    new = f"/manage/notices/new?lab={lab}"

    seen = client.post(new, data=form(do="preview"))
    assert 'href="https://park.example/a?b=1"' in seen.text
    assert "&lt;b&gt;谢谢" in seen.text
    assert session.query(Notice).count() == 0
    wrong = client.post(new, data=form(do="draft", until_day="2026-11-01", title_zh="留着"))
    assert wrong.status_code == 422
    assert "留着" in wrong.text
    session.rollback()
    kept = client.post(new, data=form(do="draft"))
    assert kept.location == f"/manage/labs/{lab}/notices"
    assert "停机清洁" not in browser(app, people.ada).get("/notices").text

    session.rollback()
    row = session.query(Notice).one()
    page = f"/manage/notices/{row.id}"
    stale = client.post(page, data=form(do="publish", revision="9", title_zh="别的"))
    assert (stale.status_code, "别的" in stale.text) == (422, True)
    assert client.post(page, data=form(do="publish", revision="1")).status_code == 302
    listed = browser(app, people.ada).get("/notices")
    assert "Must be read" in said(listed.text)
    assert "1 is new to you." in said(listed.text)
    assert client.post(f"{page}/withdraw").status_code == 302
    assert "No notices now" in said(browser(app, people.ada).get("/notices").text)
    assert "Version 1" in said(client.get(page).text)


def test_it_stands_where_people_look_and_is_ticked_in_the_form(app, session, people):
    key = tell(people.mei, (people.west_lab.id, None))
    client, pool = browser(app, people.ada), people.automatic
    assert "周五下午停机。" in client.get(f"/pools/{pool.id}").text
    url = f"/reserve?pool_id={pool.id}"
    assert "I have read the notice:" in said(client.get(url).text)

    refused = client.post(url, data=typed(people, pool))
    assert refused.status_code == 422
    assert "Read the notice “停机清洁” first" in refused.text
    assert f'href="/notices/{key}"' in refused.text
    stale = client.post(url, data=typed(people, pool, read=f"{key}:7"))
    assert stale.status_code == 422
    assert client.post(url, data=typed(people, pool, read=f"{key}:1")).status_code == 302
    assert "I have read the notice:" not in client.get(url).text


def test_home_has_the_parks_and_a_tick_leads_back(app, people):
    key = tell(people.ops)
    client = browser(app, people.ada)
    assert "停机清洁" in client.get("/").text

    there = client.post(f"/notices/{key}/read", data={"version": "1", "next": "/pools?q=x"})
    assert there.location == "/pools?q=x"
    assert "You noted on" in client.get(f"/notices/{key}").text


def test_home_asks_as_often_for_many_notices_as_for_one(app, session, people):
    client, engine = browser(app, people.ada), session.get_bind()
    tell(people.ops)
    client.get("/")
    with statements(engine) as one:
        client.get("/")
    for _ in range(6):
        tell(people.mei, (None, people.confocal.id))
    client.get("/")
    with statements(engine) as many:
        client.get("/")

    assert len(many) == len(one)


def test_a_program_lists_reads_and_is_told_what_is_missing(client, session, people):
    key = tell(people.mei, (people.west_lab.id, None))
    ada, body = Caller(client, people.ada), wanted(10, 11, pool_id=people.automatic.id)

    [violation] = ada.post("/reservations", body).json["violations"]
    assert violation["code"] == "notice_unread"
    assert violation["url"].endswith(f"/notices/{key}")
    assert ada.get(f"/pools/{people.automatic.id}/formalities").json["notices"] == [
        {"id": key, "version": 1, "title": {"zh": "停机清洁", "en": ""}}
    ]
    [listed] = ada.get("/notices").json["items"]
    assert (listed["must_read"], listed["read_at"]) == (True, None)
    assert ada.post(f"/notices/{key}/read", {"version": 2}).status_code == 412
    assert ada.post(f"/notices/{key}/read", {"version": 1}).json["read_at"] is not None
    assert ada.post("/reservations", body).status_code == 201


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("<script>", []),
        ("javascript:alert(1)", []),
        ("见https://a.cn/x。好", ["https://a.cn/x"]),
        ('(http://a.cn/"onclick=x), https://b.cn.', ["http://a.cn/", "https://b.cn"]),
    ],
)
def test_only_web_addresses_become_links(text, links):
    pieces = linked(text)

    assert [piece.text for piece in pieces if piece.is_link] == links
    assert "".join(piece.text for piece in pieces) == text
