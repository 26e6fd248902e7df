"""Reading rows and planning an import, without any database."""

import dataclasses

import pytest

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.inventory.rules.identity import content_hash
from booking.inventory.rules.plan import (
    CHANGED,
    NEW,
    UNCHANGED,
    Known,
    KnownPool,
    KnownUnit,
    Named,
    Place,
)  # fmt: skip
from booking.inventory.rules.planning import make_plan
from booking.inventory.rules.reading import Options, reading_of
from booking.inventory.rules.rows import read_rows
from booking.inventory.rules.values import amount_fen, iso_day

HEAD = [
    "资产编号",
    "序列号",
    "名称",
    "厂家",
    "型号",
    "实验室",
    "启用日期",
    "原值（万元）",
    "状态",
    "分类",
]
EMPTY = Known(sites=(Named(1, "西安园区", "Xi'an"),), categories={"010200": "质谱仪器"})


def line(asset="", serial="", name="离心机", maker="艾本德", model="5810R", lab="平台", *rest):
    return [asset, serial, name, maker, model, lab, *rest]


def read(*lines, head=HEAD, **options):
    table = tuple(Row(n, tuple(cells)) for n, cells in enumerate([head, *lines], start=1))
    sheet, reading = reading_of([Sheet("", table)], Options("医院", **options))
    return read_rows(sheet.rows, reading), reading


def plan(*lines, known=EMPTY, **options):
    return make_plan(*read(*lines, **options), known)


def codes(problems):
    return [(problem.line, problem.code) for problem in problems]


def after(first):
    """Return what the database knows once the plan was applied: pools from 10, units from 100."""
    lab = Named(5, "平台")
    place = Place(lab.id, lab.name_zh)
    pools = tuple(
        KnownPool(10 + n, 1, lab.id, p.first.manufacturer, p.first.model, p.first.name)
        for n, p in enumerate(first.pools)
    )
    units = tuple(
        KnownUnit(
            100 + n, 10 + u.pool, u.row.asset_no, u.row.serial, u.key,
            content_hash(u.row, Place(1, "西安园区"), place), u.state or "in_service",
        )
        for n, u in enumerate(first.units)
    )  # fmt: skip
    return dataclasses.replace(EMPTY, labs=(lab,), pools=pools, units=units)


def statuses(made):
    return [unit.status for unit in made.units]


# --- reading -----------------------------------------------------------------------------


def test_every_wrong_cell_is_told_with_its_row_heading_and_value():
    rows, _ = read(
        ["A1", "", "离心机", "", "", "", "昨天", "-3"],
        ["A2", "", "", "", "", ""],
        ["A3", "", "质谱仪", "", "", "", "2021年3月5日", "68.5"],
    )

    assert [(p.line, p.column, p.value, p.code) for p in rows.rejected] == [
        (2, "原值（万元）", "-3", "import_amount"),
        (2, "启用日期", "昨天", "import_day"),
        (3, "名称", "", "import_name_missing"),
    ]
    (unit,) = rows.usable
    assert (unit.value_fen, unit.commissioned_on) == (68_500_000, "2021-03-05")


def test_a_unit_without_a_name_is_called_by_maker_and_model_or_its_description():
    rows, _ = read(["A1", "", "", "Zeiss", "LSM 900", ""])
    described, _ = read(["一台好用的离心机"], head=["Description"])

    assert rows.usable[0].name == "Zeiss LSM 900"
    assert described.usable[0].name == "一台好用的离心机"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2016-01-05", "2016-01-05"),
        ("2016/1/5 00:00:00", "2016-01-05"),
        ("2016.1.5", "2016-01-05"),
        ("2016年1月5日", "2016-01-05"),
        ("20160105", "2016-01-05"),
        ("2016年1月", "2016-01-01"),
        ("201601", "2016-01-01"),
        ("2016", "2016-01-01"),
        ("05/01/2016", None),  # day or month first: not guessed
        ("2016-02-30", None),
        ("2016-13-01", None),
    ],
)
def test_days_are_read_as_people_write_them(text, day):
    if day:
        assert iso_day(text) == day
    else:
        with pytest.raises(ValueError, match=r"."):
            iso_day(text)


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("￥1,250.50", 1, 125_050),
        ("12.5", 10_000, 12_500_000),
        ("3 万", 1, 3_000_000),
        ("500元", 10_000, 50_000),
    ],
)
def test_amounts_say_their_unit_or_take_the_columns(text, unit, fen):
    assert amount_fen(text, unit) == fen


def test_an_unknown_state_is_a_warning_and_a_broken_unit_is_down():
    made = plan(
        line("A1", "", "甲", "", "", "平台", "", "", "待修"),
        line("A2", "", "乙", "", "", "平台", "", "", "凑合用"),
    )

    assert [(u.state, u.row.state_note) for u in made.units] == [
        ("down", "待修"),
        ("limited", "凑合用"),
    ]
    assert codes(made.flagged) == [(3, "import_state_unknown")]


# --- planning ----------------------------------------------------------------------------


def test_units_of_one_lab_maker_and_model_fall_into_one_pool():
    made = plan(
        line("A1"), line("A2", name="离心机二号"), line("A3", maker=" 艾本德 ", model="5810r"),
        line("A4", lab="另一平台"), line("A5", model="5427"),
    )  # fmt: skip

    assert [(p.rows, p.new_units, p.first.name, p.lab.name) for p in made.pools] == [
        (3, 3, "离心机", "平台"),
        (1, 1, "离心机", "另一平台"),
        (1, 1, "离心机", "平台"),
    ]
    assert made.new_labs == ("平台", "另一平台")


def test_units_without_a_model_are_grouped_by_name_not_all_together():
    made = plan(line("A1", name="天平", model=""), line("A2", name="烘箱", model=""))

    assert len(made.pools) == 2


def test_the_same_rows_again_are_unchanged_and_an_edited_one_is_changed():
    lines = [line("A1"), line("", "S1"), line(name="天平", model="")]
    known = after(plan(*lines))

    assert statuses(plan(*lines, known=known)) == [UNCHANGED] * 3
    lines[0] = line("A1", name="冷冻离心机")
    lines[2] = line(name="分析天平", model="")
    assert statuses(plan(*lines, known=known)) == [CHANGED, UNCHANGED, NEW]


def test_rows_with_neither_number_are_told_apart_by_their_count_and_flagged():
    lines = [line(), line()]
    made = plan(*lines)

    assert statuses(made) == [NEW, NEW]
    assert codes(made.flagged) == [(2, "import_keyless"), (3, "import_keyless")]
    assert statuses(plan(*lines, line(), known=after(made))) == [UNCHANGED, UNCHANGED, NEW]


def test_a_serial_that_says_nothing_is_no_identity():
    made = plan(line("", "N/A"), line("", "无"), line("", "Unknown"))

    assert statuses(made) == [NEW] * 3
    assert made.rejected == ()


def test_the_second_row_about_a_unit_is_rejected_with_both_rows():
    made = plan(line("A1"), line("", "S1"), line("A1", name="别的"), line("", "s1"))

    assert [(p.line, p.column, p.value, p.parameters["first"]) for p in made.rejected] == [
        (4, "资产编号", "A1", 2),
        (5, "序列号", "s1", 3),
    ]


def test_a_serial_number_is_unique_only_within_its_model():
    assert statuses(plan(line("", "001", model="A"), line("", "001", model="B"))) == [NEW, NEW]


def test_a_number_learned_later_stays_with_the_unit_known_by_its_serial():
    known = after(plan(line("", "S1")))

    made = plan(line("A1", "S1"), known=known)

    assert (made.units[0].status, made.units[0].unit_id) == (CHANGED, 100)


def test_units_without_a_lab_go_to_the_unassigned_lab_and_are_flagged():
    made = plan(line("A1", lab=""))

    assert made.new_labs == ("未分配",)
    assert codes(made.flagged) == [(2, "import_no_lab")]


def test_an_option_beats_a_guessed_column_and_a_mapped_column_beats_the_option():
    assert plan(line("A1"), lab="选项").new_labs == ("选项",)
    assert plan(line("A1"), lab="选项", mapping={"lab": "实验室"}).new_labs == ("平台",)


def test_without_a_site_anywhere_the_only_site_is_taken_and_two_are_refused():
    assert plan(line("A1")).pools[0].site == Place(1, "西安园区")
    assert plan(line("A1"), site="Xi'an").pools[0].site == Place(1, "西安园区")
    two = dataclasses.replace(EMPTY, sites=(Named(1, "西安"), Named(2, "成都")))
    for known in (two, Known()):
        with pytest.raises(Invalid, match="import_site_needed"):
            plan(line("A1"), known=known)


def test_a_site_that_is_named_but_missing_is_to_be_created():
    assert plan(line("A1"), site="成都").new_sites == ("成都",)


def test_a_retired_lab_takes_no_units():
    known = dataclasses.replace(EMPTY, labs=(Named(5, "平台", retired=True),))

    with pytest.raises(Invalid, match="import_place_retired"):
        plan(line("A1"), known=known)


@pytest.mark.parametrize(
    ("text", "code", "flag"),
    [
        ("010200", "010200", None),
        ("质谱仪器", "010200", None),
        ("10200", "010200", None),  # a spreadsheet dropped the zero
        ("010203", "010200", "import_category"),
        ("Etching", None, "import_category_unknown"),
        ("", None, None),
    ],
)
def test_a_class_is_taken_by_code_or_name_else_the_one_above(text, code, flag):
    made = plan(line("A1", "", "甲", "", "", "平台", "", "", "", text))

    assert made.pools[0].category_code == code
    assert [problem.code for problem in made.flagged] == ([flag] if flag else [])


def test_a_whole_pool_follows_the_file_but_a_part_of_it_stays():
    lines = [line("A1"), line("A2")]
    known = after(plan(*lines))

    whole = plan(line("A1", model="5810 R"), line("A2", model="5810 R"), known=known)
    part = plan(line("A1", model="5810 R"), known=known)

    assert [(p.pool_id, p.takes_over, p.new_units) for p in whole.pools] == [(10, True, 0)]
    assert whole.flagged == ()
    assert [(p.pool_id, p.takes_over) for p in part.pools] == [(10, False)]
    assert codes(part.flagged) == [(2, "import_stays_in_pool")]


def test_a_file_neither_retires_a_unit_nor_takes_one_back():
    known = after(plan(line("A1")))

    made = plan(line("A1", "", "甲", "", "", "平台", "", "", "报废"), known=known)

    assert made.units[0].state == "down"
    assert "import_retired_by_hand" in [problem.code for problem in made.flagged]


def test_a_sheet_without_anything_to_call_units_by_is_refused():
    with pytest.raises(Invalid, match="import_no_names"):
        read(["1", "2"], head=["x", "y"])
