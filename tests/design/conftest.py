"""The stage, alone and served."""

import pytest

from tests.design.stage import create_stage


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """Return the stage instead of the product: templates only, no database."""
    return create_stage(tmp_path_factory.mktemp("stage"))
