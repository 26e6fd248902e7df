"""Planted defects of fair opening: nobody gets past a draw, which is made once, by use."""

from tests.mutant import Mutant

DRAWING = "booking/reservations/services/drawing.py"
RULES = "booking/reservations/rules/draws.py"
SERVICE = "tests/reservations/test_drawing.py"
ONCE = "a draw made by two processes is made once"

DRAWS = (
    Mutant(
        name="a request of a draw decided whoever's turn it is",
        file=DRAWING,
        old="    if next_in_draw(session, draw.id) != entry_id:\n        return\n",
        new="",
        also=((DRAWING, 'DrawEntry.id == entry_id, DrawEntry.state == "waiting"',
               "DrawEntry.id == entry_id"),),
        tests=(
            "tests/races/test_races_draws.py::test_a_draw_made_by_two_at_once_is_made_once",
        ),
        promise=ONCE,
    ),
    Mutant(
        name="a day is open while its requests are drawn",
        file="booking/policies/rules/horizon.py",
        old="    elif any(day.start <= start < day.end for day in p.drawn):\n",
        new="    elif any(day.end <= start < day.end for day in p.drawn):\n",
        tests=(f"{SERVICE}::test_who_comes_first_after_the_end_makes_the_draw",),
        promise="nobody gets past a draw, however fast",
    ),
    Mutant(
        name="a draw goes by the order of arrival",
        file=RULES,
        old="use.by_person.get(one.user_id, 0), use.by_party.get(one.party, 0),\n"
        "            lot(seed, one.user_id)",
        new="one.entry_id, 0,\n            lot(seed, one.user_id)",
        tests=("tests/reservations/test_draws.py::test_when_somebody_asked_never_counts",),
        promise="when somebody asked never counts",
    ),
)  # fmt: skip
