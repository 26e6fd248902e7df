"""Reading spreadsheets: encodings, delimiters, workbooks, and what is refused and why."""

import io
import zipfile
from dataclasses import replace

import pytest
import xlsxwriter

import config
from booking.core.errors import Invalid
from booking.infra.sheets.delimited import guess_delimiter
from booking.infra.sheets.encoding import decode
from booking.infra.sheets.limits import limits_of
from booking.infra.sheets.parse import parse
from booking.infra.sheets.read import read_sheets
from tests.samples import sample, sample_files

LIMITS = limits_of(vars(config.Default))
CHINESE = "仪器名称,规格型号\n高速冷冻离心机,5810R\n质谱仪,QE\n"
FRENCH = "Nom,Modèle\nCaméra à fente,C-1\nMicroscope à fluorescence,«M»\n"


def cells(content, limits=LIMITS):
    return [row.cells for row in parse(content, limits)[0].rows]


def refusal(content, limits=LIMITS, read=parse):
    with pytest.raises(Invalid) as caught:
        read(content, limits)
    return caught.value.code, caught.value.parameters


def rows_or_code(content):
    try:
        return sum(len(sheet.rows) for sheet in parse(content, LIMITS))
    except Invalid as refused:
        return refused.code


def workbook(rows):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("设备")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return target.getvalue()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "gb18030"),
        (CHINESE, "utf-16"),
        (CHINESE, "utf-16-le"),
        (CHINESE, "utf-16-be"),
        (CHINESE, "utf-32"),
        (CHINESE, "utf-32-be"),
        (FRENCH, "mac_roman"),
        (FRENCH, "cp1252"),
        (FRENCH, "latin-1"),
        (FRENCH, "utf-16-le"),
        ("a,b\n1,2\n", "ascii"),
    ],
)
def test_each_encoding_reads_back_as_written(text, encoding):
    assert decode(text.encode(encoding))[0] == text


def test_one_broken_letter_does_not_turn_a_chinese_file_into_nonsense():
    utf8 = (CHINESE * 5).encode() + "仪器".encode()[:-1]
    gb = (CHINESE * 5).encode("gb18030") + b"\xff\n"

    assert decode(utf8)[1] == "utf-8"
    assert decode(gb)[1] == "gb18030"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a\tb\n1,5\t2\n3,5\t4\n", "\t"),
        ("name;price\nx;1,5\ny;2,5\n", ";"),
        ("a|b\n1|2\n", "|"),
        ('a,b\n"x;y;z",2\n"p;q;r",3\n', ","),
        ("only\none\ncolumn\n", ","),
    ],
)
def test_the_delimiter_is_the_one_that_splits_rows_evenly(text, delimiter):
    assert guess_delimiter(text) == delimiter


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    rows = parse(b'a,b\n\n"two\nlines",2\n3,4\n', LIMITS)[0].rows

    assert [(row.number, row.cells) for row in rows] == [
        (1, ("a", "b")),
        (3, ("two\nlines", "2")),
        (4, ("3", "4")),
    ]


@pytest.mark.parametrize("content", [b"a,b\r1,2\r", b"a,b\r\n1,2\r\n", b"sep=;\r\na;b\r\n1;2"])
def test_every_line_end_and_excels_sep_line_are_understood(content):
    assert cells(content) == [("a", "b"), ("1", "2")]


def test_zero_bytes_and_a_quote_never_closed_lose_no_row():
    assert cells(b"a,b\n1,\x002\n") == [("a", "b"), ("1", "2")]
    long = b'name,size\n"3 inch pipe,1\n' + b"x,2\n" * 20_000

    assert len(cells(long)) == 20_002


def test_control_characters_are_left_out_but_lines_inside_a_cell_stay():
    assert cells(b'a\x00b,c\x1cd\n"x\ny",\x7fz\n') == [("ab", "cd"), ("x\ny", "z")]


def test_a_workbook_is_known_by_its_content_and_numbers_stay_whole():
    content = workbook([["资产编号", "原值"], [20150001, 12.5], ["00123", True]])

    assert cells(content) == [("资产编号", "原值"), ("20150001", "12.5"), ("00123", "true")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import_empty"),
        (b"\xef\xbb\xbf \r\n", "import_empty"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "import_not_a_table"),
        (b'<?xml version="1.0"?><Workbook/>', "import_not_a_table"),
        (b'[{"name": "a"},]', "import_not_a_table"),
        (b"%PDF-1.7", "import_not_a_table"),
        (b"\x01\x02\x03\x04" * 100, "import_not_a_table"),
        (b"PK\x03\x04 not really a zip", "import_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "import_damaged"),
    ],
)
def test_what_is_no_table_is_refused_by_name(content, code):
    assert refusal(content)[0] == code


def test_too_many_columns_or_rows_are_refused_with_the_count():
    wide = ",".join(f"c{n}" for n in range(14_939)).encode() + b"\n"

    assert refusal(wide) == ("import_columns", {"limit": 512, "actual": 14_939})
    few = replace(LIMITS, rows=10)
    assert refusal(b"x,1\n" * 25, few) == ("import_rows", {"limit": 10, "actual": 25})


def test_trailing_blank_columns_and_rows_do_not_count():
    content = b"a,b" + b"," * 20_000 + b"\n1,2\n" + b",,\n" * 60_000

    assert cells(content) == [("a", "b"), ("1", "2")]


def test_zip_bombs_are_refused_from_their_directory():
    def packed(entries):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                archive.writestr(name, content)
        return target.getvalue()

    assert refusal(packed([("a", bytes(60 * 1024**2))]))[0] == "import_unpacked"
    assert refusal(packed([("a", bytes(1024**2))]))[0] == "import_zip_ratio"
    assert refusal(packed([(f"{n}", b"x") for n in range(201)]))[0] == "import_zip_entries"


def test_the_child_process_is_stopped_at_its_memory_and_time_limits():
    content = b"a,b\n" + b"1,2\n" * 1_000_000
    lean = replace(LIMITS, rows=2_000_000, memory_mib=150)
    hasty = replace(LIMITS, rows=2_000_000, seconds=1)

    assert refusal(content, lean, read_sheets)[0] == "import_too_big"
    assert refusal(content * 4, hasty, read_sheets)[0] in {"import_too_slow", "import_too_big"}


def test_the_child_process_tells_why_it_refuses():
    assert refusal(b"", read=read_sheets) == ("import_empty", {})
    assert read_sheets(CHINESE.encode("gb18030"), LIMITS)[0].rows[1].cells[1] == "5810R"


@pytest.mark.parametrize("path", sample_files("spreadsheets", "equipment", "bookings", "taxonomy"))
def test_every_sample_file_is_read_or_refused_with_a_reason(path):
    outcome = rows_or_code(sample(path).read_bytes())

    assert outcome > 0 if isinstance(outcome, int) else outcome.startswith("import_")


LOCKED = ["pass_protected.xlsx", "pass_protected.xlsb", "pass_protected.ods"]


@pytest.mark.parametrize(
    "path",
    [f"spreadsheets/calamine/{name}" for name in LOCKED]
    + ["spreadsheets/messytables-horror/encrypted_no_password.xls"],
)
def test_locked_workbooks_are_refused_as_encrypted(path):
    assert refusal(sample(path).read_bytes())[0] == "import_encrypted"


def test_the_mac_roman_inventory_keeps_its_addresses_clean():
    content = sample("equipment/st-andrews/equipment.csv").read_bytes()

    assert decode(content)[1] == "mac_roman"
    rows = parse(content, LIMITS)[0].rows
    assert len(rows) == 624
    assert not any("\xca" in cell for row in rows for cell in row.cells)
