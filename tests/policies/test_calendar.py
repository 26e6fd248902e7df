"""The calendar: what is read from text, what is seeded, what a site changes, what is missing."""

import io
from datetime import date

import pytest
from sqlalchemy import select

from booking.infra.db import write
from booking.infra.holidays_cn import days_of
from booking.policies.models import CalendarDay
from booking.policies.queries.calendar import calendar_of, known_until, years_known
from booking.policies.rules.calendar_text import read_rows, read_text
from booking.policies.services.calendar import DayFields, put_days
from tests import factories
from tests.cast import cast
from tests.pages import browser, fields, said

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)


@pytest.fixture
def park(any_session):
    return cast(any_session)


def found(entries):
    return [(e.day.isoformat() if e.day else None, e.kind, e.name, e.problem) for e in entries]


def test_lines_and_rows_are_read():
    text = "2027-10-01 holiday 国庆节\n\n2027/10/9,班,调休\n2027年5月1日 休\n"
    text += "nonsense\n2027-13-01 休"
    assert found(read_text(text, 2027)) == [
        ("2027-10-01", "holiday", "国庆节", ""),
        ("2027-10-09", "workday", "调休", ""),
        ("2027-05-01", "holiday", "", ""),
        (None, "", "", "day"),
        (None, "holiday", "", "day"),
    ]
    rows = [(1, ("日期", "类型", "名称")), (2, ("2027-10-01 00:00:00", "放假", "国庆节")),
            (3, ("2027-10-02", "?", ""))]  # fmt: skip
    assert found(read_rows(rows)) == [
        ("2027-10-01", "holiday", "国庆节", ""), ("2027-10-02", "", "", "kind"),
    ]  # fmt: skip


def test_the_words_of_the_yearly_notice_are_read():
    text = (
        "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。\n"
        "二、春节：2月15日至23日放假调休，共9天。2月14日（周六）、2月28日（周六）上班。\n"
        "四、端午节：6月19日放假。\n"
        "七、国庆节：9月30日至10月2日放假。"
    )
    entries = read_text(text, 2026)
    assert not [e for e in entries if e.problem]
    days = {(e.day.isoformat(), e.kind) for e in entries}
    assert {d for d, kind in days if kind == "workday"} == {
        "2026-01-04", "2026-02-14", "2026-02-28",
    }  # fmt: skip
    holidays = {d for d, kind in days if kind == "holiday"}
    assert {"2026-01-01", "2026-01-02", "2026-01-03", "2026-06-19", "2026-10-01"} <= holidays
    assert len(holidays) == 3 + 9 + 1 + 3
    assert {e.name for e in entries if e.kind == "holiday"} == {"元旦", "春节", "端午节", "国庆节"}


@pytest.mark.parametrize("text", ["2月30日至31日放假", "12月1日至1日放假", "99月1日放假"])
def test_days_of_the_notice_that_are_none_are_left_out(text):
    assert any(e.problem == "day" for e in read_text(text, 2026))


def test_the_package_knows_2026_and_not_the_make_up_days_of_2027():
    made_up = {year: [d for d in days_of(year) if d.kind == "workday"] for year in (2026, 2027)}
    assert len(made_up[2026]) == 6
    assert made_up[2027] == []  # once it does, 2027 counts as known without further ado


def test_seeding_twice_changes_nothing_and_keeps_what_was_typed(any_session, park, now):
    days = [DayFields(d.day, d.kind, d.name_zh, d.name_en, "holidays 1") for d in days_of(2026)]
    assert write(lambda s: put_days(s, None, None, days, now, keeps_typed=True)) == len(days)
    assert write(lambda s: put_days(s, None, None, days, now, keeps_typed=True)) == 0
    typed = [DayFields(date(2026, 10, 1), "normal", source="typed")]
    write(lambda s: put_days(s, factories.actor(park.ops), None, typed, now))
    assert write(lambda s: put_days(s, None, None, days, now, keeps_typed=True)) == 0
    assert date(2026, 10, 1) not in calendar_of(any_session, park.site.id, FIRST, LAST).days


def test_a_site_overrides_the_park_and_others_do_not_notice(any_session, park, now):
    ops = factories.actor(park.ops)
    day = date(2026, 12, 24)
    write(lambda s: put_days(s, ops, None, [DayFields(day, "holiday")], now))
    write(lambda s: put_days(s, ops, park.site.id, [DayFields(day, "normal")], now))
    assert day not in calendar_of(any_session, park.site.id, FIRST, LAST).days
    assert calendar_of(any_session, park.site.id + 99, FIRST, LAST).days == {day: "holiday"}
    assert not calendar_of(any_session, 99, date(2026, 12, 25), LAST).days


def test_known_until_is_the_last_complete_year_in_a_row(any_session, park, now):
    days = [DayFields(d.day, d.kind) for year in (2026, 2027) for d in days_of(year)]
    write(lambda s: put_days(s, None, None, days, now))
    years = years_known(any_session, 2026)
    assert known_until(years, 2026) == date(2026, 12, 31)
    assert known_until(years, 2027) is None
    any_session.rollback()
    write(lambda s: put_days(s, None, None, [DayFields(date(2027, 10, 9), "workday")], now))
    assert known_until(years_known(any_session, 2026), 2026) == date(2027, 12, 31)


class TestPages:
    """The operator's pages of the calendar."""

    @pytest.fixture
    def ops(self, any_app, park):
        return browser(any_app, park.ops)

    def test_loading_says_until_when_the_table_is_known(self, ops):
        assert "Make-up workdays of 2026 are missing" in said(ops.get("/park/calendar").text)
        ops.post("/park/calendar/load")
        text = said(ops.get("/park/calendar").text)
        assert "Known until 2026-12-31" in text
        assert "The make-up workdays of 2027 are missing" in text
        assert "make-up workdays not known" in said(ops.get("/park/calendar?year=2027").text)

    def test_a_day_is_added_and_removed(self, any_session, ops):
        known = fields(ops.get("/park/calendar").text)
        ops.post("/park/calendar", data={**known, "day": "2027-10-09", "kind": "workday"})
        day = any_session.scalars(select(CalendarDay)).one()
        assert (day.day, day.kind, day.source) == ("2027-10-09", "workday", "typed")
        any_session.rollback()
        ops.post(f"/park/calendar/{day.id}/remove")
        assert not any_session.scalars(select(CalendarDay)).all()

    def test_pasted_days_are_shown_before_they_are_written(self, any_session, park, ops):
        page = f"/park/calendar/import?site={park.site.id}"
        text = "国庆节：10月1日至7日放假调休，10月9日上班。\nwhat?"
        answer = ops.post(page, data={"text": text, "year": "2027"})
        shown = said(answer.text)
        assert "Fri 1 Oct Holiday 国庆节 new" in shown
        assert "what? – left out: the day cannot be read" in shown
        assert not any_session.scalars(select(CalendarDay)).all()
        any_session.rollback()
        confirmed = {**fields(answer.text), "confirm": "1"}
        ops.post(page, data=confirmed)
        days = any_session.scalars(select(CalendarDay)).all()
        assert len(days) == 8
        assert {d.site_id for d in days} == {park.site.id}

    def test_a_file_is_read_and_a_wrong_one_refused(self, ops):
        good = (io.BytesIO("日期,类型,名称\n2027-10-01,休,国庆节\n".encode("gb18030")), "d.csv")
        answer = ops.post("/park/calendar/import", data={"year": "2027", "file": good})
        assert "国庆节 new" in said(answer.text)
        bad = (io.BytesIO(b"%PDF-1.7"), "d.pdf")
        answer = ops.post("/park/calendar/import", data={"year": "2027", "file": bad})
        assert answer.status_code == 422
        assert "This is PDF, not a table" in said(answer.text)


def test_the_command_loads_years_and_says_what_is_missing(app, session):
    runner = app.test_cli_runner()
    first = runner.invoke(args=["calendar", "load", "2026", "2027"])
    assert first.exit_code == 0, first.output
    assert "2026: 22 holidays, 6 make-up workdays; 28 changed" in first.output
    assert "2027: 19 holidays, 0 make-up workdays; make-up workdays are not known" in first.output
    assert "; 0 changed" in runner.invoke(args=["calendar", "load", "2026"]).output
