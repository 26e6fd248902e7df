"""Static files: kept for long under an address of their content, and packed."""

import gzip
import re
from pathlib import Path

import pytest

from booking.web import assets
from tests import factories
from tests.pages import browser

FOLDER = Path(assets.__file__).parents[1] / "static"
SHEET = "vendor/bootstrap/bootstrap.min.css"


@pytest.fixture
def links(client):
    """Return what the first page loads."""
    found = re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get("/account/sign-in").text)
    assert len(found) > 9
    return found


def test_every_file_of_a_page_is_kept_for_a_year(client, links):
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" in answer.headers


def test_modules_that_scripts_import_are_under_the_same_version(client, links):
    (script,) = [link for link in links if link.endswith("app.js")]
    imports = re.findall(r'from "./([^"]+)"', client.get(script).text)
    assert imports
    for name in imports:
        answer = client.get(script.replace("app.js", name))
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert "immutable" in answer.headers["Cache-Control"]


def test_the_version_follows_the_content(tmp_path):
    file = tmp_path / "a.css"
    file.write_text("a {}")
    first = assets._version({"a.css": file})
    assert assets._version({"a.css": file}) == first
    assert assets._version({"b.css": file}) != first

    file.write_text("b {}")

    assert assets._version({"a.css": file}) != first


def test_a_file_of_another_release_is_not_kept(client):
    answer = client.get(f"/static/older/{SHEET}")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_what_a_browser_unpacks_is_the_file(client):
    plain = client.get(f"/static/x/{SHEET}")
    packed = client.get(f"/static/x/{SHEET}", headers={"Accept-Encoding": "br, gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.data == gzip.decompress(packed.data) == (FOLDER / SHEET).read_bytes()
    assert len(packed.data) * 5 < len(plain.data)
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_who_refuses_gzip_gets_none(client):
    answer = client.get(f"/static/x/{SHEET}", headers={"Accept-Encoding": "gzip;q=0, identity"})

    assert "Content-Encoding" not in answer.headers


def test_an_unchanged_file_is_not_sent_again(client):
    tag = client.get(f"/static/x/{SHEET}").headers["ETag"]

    answer = client.get(f"/static/x/{SHEET}", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    "name", ["../config.py", "..%2f..%2fconfig.py", "css", "css/", "css/nothing.css", "/etc/passwd"]
)
def test_nothing_else_is_served_nor_kept(client, name):
    answer = client.get(f"/static/x/{name}")

    assert answer.status_code in (308, 404)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_that_caches_may_share_carries_no_cookie(app, session):
    client = browser(app, factories.create_user(session))

    answer = client.get(f"/static/x/{SHEET}")

    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]


def test_pages_are_neither_kept_nor_packed(client):
    answer = client.get("/account/sign-in", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers
