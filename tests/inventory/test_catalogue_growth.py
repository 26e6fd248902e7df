"""The catalogue sends as many statements at 12,000 units as at 12."""

import pytest

from bench.synthetic import fill
from booking.core.actor import Actor, Party
from booking.core.period import Period
from booking.infra.db import db, transaction
from booking.inventory.queries.catalogue import Criteria, facet_names, search_pools
from booking.inventory.rules.search import parse
from booking.inventory.services.search import refresh_search
from tests.statements import statements

ADA = Actor(1, parties=(Party(1, None, frozenset({"member"})),))
SIZES = [(12, 6), (12_000, 1_500)]  # units, pools


def sent(session, now, size):
    """Return how many statements each kind of search sends in a park of `size`."""
    with transaction():
        fill(session, *size)
        refresh_search(session, None)
    soon = Period(now.replace(hour=3), now.replace(hour=5))
    searches = {
        "all": Criteria(),
        "words": Criteria(parse("仪")),
        "time": Criteria(period=soon),
        "corrected": Criteria(parse("chegndu")),
    }
    counts = {}
    for name, criteria in searches.items():
        with statements(db.engine) as log:
            result = search_pools(session, ADA, criteria, now)
            facet_names(session, result, criteria.chosen)
        assert result.total, name
        counts[name] = len(log)
    return counts


@pytest.mark.parametrize("size", SIZES, ids=["12", "12000"])
def test_the_number_of_statements_does_not_grow(session, now, size):
    assert sent(session, now, size) == {"all": 8, "words": 8, "time": 9, "corrected": 10}
