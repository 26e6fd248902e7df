"""What the scanners are aimed at, and kept from, is there."""

from urllib.parse import urlsplit

import pytest

from bench.drills.r17_scanners import ENDS, PAGES


@pytest.mark.parametrize("path", [*PAGES, *ENDS])
def test_every_address_of_the_scanners_is_a_page(app, path):
    routes = app.url_map.bind("test.example")
    methods = [m for m in ("GET", "POST") if routes.test(urlsplit(path).path, method=m)]

    assert methods
