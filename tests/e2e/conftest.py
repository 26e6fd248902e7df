"""How pages are opened: each test that takes a `look` runs once for each of its module's LOOKS."""

from typing import Any

import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test in every language, width and colours its module names."""
    if "look" in metafunc.fixturenames and hasattr(metafunc.module, "LOOKS"):
        looks = metafunc.module.LOOKS
        metafunc.parametrize("look", looks, ids=["-".join(map(str, look)) for look in looks])


@pytest.fixture
def browser_settings(look: tuple[str, int, str]) -> dict[str, Any]:
    """Return how the pages are opened."""
    locale, width, colours = look
    viewport = {"width": width, "height": 800}
    return {"locale": locale, "viewport": viewport, "color_scheme": colours}
