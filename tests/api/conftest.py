"""The cast and their callers, on both engines."""

from types import SimpleNamespace

import pytest

from tests.api.caller import Caller
from tests.cast import Cast, cast


@pytest.fixture
def people(any_session, clock) -> Cast:
    """Return the cast on each engine; the clock stands."""
    return cast(any_session)


@pytest.fixture
def api(people, any_client) -> SimpleNamespace:
    """Return a caller for each of the cast by name, and `nobody` without a token."""
    names = ("ada", "bo", "cy", "mei", "dee", "rep", "ops")
    callers = {name: Caller(any_client, getattr(people, name)) for name in names}
    return SimpleNamespace(nobody=Caller(any_client, None), **callers)
