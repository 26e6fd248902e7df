"""What a bulk load lets in, against the plain truth."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.reservations.rules.imports import Held, LoadRow, decide

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def at(hour):
    return NOW + timedelta(hours=hour)


# unit, first hour, hours, who
SPANS = st.tuples(
    st.integers(1, 3), st.integers(0, 30), st.integers(1, 6), st.integers(0, 2)
)  # fmt: skip


def load_row(line, unit_id, start, length, who):
    return LoadRow(
        line, 1, (unit_id,), at(start), at(start + length), None, str(who), None, None, "other",
        None, f"{unit_id}-{start}-{length}-{who}",
    )  # fmt: skip


def overlap(a, b):
    return a[0] == b[0] and a[1] < b[2] and b[1] < a[2]


@given(st.lists(SPANS, max_size=40), st.lists(SPANS, max_size=10))
def test_what_goes_in_never_overlaps_and_what_stays_out_would(given_rows, given_held):
    rows = [load_row(line, *span) for line, span in enumerate(given_rows, start=2)]
    held: dict[int, list[Held]] = {}
    for unit_id, start, length, _ in given_held:
        held.setdefault(unit_id, []).append(Held(at(start), at(start + length)))

    decision = decide(rows, set(), held, NOW)

    taken = [(unit, span.start, span.end) for unit, found in held.items() for span in found]
    truth_in, truth_out, keys = [], [], set()
    for row in rows:
        if row.source_key in keys:
            continue
        block = (row.unit_ids[0], row.start, row.end)
        if any(overlap(block, other) for other in taken):
            truth_out.append(row.line)
        else:
            taken.append(block)
            keys.add(row.source_key)
            truth_in.append(row.line)
    assert [row.line for row in decision.accepted] == truth_in
    assert [clash.line for clash in decision.conflicts] == truth_out
    assert len(truth_in) + len(truth_out) + decision.unchanged == len(rows)


@given(st.lists(SPANS, max_size=40))
def test_a_conflict_names_a_row_that_went_in_and_truly_overlaps(given_rows):
    rows = [load_row(line, *span) for line, span in enumerate(given_rows, start=2)]

    decision = decide(rows, set(), {}, NOW)

    accepted = {row.line: row for row in decision.accepted}
    for clash in decision.conflicts:
        first, second = accepted[clash.with_line], rows[clash.line - 2]
        assert first.unit_ids == second.unit_ids
        assert first.start < second.end
        assert second.start < first.end
