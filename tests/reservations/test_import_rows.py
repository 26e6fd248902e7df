"""Reading bookings from a sheet, without any database."""

from datetime import UTC, datetime

import pytest

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.reservations.rules.import_plan import Person, prepare
from booking.reservations.rules.import_rows import booking_reading, moment, read_bookings
from booking.reservations.rules.imports import OPEN_END
from booking.reservations.rules.resources import Resource, Resources, Target

CENTRIFUGE = Resource(Target(1, 1, "Asia/Shanghai"), "A1", "S1", "5810R", ("离心机",))
SIBLING = Resource(Target(2, 1, "Asia/Shanghai"), "A2", "S2", "5810R", ("离心机",))
AUCKLAND = Resource(Target(3, 2, "Pacific/Auckland"), None, "Unknown", "CR10X", ("Logger",))
ALL = Resources([CENTRIFUGE, SIBLING, AUCKLAND])


def prepared(*lines, mapping=None, new_zone=None, people=None):
    rows = tuple(Row(n, tuple(text.split(","))) for n, text in enumerate(lines, start=1))
    sheet, reading = booking_reading([Sheet("", rows)], mapping or {})
    bookings, unreadable = read_bookings(sheet.rows, reading)
    return prepare(bookings, reading, ALL, people or {}, new_zone), unreadable


def problems(found):
    return [(p.line, p.column, p.value, p.code) for p in found]


def local(*parts):
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01 09:00", local(2026, 3, 1, 9)),
        ("2026-03-01T09:00:30Z", utc(2026, 3, 1, 9, 0, 30)),
        ("2026/3/1 9:05", local(2026, 3, 1, 9, 5)),
        ("2026年3月1日 9时05分", local(2026, 3, 1, 9, 5)),
        ("2026-03-01", local(2026, 3, 1)),
        ("9999-12-31 23:59", OPEN_END),
        ("9999-01-01T00:00:00Z", OPEN_END),
        ("tomorrow", None),
        ("1626-03-01 09:00", None),
        ("2026-02-30 09:00", None),
        ("03/01/2026 09:00", None),
    ],
)
def test_times_are_read_as_people_write_them(text, expected):
    if expected:
        assert moment(text) == expected
    else:
        with pytest.raises(ValueError, match=r"."):
            moment(text)


def test_an_offset_is_kept_and_other_times_are_the_sites():
    found, _ = prepared(
        "resource,start,end",
        "A1,2026-03-01 09:00,2026-03-01 10:00",
        "A1,2026-03-01T09:00:00+01:00,2026-03-01T10:00:00+0100",
        "CR10X Unknown,2026-03-01 09:00,2026-03-01 10:00",
    )

    assert [row.start for row in found.rows] == [
        utc(2026, 3, 1, 1), utc(2026, 3, 1, 8), utc(2026, 2, 28, 20),
    ]  # fmt: skip


def test_the_zone_may_be_given():
    found, _ = prepared(
        "resource,start,end", "A1,2026-03-01 09:00,2026-03-01 10:00",
        mapping={"zone": {"const": "UTC"}},
    )  # fmt: skip

    assert found.rows[0].start == utc(2026, 3, 1, 9)


def test_a_thing_is_found_by_number_then_model_and_serial_then_name():
    found, _ = prepared(
        "resource,start,end",
        "a1,2026-03-01,2026-03-02",
        "5810r  s2,2026-03-01,2026-03-02",
        "logger,2026-03-01,2026-03-02",
        "离心机,2026-03-01,2026-03-02",
        "显微镜,2026-03-01,2026-03-02",
    )

    assert [row.unit_ids for row in found.rows] == [(1,), (2,), (3,)]
    assert problems(found.rejected) == [
        (5, "resource", "离心机", "import_resource_ambiguous"),
        (6, "resource", "显微镜", "import_resource_unknown"),
    ]


def test_columns_of_model_and_serial_make_the_thing():
    found, _ = prepared(
        "Make,Sensor,Datalogger,Serial,Start Date,End Date",
        "x,y,5810R,S2,2026-03-01,2026-03-02",
    )

    assert found.rows[0].unit_ids == (2,)


def test_slots_of_minutes_make_the_end():
    mapping = {
        "resource": "facid", "start": "starttime", "who": "memid",
        "duration": {"column": "slots", "minutes": 30},
    }  # fmt: skip
    found, wrong = prepared(
        "facid,memid,starttime,slots",
        "A1,7,2012-07-03 11:00:00,3", "A1,7,2012-07-03 11:00:00,many",
        "A1,7,2012-07-03 11:00:00,0",
        mapping=mapping,
    )  # fmt: skip

    assert found.rows[0].end == utc(2012, 7, 3, 4, 30)
    assert found.rows[0].person_text == "7"
    assert problems(wrong) == [(3, "slots", "many", "import_count")]
    assert [p.code for p in found.rejected] == ["end_before_start"]


def test_every_wrong_cell_is_told():
    _, wrong = prepared("resource,start,end", ",soon,2026-03-01")

    assert problems(wrong) == [
        (2, "resource", "", "import_resource_missing"),
        (2, "start", "soon", "import_time"),
    ]


def test_an_end_that_is_not_after_the_start_is_rejected():
    found, _ = prepared("resource,start,end", "A1,2026-03-01 09:00,2026-03-01 09:00")

    assert [p.code for p in found.rejected] == ["end_before_start"]


def test_a_known_address_becomes_the_person_and_anybody_else_stays_text():
    found, _ = prepared(
        "resource,start,end,who",
        "A1,2026-03-01,2026-03-02,Ada@Test.Example",
        "A1,2026-03-02,2026-03-03,王小明",
        people={"ada@test.example": Person(9, company_id=4)},
    )

    assert [(r.user_id, r.company_id, r.person_text) for r in found.rows] == [
        (9, 4, None), (None, None, "王小明"),
    ]  # fmt: skip


def test_unknown_things_can_be_made_once_each():
    found, _ = prepared(
        "resource,start,end",
        "显微镜,2026-03-01,2026-03-02", "显微镜,2026-03-02,2026-03-03",
        "天平,2026-03-01,2026-03-02",
        new_zone="Asia/Shanghai",
    )  # fmt: skip

    assert found.missing == (2, 4)
    assert len({row.unit_ids for row in found.rows}) == 2


@pytest.mark.parametrize(
    ("head", "mapping", "code"),
    [
        ("thing,start,end", {}, "import_no_column"),
        ("resource,when,end", {}, "import_no_column"),
        ("resource,start,slots", {}, "import_no_column"),
        ("resource,start,slots", {"duration": "slots"}, "import_bad_duration"),
        ("resource,start,slots", {"duration": {"column": "slots"}}, "import_bad_duration"),
        (
            "resource,start,slots", {"duration": {"column": "x y", "minutes": 5}},
            "import_unknown_column",
        ),
        ("resource,start,end", {"colour": "end"}, "import_unknown_field"),
    ],
)  # fmt: skip
def test_a_sheet_or_mapping_that_cannot_be_meant_is_refused(head, mapping, code):
    with pytest.raises(Invalid, match=code):
        prepared(head, mapping=mapping)
