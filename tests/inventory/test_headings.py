"""Finding the heading and guessing what its columns are."""

import pytest

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.inventory.rules.columns import JOINED, UNIT_WORDS
from booking.inventory.rules.headings import Source, best_sheet, find_header, guess, mapped


def rows(*lines):
    return tuple(Row(number, tuple(line)) for number, line in enumerate(lines, start=1))


def columns(*labels):
    found = guess(labels, UNIT_WORDS, JOINED)
    return {name: [labels[c] for c in source.columns] for name, source in found.items()}


def test_chinese_and_english_headings_are_known_whatever_their_case_and_signs():
    assert columns("资产编号", "Serial No.", "规格／型号", "MANUFACTURER", "名称") == {
        "asset_no": ["资产编号"],
        "serial": ["Serial No."],
        "model": ["规格／型号"],
        "manufacturer": ["MANUFACTURER"],
        "name": ["名称"],
    }


def test_instructions_inside_a_heading_are_left_out():
    found = columns(
        "仪器编号（不可修改、新增仪器请空缺不填）",
        "所在单位仪器编号",
        "*仪器设备名称（必填）",
        "原值（单位万元、保留小数点后两位）",
        "建账日期（例：2016-01-01）",
    )

    assert found["asset_no"] == ["所在单位仪器编号"]  # not the platform's own number
    assert found["name"] == ["*仪器设备名称（必填）"]
    assert found["value"] == ["原值（单位万元、保留小数点后两位）"]
    assert found["commissioned_on"] == ["建账日期（例：2016-01-01）"]


def test_the_platforms_wire_names_are_known():
    assert columns("innerId", "cname", "ename", "instrVersion", "insideDepart", "worth") == {
        "asset_no": ["innerId"],
        "name": ["cname"],
        "name_en": ["ename"],
        "model": ["instrVersion"],
        "lab": ["insideDepart"],
        "value": ["worth"],
    }


def test_uniquip_names_are_known():
    assert set(columns("institutionID", "name", "managingDepartment", "commissionedDate")) == {
        "asset_no", "name", "lab", "commissioned_on",
    }  # fmt: skip
    assert columns("Description", "Site Location", "Department") == {
        "description": ["Description"],
        "site": ["Site Location"],
        "lab": ["Department"],
    }


def test_a_place_is_put_together_from_its_columns_in_order():
    assert columns("name", "Building", "Room")["place"] == ["Building", "Room"]


def test_the_heading_is_found_below_titles_and_group_headings():
    sheet = rows(
        ["大型仪器清单"],
        ["仪器基本信息", "", "", "联系人"],
        ["资产编号", "仪器名称", "型号", "联系人"],
        ["1", "离心机", "5810R", "王"],
    )

    header = find_header(sheet, UNIT_WORDS, JOINED)

    assert header.labels == ("资产编号", "仪器名称", "型号", "联系人")
    assert header.first_row == 3


def test_a_heading_over_two_rows_is_read_as_one():
    sheet = rows(["资产编号", "仪器", ""], ["", "名称", "型号"], ["1", "离心机", "5810R"])

    header = find_header(sheet, UNIT_WORDS, JOINED)

    assert header.labels == ("资产编号", "名称", "型号")
    assert header.first_row == 2


def test_blank_and_repeated_headings_get_letters():
    header = find_header(rows(["name", "", "name"], ["a", "b", "c"]), UNIT_WORDS, JOINED)

    assert header.labels == ("name", "B", "name (C)")


def test_the_sheet_that_names_most_is_taken():
    notes = Sheet("说明", rows(["填表说明"], ["请认真填写"]))
    units = Sheet("设备", rows(["编号", "名称"], ["1", "离心机"]))

    assert best_sheet([notes, units], UNIT_WORDS, JOINED)[0].name == "设备"


def test_a_mapping_takes_columns_by_heading_or_letters_lists_and_constants():
    labels = ("编码", "A 名", "Room", "Floor")
    spec = {
        "asset_no": "编码",
        "name_zh": "b",
        "place": ["Floor", "Room"],
        "site": {"const": "西安"},
        "lab": None,
    }

    assert mapped(spec, labels, UNIT_WORDS) == {
        "asset_no": Source((0,)),
        "name": Source((1,)),
        "place": Source((3, 2)),
        "site": Source(const="西安"),
        "lab": Source(),
    }


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"colour": "A"}, "import_unknown_field"),
        ({"name": "Nom"}, "import_unknown_column"),
        ({"name": 3}, "import_bad_mapping"),
        ({"name": []}, "import_bad_mapping"),
        ({"name": {"const": "x", "more": 1}}, "import_bad_mapping"),
        ({"name": {"const": ["x"]}}, "import_bad_mapping"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_by_name(spec, code):
    with pytest.raises(Invalid) as caught:
        mapped(spec, ("A", "B"), UNIT_WORDS)

    assert caught.value.code == code
    assert caught.value.parameters["actual"]
