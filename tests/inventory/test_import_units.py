"""Importing units into a real database, through the service and the command."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update

from booking.audit.models import Audit
from booking.companies.models import Institution, Lab, Site
from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.infra.db import db, transaction
from booking.inventory.models import Contribution, Pool, Unit
from booking.inventory.rules.reading import Options
from booking.inventory.services.imports import import_units
from booking.reservations.queries.in_use import bars_at
from tests.conftest import NOW
from tests.factories import create_site

HEAD = "资产编号,名称,厂家,型号,实验室,存放地点,状态"
LINES = (
    "A1,高速离心机,艾本德,5810R,蛋白平台,1楼,正常",
    "A2,高速离心机,艾本德,5810R,蛋白平台,2楼,待修",
    "A3,质谱仪,赛默飞,QE,质谱平台,3楼,报废",
)


def sheet(*lines, head=HEAD):
    table = [Row(n, tuple(text.split(","))) for n, text in enumerate((head, *lines), start=1)]
    return [Sheet("", tuple(table))]


def run(*lines, head=HEAD, **options):
    chosen = Options("华西医院", **{"site": "成都", **options})
    with transaction() as session:
        sheets = sheet(*lines, head=head)
        plan = import_units(session, None, sheets, chosen, "x.csv", NOW, bars_at(NOW)).plan
    return [plan.count(status) for status in ("new", "changed", "unchanged")]


def one(query):
    return db.session.scalars(query).one()


# --- the service -------------------------------------------------------------------------


def test_units_go_in_with_their_pools_labs_site_and_institution(any_session):
    assert run(*LINES) == [3, 0, 0]

    assert one(select(Institution)).name_zh == "华西医院"
    assert one(select(Site)).name_zh == "成都"
    pools = any_session.scalars(select(Pool).order_by(Pool.id)).all()
    assert [(p.name_zh, p.manufacturer, p.model) for p in pools] == [
        ("高速离心机", "艾本德", "5810R"),
        ("质谱仪", "赛默飞", "QE"),
    ]
    units = any_session.scalars(select(Unit).order_by(Unit.id)).all()
    assert [(u.asset_no, u.state, u.place, u.pool_id) for u in units] == [
        ("A1", "in_service", "1楼", pools[0].id),
        ("A2", "down", "2楼", pools[0].id),
        ("A3", "retired", "3楼", pools[1].id),
    ]
    assert units[2].retired_at == NOW
    assert one(select(Audit).where(Audit.action == "import_units")).after.count("x.csv") == 1


def test_new_pools_are_found_by_search_at_once(any_session):
    run(*LINES)

    texts = any_session.scalars(select(Pool.search_text).order_by(Pool.id)).all()
    assert "gslxj" in texts[0]
    assert "a2" in texts[0].lower()


def test_the_same_file_again_changes_nothing_and_keeps_what_people_corrected(any_session):
    run(*LINES)
    with transaction() as session:
        session.execute(update(Unit).values(place="搬走了"))

    assert run(*LINES) == [0, 0, 3]

    assert set(any_session.scalars(select(Unit.place))) == {"搬走了"}
    assert one(select(func.count()).select_from(Audit)) == 1


def test_an_edited_row_changes_its_unit_and_nothing_the_file_is_silent_about(any_session):
    run(*LINES)

    assert run("A1,超速离心机", head="资产编号,名称") == [0, 1, 0]

    unit = one(select(Unit).where(Unit.asset_no == "A1"))
    assert (unit.name, unit.place, unit.state) == ("超速离心机", "1楼", "in_service")


def test_a_pool_of_which_the_file_has_all_units_follows_it(any_session):
    run(*LINES)

    changed = [text.replace("5810R", "5810 R").replace("蛋白", "蛋白质") for text in LINES[:2]]
    assert run(*changed) == [0, 2, 0]

    pool = one(select(Pool).where(Pool.name_zh == "高速离心机"))
    assert pool.model == "5810 R"
    assert any_session.get(Lab, pool.lab_id).name_zh == "蛋白质平台"
    assert one(select(func.count()).select_from(Pool)) == 2


def test_a_serial_number_keeps_its_unit_when_the_asset_number_is_learned(any_session):
    head = "序列号,型号,资产编号"
    run("S1,X,", head=head)

    assert run("S1,X,B7", head=head) == [0, 1, 0]
    assert run("S1,X,", head=head) == [0, 1, 0]

    unit = one(select(Unit))
    assert (unit.serial, unit.asset_no) == ("S1", "B7")  # a blank cell erases no number


def test_new_pools_are_shared_over_whole_days_of_their_site(any_session):
    run(*LINES, share_from=date(2026, 12, 1), share_until=date(2026, 12, 31))

    agreements = any_session.scalars(select(Contribution)).all()
    assert len(agreements) == 2
    assert agreements[0].from_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert agreements[0].until_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    run("A9,移液器", head="资产编号,名称", share_until=None)
    assert one(select(func.count()).select_from(Contribution)) == 2


def test_nothing_goes_in_when_something_fails_half_way(any_session, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr("booking.inventory.services.imports.refresh_search", fail)
    with pytest.raises(RuntimeError):
        run(*LINES)

    for table in (Institution, Site, Lab, Pool, Unit):
        assert one(select(func.count()).select_from(table)) == 0


def test_a_retired_institution_takes_no_units(any_session):
    run(*LINES)
    with transaction() as session:
        session.execute(update(Institution).values(retired_at=NOW))

    with pytest.raises(Invalid, match="import_place_retired"):
        run(*LINES)


# --- the command -------------------------------------------------------------------------


@pytest.fixture
def command(app, tmp_path):
    def invoke(content, *arguments, name="units.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        args = ["import-units", str(path), "--institution", "华西医院", *arguments]
        return app.test_cli_runner().invoke(args=args)

    return invoke


def units(app):
    with app.app_context():
        return one(select(func.count()).select_from(Unit))


CONTENT = "\n".join((HEAD, *LINES))


def test_json_without_yes_is_a_dry_run_and_with_it_imports(app, command):
    dry = command(CONTENT, "--site", "成都", "--json")
    assert (dry.exit_code, units(app)) == (0, 0)

    done = command(CONTENT, "--site", "成都", "--json", "--yes")
    assert (done.exit_code, units(app)) == (0, 3)
    again = json.loads(command(CONTENT, "--site", "成都", "--json", "--yes").stdout)
    assert again == {"new": 0, "changed": 0, "unchanged": 3, "flagged": [], "rejected": []}


def test_json_lists_flagged_and_rejected_rows_by_row_column_value_and_reason(command):
    content = "资产编号,名称,启用日期\nA1,甲,2020-01-01\nA1,乙,2020-01-01\nA2,丙,昨天\n"

    report = json.loads(command(content, "--site", "成都", "--json").stdout)

    assert [report[name] for name in ("new", "changed", "unchanged")] == [1, 0, 0]
    assert [(p["row"], p["column"], p["value"]) for p in report["rejected"]] == [
        (3, "资产编号", "A1"),
        (4, "启用日期", "昨天"),
    ]
    assert report["rejected"][0]["reason"].count("2") == 1
    assert {p["row"] for p in report["flagged"]} == {2}
    assert all(set(p) == {"row", "column", "value", "reason"} for p in report["flagged"])


def test_a_file_without_a_usable_row_exits_1(command):
    refused = command(b"\x89PNG\r\n", "--json")
    assert refused.exit_code == 1
    report = json.loads(refused.stdout)
    assert report["new"] == 0
    assert report["rejected"][0]["reason"]

    assert command("名称,启用日期\n甲,昨天\n", "--site", "成都", "--yes").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),  # no site, and no only one
        ("--site", "成都", "--share-from", "2026-02-01", "--share-until", "2026-01-01"),
        ("--site", "成都", "--share-from", "soon"),
        ("--site", "成都", "--mapping", "nowhere.json"),
        ("--colour", "red"),
    ],
)
def test_wrong_usage_exits_2_and_imports_nothing(app, command, arguments):
    assert command(CONTENT, "--yes", *arguments).exit_code == 2
    assert units(app) == 0


@pytest.mark.parametrize("mapping", ["[1]", "{", '{"colour": "名称"}', '{"name": "Nom"}'])
def test_a_mapping_that_cannot_be_meant_exits_2(command, tmp_path, mapping):
    path = tmp_path / "mapping.json"
    path.write_text(mapping)

    assert command(CONTENT, "--site", "成都", "--mapping", str(path)).exit_code == 2


def test_a_mapping_file_names_columns_lists_and_constants(app, command, tmp_path):
    path = tmp_path / "mapping.json"
    spec = {
        "asset_no": "x",
        "name": ["y", "z"],
        "site": {"const": "成都"},
        "lab": {"const": "平台"},
    }
    path.write_text(json.dumps(spec))

    done = command("x;y;z\n1;Hot;Plate\n", "--mapping", str(path), "--yes")

    assert done.exit_code == 0
    with app.app_context():
        unit = one(select(Unit))
        assert (unit.asset_no, unit.name) == ("1", "Hot Plate")


def test_the_only_site_is_taken_and_without_yes_nobody_is_asked_twice(app, command):
    with app.app_context():
        create_site(db.session())

    assert command(CONTENT).exit_code == 1  # no terminal: the question is not answered
    assert command(CONTENT, "--dry-run", "--yes").exit_code == 0
    assert units(app) == 0
