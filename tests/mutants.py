"""The planted defects of `make mutants`: each breaks one promise, and its tests must go red."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One text replacement. `old` stands exactly once in `file`; `tests` are pytest node ids."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    promise: str


DDL = "booking/infra/ddl.py"
GUARDS = "tests/infra/test_ddl.py"
NOT_TWICE = "a unit is never held twice"

MUTANTS = (
    Mutant(
        name="no-overlap triggers dropped on SQLite",
        file=DDL,
        old="        if name not in present:\n",
        new='        if name not in present and not (sqlite and "no_overlap" in name):\n',
        tests=(f"{GUARDS}::test_a_unit_is_not_held_twice",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="no-overlap constraint dropped on PostgreSQL",
        file=DDL,
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        tests=(f"{GUARDS}::test_a_unit_is_not_held_twice",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="partial overlap missed on SQLite",
        file=DDL,
        old="ORDER BY a.block_start DESC LIMIT 1) > NEW.block_start;",
        new="ORDER BY a.block_start DESC LIMIT 1) > NEW.block_end;",
        tests=(f"{GUARDS}::test_a_unit_is_not_held_twice",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="moves unguarded on SQLite",
        file=DDL,
        old="BEFORE UPDATE ON allocation ",
        new="BEFORE UPDATE OF kind ON allocation ",
        tests=(f"{GUARDS}::test_a_hold_cannot_be_moved_onto_another",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="retired rows coming back unguarded on SQLite",
        file=DDL,
        old="BEFORE UPDATE ON allocation ",
        new="BEFORE UPDATE OF block_start, block_end ON allocation ",
        tests=(f"{GUARDS}::test_a_retired_hold_cannot_come_back_over_another",),
        promise=NOT_TWICE,
    ),
    Mutant(
        name="touching times refused on PostgreSQL",
        file=DDL,
        old="int8range(block_start, block_end) WITH &&",
        new="int8range(block_start, block_end, '[]') WITH &&",
        tests=(f"{GUARDS}::test_touching_times_do_not_meet",),
        promise="intervals are half-open",
    ),
    Mutant(
        name="audit rows changeable",
        file=DDL,
        old="for _table in _APPEND_ONLY:",
        new="for _table in ():",
        tests=(f"{GUARDS}::test_what_was_audited_stays",),
        promise="what was audited stays",
    ),
)
