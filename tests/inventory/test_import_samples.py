"""Real inventories, in their own shapes, through the command."""

import json

import pytest

from tests.samples import sample, sample_files

GEONET = [
    ("antennas", 453), ("cameras", 64), ("dataloggers", 1071), ("doases", 7), ("metsensors", 12),
    ("radomes", 24), ("receivers", 650), ("recorders", 1799), ("sensors", 1766),
]  # fmt: skip


@pytest.fixture
def command(app):
    def invoke(path, *arguments):
        args = [
            "import-units",
            str(sample(path)),
            "--institution",
            "甲",
            "--site",
            "西安",
            "--json",
        ]
        result = app.test_cli_runner().invoke(args=[*args, *arguments])
        assert result.exit_code in (0, 1), result.output
        return result.exit_code, json.loads(result.stdout)

    return invoke


def counts(report):
    return [report["new"], report["changed"], report["unchanged"], len(report["rejected"])]


def test_all_real_units_go_in_and_again_are_unchanged(command):
    assert counts(command("equipment/_union_units.csv", "--yes")[1]) == [7018, 0, 0, 0]
    assert counts(command("equipment/_union_units.csv", "--yes")[1]) == [0, 0, 7018, 0]


@pytest.mark.parametrize(
    ("path", "units"),
    [
        *((f"equipment/geonet-delta/assets/{name}.csv", count) for name, count in GEONET),
        ("equipment/st-andrews/equipment.csv", 623),
        ("equipment/pnnl-dms/instrument_name.csv", 263),
        ("equipment/pnnl-dms/emsl_instruments.csv", 149),
        ("equipment/nist-nemo/nemo_tools_extracted.csv", 137),
    ],
)
def test_each_inventory_goes_in_whole_in_its_own_shape(command, path, units):
    assert counts(command(path, "--yes")[1]) == [units, 0, 0, 0]
    assert counts(command(path)[1]) == [0, 0, units, 0]


@pytest.mark.parametrize("path", sample_files("spreadsheets", "equipment"))
def test_every_sample_file_is_imported_or_refused_with_a_reason(command, path):
    code, report = command(path)

    usable = report["new"] + report["changed"] + report["unchanged"]
    assert code == (0 if usable else 1)
    assert usable or all(problem["reason"] for problem in report["rejected"])
