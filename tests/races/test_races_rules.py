"""Two managers change rules that pass alone and contradict each other."""

from booking.infra.db import db
from booking.inventory.models import Pool
from booking.policies.queries.book import current_book
from booking.policies.queries.own import Scope, pools_at
from booking.policies.rules.settings import fits, lengths
from tests.races.contestants import save_form, set_limit
from tests.races.test_races import GAP_MS, ROUNDS, arena, race, settings

__all__ = ("arena", "settings")  # fixtures


def test_one_of_two_contradicting_limits_is_refused(any_app, arena):
    given, ground = arena
    park = ground()
    with any_app.app_context():
        lab = str(db.session.get_one(Pool, park.pool_id).lab_id)
    contestants = [
        (set_limit, (park.manager, ("pool", str(park.pool_id)), "max_minutes", 60)),
        (set_limit, (park.manager, ("lab", lab), "min_minutes", 120)),
    ]
    for attempts in race(given, contestants, ROUNDS, GAP_MS):
        assert sorted(a.refused for a in attempts) == [False, True], attempts
        assert {a.answer for a in attempts if a.refused} == {"no_length_fits"}
    with any_app.app_context():
        book = current_book(db.session())
        [pool] = pools_at(db.session(), book, Scope("pool", str(park.pool_id)))
        everyone = book.rules(pool.place, pool.own)
        for number in range(ROUNDS):
            rules = book.for_groups(everyone, pool.place, {f"tag:round {number}"})
            assert fits(*lengths(rules))


def test_one_of_two_forms_is_stale(any_app, arena):
    given, ground = arena
    park = ground()
    scope = ("lab", str(next(iter(park.manager.labs))))
    contestants = [(save_form, (park.manager, scope, 1)), (save_form, (park.manager, scope, 5))]
    both = 0
    for attempts in race(given, contestants, ROUNDS, GAP_MS):
        refused = [a.answer for a in attempts if a.refused]
        assert refused in ([], ["stale"]), attempts
        # Both are saved when one had ended before the other's form was opened; seldom.
        both += not refused
    assert both <= ROUNDS // 3
