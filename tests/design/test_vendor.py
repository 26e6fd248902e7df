"""Vendored files are what the manifest says, and templates use only what is there."""

import json
import re

import pytest

from tools.i18n import ROOT
from tools.vendor import ICONS, PACKAGES, SPRITE, VENDOR, sha384

MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Names of icons in templates, and in the navigation that Python builds.
IN_TEMPLATE = re.compile(r"""\b(?:icon|p\.empty)\(\s*["']([a-z0-9-]+)["']""")


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["name"])
def test_a_vendored_file_has_the_recorded_hash_and_a_licence(entry):
    assert entry["licence"]
    assert any(path.endswith("LICENSE") for path in entry["files"])
    for path, digest in entry["files"].items():
        assert sha384((VENDOR / path).read_bytes()) == digest, path


def test_the_manifest_lists_every_vendored_file_at_the_versions_the_script_fetches():
    listed = {path for entry in MANIFEST for path in entry["files"]} | {"manifest.json"}
    present = {str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*") if p.is_file()}
    assert listed == present
    assert {f"{entry['name']}@{entry['version']}" for entry in MANIFEST} == set(PACKAGES)


def test_every_icon_a_template_uses_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / SPRITE).read_text()))
    assert drawn == set(ICONS)
    used = {name for path in TEMPLATES for name in IN_TEMPLATE.findall(path.read_text())}
    assert used
    assert used <= drawn


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize(
    "path", sorted((ROOT / "booking" / "static" / "js").glob("*.js")), ids=lambda path: path.name
)
def test_a_script_module_is_short(path):
    # The one component of our own, lanes × time, is as long as any other file may be.
    most = 300 if path.name.startswith("lanes") else 80
    assert len(path.read_text(encoding="utf-8").splitlines()) < most


@pytest.mark.parametrize("sheet", ["frame", "forms", "parts", "more", "week"])
def test_colours_are_written_in_the_tokens_only(sheet):
    path = ROOT / "booking" / "static" / "css" / f"{sheet}.css"
    text = re.sub(r"url\(.*?\)", "", path.read_text(encoding="utf-8"))
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(\s*\d|hsl", text) == []
