"""The catalogue's pages as people open them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bench.synthetic import fill
from booking.core.period import Period
from booking.infra.db import db, transaction
from booking.infra.storage.files import NewFile, note
from booking.inventory.models import Contribution, Pool, Unit
from booking.inventory.services.search import refresh_search
from booking.reservations.models import Allocation, Closure
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import create_pool, create_reservation, create_unit, create_user, units_of
from tests.pages import browser, said
from tests.statements import statements

HOUR = timedelta(hours=1)


@pytest.fixture
def park(session, clock):
    """Return the cast with search texts, at a stopped clock."""
    made = cast(session)
    refresh_search(session, None)
    session.commit()
    return made


def page(app, user, path, locale="en"):
    """Return a page's answer."""
    return browser(app, user, locale).get(path)


def text(app, user, path, locale="en"):
    """Return what a page says."""
    answer = page(app, user, path, locale)
    assert answer.status_code == 200
    return said(answer.text)


# --- the list -----------------------------------------------------------------------------


def test_a_search_shows_what_was_found_in_the_readers_language(app, park):
    assert "Confocal microscope" in text(app, park.ada, "/pools?q=gongjujiao")
    chinese = text(app, park.ada, "/pools?q=confocal", "zh_Hans_CN")
    assert "激光共聚焦显微镜" in chinese
    assert "共 1 种仪器" in chinese


def test_what_was_typed_and_ticked_stays(app, park):
    html = page(app, park.ada, f"/pools?q=仪&site={park.site.id}&state=in_service").text
    assert 'value="仪"' in html
    searchbar = html[html.index('role="search"') : html.index("</form>", html.index("searchbar"))]
    assert f'name="site" value="{park.site.id}"' in searchbar
    assert 'name="state" value="in_service"' in searchbar
    assert re.search(rf'name="site"[^>]*value="{park.site.id}"[^>]* checked', html)


def test_each_filter_in_use_can_be_dropped_alone(app, park):
    path = f"/pools?q=仪&site={park.site.id}&institution={park.west.id}"
    html = page(app, park.ada, path).text
    chips = re.findall(r'<a class="chip" href="([^"]*)"', html)
    assert len(chips) == 2
    assert "site=" not in chips[0]
    assert f"institution={park.west.id}" in chips[0]
    assert "institution=" not in chips[1]
    assert f"site={park.site.id}" in chips[1]


def test_a_corrected_search_says_so(app, park):
    said_ = text(app, park.ada, "/pools?q=confocla")
    assert "Nothing was found for “confocla”" in said_
    assert "Showing results for “confocal”" in said_


def test_what_was_typed_is_text_not_markup(app, park):
    answer = page(app, park.ada, "/pools?q=<script>alert(1)</script>%22%27")
    assert "<script>alert" not in answer.text
    assert "Nothing was found" in said(answer.text)


@pytest.mark.parametrize(
    "query",
    [
        "page=0", "page=-5", "page=x", "page=99999999999999999999", "site=x&site=-1",
        "site=99999999999999999999", "category=%00", "category='--", "platform=",
        "q=%00%ff", "q=" + "长" * 3000, "free_from=9999-12-31T23:59", "free_from=0001-01-01T00:00",
        "free_from=2026-11-23T10:00&free_to=2026-11-23T09:00", "free_to=2026-11-23T10:00",
        "free_from=tomorrow", "state=down", "unknown=1",
    ],
)  # fmt: skip
def test_a_strange_address_is_answered(app, park, query):
    assert page(app, park.ada, f"/pools?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("free_from=tomorrow", "This time cannot be read."),
        ("free_to=2026-11-23T10:00", "Say from when it must be free."),
        ("free_from=2026-11-23T10:00&free_to=2026-11-23T09:00", "end must be after the start"),
    ],
)
def test_a_time_that_cannot_be_used_is_told_and_kept(app, park, query, problem):
    answer = page(app, park.ada, f"/pools?{query}")
    assert problem in said(answer.text)
    assert f'value="{query.partition("=")[2].partition("&")[0]}"' in answer.text


def test_a_wanted_time_is_meant_in_the_sites_clock(app, session, park, now):
    ten = Period(now + HOUR, now + 2 * HOUR)  # 10:00 at the site
    create_reservation(session, park.sequencer, ten)
    path = "/pools?free_from=2026-11-23T{}:00&free_to=2026-11-23T{}:00"
    assert "Sequencer" not in text(app, park.ada, path.format(10, 11))
    assert "Sequencer" in text(app, park.ada, path.format(11, 12))


# --- nothing to show ----------------------------------------------------------------------


def test_an_empty_park_tells_the_operator_what_to_do_and_others_to_wait(app, session, clock):
    ops = create_user(session, park_role="operator")
    ada = create_user(session)
    assert 'href="/park"' in page(app, ops, "/pools").text
    html = page(app, ada, "/pools").text
    assert "No instrument is shared yet" in said(html)
    assert 'href="/park"' not in html


def test_nothing_found_offers_a_way_on(app, park):
    html = page(app, park.ada, f"/pools?q=zzzzzz&site={park.site.id}").text
    assert "Nothing was found" in said(html)
    assert 'href="/pools?q=zzzzzz"' in html
    assert 'href="/pools"' in html


def test_a_page_past_the_end_leads_back(app, park):
    assert "The list ends before this page" in text(app, park.ada, "/pools?page=9")


# --- one pool -----------------------------------------------------------------------------


def test_a_pools_page_says_what_it_is_its_rules_and_its_units(app, session, park):
    park.confocal.specifications = "激光: 405/488 nm\nObjective： 63x\nno colon"
    park.confocal.description = "For living cells.\nAsk before use."
    park.confocal.max_minutes = 240
    session.commit()
    said_ = text(app, park.ada, f"/pools/{park.confocal.id}")
    for wanted in ("Confocal microscope", "West Hospital", "405/488 nm", "63x", "no colon",
                   "For living cells.", "4 h", "3 units", "3 of 3 units"):  # fmt: skip
        assert wanted in said_, wanted
    for unit in park.confocal_units:
        assert unit.asset_no in said_


def test_the_book_button_leads_to_the_form_of_this_pool(app, park):
    html = page(app, park.ada, f"/pools/{park.confocal.id}").text
    assert f'href="/reserve?pool_id={park.confocal.id}"' in html


def test_a_wanted_time_is_carried_to_the_form(app, park):
    html = page(app, park.ada, "/pools?free_from=2026-11-24T10:00&free_to=2026-11-24T12:00").text
    link = re.search(rf'href="(/pools/{park.confocal.id}\?[^"]*)"', html).group(1)
    html = page(app, park.ada, link.replace("&amp;", "&")).text
    wanted = f"/reserve?pool_id={park.confocal.id}&amp;start=2026-11-24T10:00"
    assert wanted in html.replace("%3A", ":")
    assert 'datetime="2026-11-24"' in html  # the week begins there


def test_a_units_state_now_is_shown(app, session, park, now):
    first, second, third = park.confocal_units
    create_reservation(session, park.confocal, Period(now - HOUR, now + HOUR), [first])
    closure = Closure(
        pool_id=park.confocal.id, unit_id=second.id, kind="maintenance",
        start_at=now - HOUR, end_at=now + 3 * HOUR, created_at=now,
    )  # fmt: skip
    session.add(closure)
    session.flush()
    session.add(
        Allocation(
            closure_id=closure.id,
            unit_id=second.id,
            kind="closure",
            block_start=closure.start_at,
            block_end=closure.end_at,
        )  # fmt: skip
    )
    third.state, third.state_note = "limited", "one laser is weak"
    create_unit(session, park.confocal, state="down", state_note="sent to repair")
    session.commit()
    said_ = text(app, park.ada, f"/pools/{park.confocal.id}")
    assert "In use until Mon 23 Nov 10:00" in said_
    assert "Closed until Mon 23 Nov 12:00" in said_
    assert "Free now Limited one laser is weak" in said_
    assert "Down sent to repair" in said_


def test_the_week_shows_how_many_units_are_free(app, session, park, now):
    create_reservation(
        session, park.confocal, Period(now + HOUR, now + 2 * HOUR), park.confocal_units[:2]
    )
    html = page(app, park.ada, f"/pools/{park.confocal.id}").text
    assert "Mon 23 Nov, 10:00: 1 of 3 free" in html
    assert "Mon 23 Nov, 11:00: 3 of 3 free" in html
    assert "Mon 23 Nov, 08:00: past" in html
    hour = r"/reserve\?pool_id=\d+&amp;start=2026-11-23T10:00&amp;end=2026-11-23T11:00"
    assert re.search(hour, html.replace("%3A", ":"))


@pytest.mark.parametrize("asked", ["2026-12-07", "", "x", "9999-99-99", "0001-01-01", "9999-12-31"])
def test_any_week_can_be_asked_for(app, park, asked):
    assert page(app, park.ada, f"/pools/{park.confocal.id}?from={asked}").status_code == 200


def test_leafing_keeps_to_the_page(app, park):
    html = page(app, park.ada, f"/pools/{park.confocal.id}?from=2026-12-07").text
    assert "7–13 Dec 2026" in html
    assert f'href="/pools/{park.confocal.id}?from=2026-12-14#week-title"' in html
    assert f'href="/pools/{park.confocal.id}?from=2026-11-30#week-title"' in html


def test_a_pool_open_at_night_folds_the_night_away(app, park):
    path = f"/pools/{park.confocal.id}"
    assert "03:00" not in page(app, park.ada, path).text
    assert "Tue 24 Nov, 03:00: 3 of 3 free" in page(app, park.ada, f"{path}?hours=all").text


def test_shared_hours_close_the_week_to_others_only(app, session, park):
    agreement = session.query(Contribution).filter_by(pool_id=park.confocal.id).one()
    agreement.shared_hours = "2 09:00-12:00"
    session.commit()
    path = f"/pools/{park.confocal.id}?from=2026-11-23"
    assert "Mon 23 Nov, 10:00: closed" in page(app, park.ada, path).text
    assert "Mon 23 Nov, 10:00: 3 of 3 free" in page(app, park.mei, path).text


def test_a_pool_without_units_and_one_with_all_down_say_so(app, session, park):
    empty = create_pool(session, units=0, lab_id=park.west_lab.id, site_id=park.site.id)
    said_ = text(app, park.mei, f"/pools/{empty.id}")
    assert "No units yet" in said_
    for unit in park.confocal_units:
        unit.state = "down"
    session.commit()
    answer = page(app, park.ada, f"/pools/{park.confocal.id}")
    assert "All units are out of service" in said(answer.text)
    assert "/reserve?" not in answer.text


def test_an_unshared_pool_says_so_to_its_own_people(app, park):
    assert "Not shared" in text(app, park.mei, f"/pools/{park.unshared.id}")


def test_a_photo_is_shown_where_there_is_one(app, session, park):
    path = f"/pools/{park.confocal.id}"
    assert f"{path}/photo" not in page(app, park.ada, path).text
    row = session.get(Pool, park.confocal.id)
    row.photo_file_id = note(session, NewFile("k", "p.webp", "image/webp", 3, ""), None, NOW)
    session.commit()
    for shown in (path, "/pools?q=confocal"):
        assert f'src="{path}/photo"' in page(app, park.ada, shown).text


@pytest.mark.parametrize(
    ("who", "links"), [("ada", False), ("rep", False), ("dee", False), ("mei", True), ("ops", True)]
)
def test_those_who_look_after_a_pool_are_led_to_its_editing(app, park, who, links):
    user, unit = getattr(park, who), park.confocal_units[0]
    pool_page = page(app, user, f"/pools/{park.confocal.id}").text
    unit_page = page(app, user, f"/units/{unit.id}").text
    assert (f'href="/manage/pools/{park.confocal.id}"' in pool_page) is links
    assert (f'href="/manage/units/{unit.id}"' in unit_page) is links
    assert (f'href="/units/{unit.id}/close"' in unit_page) is links


# --- one unit -----------------------------------------------------------------------------


def test_a_units_page_has_its_place_its_week_and_its_label(app, session, park):
    unit = park.confocal_units[0]
    unit.serial, unit.place, unit.commissioned_on = "SN-1", "by the window", "2024-05-01"
    session.commit()
    answer = page(app, park.ada, f"/units/{unit.id}")
    said_ = said(answer.text)
    for wanted in ("SN-1", "by the window", "2024-05-01", f"http://localhost/units/{unit.id}"):
        assert wanted in said_, wanted
    assert f'src="/units/{unit.id}/qr.svg"' in answer.text
    assert f'href="/reserve?unit_id={unit.id}"' in answer.text


def test_the_code_is_a_picture_of_the_public_address(app, park):
    answer = page(app, park.ada, f"/units/{park.confocal_units[0].id}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.data.startswith(b"<svg")
    assert b"style=" not in answer.data


@pytest.mark.parametrize(
    ("state", "said_", "bookable"),
    [
        ("limited", "This unit works with limits", True),
        ("down", "This unit is out of service", False),
        ("retired", "This unit is retired", False),
    ],
)
def test_a_unit_that_is_not_fully_well_says_so(app, session, park, state, said_, bookable):
    unit = park.confocal_units[0]
    unit.state = state
    session.commit()
    answer = page(app, park.ada, f"/units/{unit.id}")
    assert said_ in said(answer.text)
    assert (f"/reserve?unit_id={unit.id}" in answer.text) is bookable


# --- who sees them ------------------------------------------------------------------------


def paths(park, session):
    """Return the pages of the pool that is not shared, and of its unit."""
    unit = units_of(session, park.unshared)[0]
    return [f"/pools/{park.unshared.id}", f"/units/{unit.id}", f"/units/{unit.id}/qr.svg"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("ada", 404), ("bo", 404), ("cy", 404), ("dee", 404), ("mei", 200), ("rep", 200),
     ("ops", 200)],
)  # fmt: skip
def test_a_pool_that_is_not_shared_is_seen_by_its_own_people(app, session, park, who, status):
    for path in paths(park, session):
        assert page(app, getattr(park, who), path).status_code == status


def test_hidden_and_missing_look_the_same(app, session, park):
    hidden = [page(app, park.ada, path) for path in paths(park, session)]
    missing = [
        page(app, park.ada, path) for path in ("/pools/4711", "/units/4711", "/units/4711/qr.svg")
    ]
    assert {answer.status_code for answer in hidden + missing} == {404}
    assert [said(a.text) for a in hidden] == [said(a.text) for a in missing]


@pytest.mark.parametrize("number", ["9223372036854775807", "9223372036854775808", "0", "-1", "x"])
def test_a_strange_number_is_not_there(app, park, number):
    for path in (f"/pools/{number}", f"/units/{number}", f"/pools/{number}/photo"):
        assert page(app, park.ada, path).status_code == 404


def test_visitors_are_asked_to_sign_in(app, park):
    for path in ("/pools", f"/pools/{park.confocal.id}", f"/units/{park.confocal_units[0].id}"):
        answer = page(app, None, path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/sign-in?next=")


# --- growth -------------------------------------------------------------------------------


def statements_of(app, user, path):
    """Return how many statements a page sends."""
    client = browser(app, user)
    client.get(path)
    with app.app_context(), statements(db.engine) as log:
        assert client.get(path).status_code == 200
    return len(log)


@pytest.mark.parametrize("size", [(12, 6), (12_000, 60)], ids=["12", "12000"])
def test_pages_send_the_same_statements_at_12_and_12000_units(app, session, park, size):
    with transaction():
        ids = fill(session, *size)  # 200 units a pool at 12,000
        refresh_search(session, ids)
    unit_id = session.scalar(select(func.min(Unit.id)).where(Unit.pool_id == ids[0]))
    counts = {
        "list": statements_of(app, park.ada, "/pools"),
        "pool": statements_of(app, park.ada, f"/pools/{ids[0]}"),
        "unit": statements_of(app, park.ada, f"/units/{unit_id}"),
    }
    assert counts == {"list": 10, "pool": 11, "unit": 11}
