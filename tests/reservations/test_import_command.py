"""Importing reservations by command: real installs, sample bookings, overlaps told."""

import json

import pytest
from sqlalchemy import func, select

from booking.companies.models import Institution, Lab, Site
from booking.infra.db import db
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Allocation, Reservation
from booking.reservations.rules.imports import OPEN_END
from tests.factories import create_institution, create_pool, create_unit
from tests.samples import sample

GEONET = {
    "antennas": 464, "cameras": 78, "dataloggers": 1500, "doases": 9, "metsensors": 7,
    "radomes": 25, "receivers": 869, "recorders": 2838, "sensors": 1948,
}  # fmt: skip
HEAD = "resource,start,end,who\n"
MORNING = "A1,2026-03-01 09:00,2026-03-01 10:00,王\n"
OVERLAP = "A1,2026-03-01 09:30,2026-03-01 10:30,李\n"
NEXT = "A1,2026-03-01 10:00,2026-03-01 11:00,赵\n"


@pytest.fixture
def run(any_app):
    """Return a function that runs a command and returns its exit code and JSON report."""

    def invoke(*arguments):
        result = any_app.test_cli_runner().invoke(args=[*map(str, arguments), "--json"])
        assert result.exit_code in (0, 1, 2), result.output
        return result.exit_code, json.loads(result.stdout) if result.exit_code < 2 else None

    return invoke


@pytest.fixture
def load(run, tmp_path, any_app):
    with any_app.app_context():
        create_unit(db.session(), create_pool(db.session(), units=0), asset_no="A1")

    def invoke(content, *arguments):
        path = tmp_path / "bookings.csv"
        path.write_text(content)
        return run("import-reservations", path, *arguments)

    return invoke


def count(app, table):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def figures(report):
    return [
        report["imported"], report["unchanged"], len(report["conflicts"]), len(report["rejected"])
    ]  # fmt: skip


def test_an_overlapping_pair_is_told_with_both_rows_and_the_rest_goes_in(any_app, load):
    code, report = load(HEAD + MORNING + OVERLAP + NEXT, "--yes")

    assert code == 0
    assert report == {
        "imported": 2,
        "unchanged": 0,
        "conflicts": [{"row": 3, "with_row": 2, "resource": "A1"}],
        "rejected": [],
    }
    assert count(any_app, Allocation) == 2


def test_again_is_unchanged_and_an_earlier_import_is_in_the_way_without_a_row(load):
    load(HEAD + MORNING + NEXT, "--yes")

    assert figures(load(HEAD + MORNING + NEXT, "--yes")[1]) == [0, 2, 0, 0]
    again = load(HEAD + OVERLAP, "--yes")
    assert again[0] == 1
    assert again[1]["conflicts"] == [{"row": 2, "with_row": None, "resource": "A1"}]


def test_json_without_yes_loads_nothing_but_says_what_would_be(any_app, load):
    code, report = load(HEAD + MORNING + OVERLAP + "B9,2026-03-01,2026-03-02,王\n")

    assert code == 0
    assert figures(report) == [1, 0, 1, 1]
    assert report["rejected"][0]["row"] == 4
    assert set(report["rejected"][0]) == {"row", "column", "value", "reason"}
    assert count(any_app, Reservation) == 0


def test_what_is_missing_is_created_when_asked_to(any_app, load):
    content = HEAD + "显微镜,2026-03-01,2026-03-02,王\n显微镜,2026-03-02,2026-03-03,王\n"
    places = ("--create-missing", "--institution", "甲", "--site", "成都", "--lab", "平台")

    assert figures(load(content, *places)[1]) == [2, 0, 0, 0]
    assert count(any_app, Unit) == 1
    assert figures(load(content, *places, "--yes")[1]) == [2, 0, 0, 0]
    assert figures(load(content, *places, "--yes")[1]) == [0, 2, 0, 0]

    with any_app.app_context():
        assert db.session.scalars(select(Site.name_zh).order_by(Site.id.desc())).first() == "成都"
        assert db.session.scalars(select(Lab.name_zh).order_by(Lab.id.desc())).first() == "平台"
        assert db.session.scalar(select(func.count()).select_from(Institution)) == 2
        assert db.session.scalars(select(Pool.name_zh).order_by(Pool.id.desc())).first() == "显微镜"


@pytest.mark.parametrize(
    "arguments",
    [("--create-missing",), ("--create-missing", "--site", "成都"), ("--mapping", "nowhere.json")],
)
def test_wrong_usage_exits_2(any_app, load, arguments):
    assert load(HEAD + MORNING, "--yes", *arguments)[0] == 2
    assert count(any_app, Reservation) == 0


def test_a_file_without_a_usable_row_exits_1(load):
    assert load("x,y\n1,2\n")[0] == 1
    assert load(HEAD + "B9,2026-03-01,2026-03-02,王\n")[0] == 1


def test_an_institution_narrows_the_search(any_app, load):
    with any_app.app_context():
        other = create_institution(db.session(), name_zh="乙")
        pool = create_pool(db.session(), units=0, institution_id=other.id)
        create_unit(db.session(), pool, asset_no="A1")

    assert figures(load(HEAD + MORNING)[1]) == [0, 0, 0, 1]
    assert figures(load(HEAD + MORNING, "--institution", "乙")[1]) == [1, 0, 0, 0]


def test_all_real_installs_go_in_back_to_back_and_open_ended(any_app, run):
    where = ("--institution", "GeoNet", "--site", "Wellington", "--yes")
    for name, installs in GEONET.items():
        run("import-units", sample(f"equipment/geonet-delta/assets/{name}.csv"), *where)
        path = sample(f"bookings/geonet-delta-install/{name}.csv")
        assert figures(run("import-reservations", path, "--yes")[1]) == [installs, 0, 0, 0]
    path = sample("bookings/geonet-delta-install/recorders.csv")
    assert figures(run("import-reservations", path, "--yes")[1]) == [0, 2838, 0, 0]

    assert count(any_app, Reservation) == 7738
    with any_app.app_context():
        open_ended = select(func.count()).where(Allocation.block_end == OPEN_END)
        assert db.session.scalar(open_ended) == 1751


def test_all_sample_bookings_go_in_by_number_or_as_new_things(any_app, run, tmp_path):
    units, bookings = tmp_path / "units.json", tmp_path / "bookings.json"
    units.write_text(json.dumps({"asset_no": "facid", "name": "name"}))
    slots = {"column": "slots", "minutes": 30}
    columns = {"resource": "facid", "start": "starttime", "duration": slots, "who": "memid"}
    bookings.write_text(json.dumps(columns))
    where = ("--institution", "Club", "--site", "London", "--yes")
    facilities = sample("bookings/pgexercises/facilities.csv")
    run("import-units", facilities, "--mapping", units, *where)
    path = sample("bookings/pgexercises/bookings.csv")

    load = ("import-reservations", path, "--mapping", bookings, "--yes")
    assert figures(run(*load)[1]) == [4044, 0, 0, 0]
    assert figures(run(*load)[1]) == [0, 4044, 0, 0]
    new = ("--create-missing", "--institution", "Other club", "--site", "London")
    assert figures(run(*load, *new)[1]) == [4044, 0, 0, 0]
    assert count(any_app, Unit) == 18
