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


GUARD = "tests/test_house.py::test_a_reservation_written_directly_meets_the_guard"

MUTANTS = (
    Mutant(
        name="no-overlap trigger dropped on SQLite",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and not (sqlite and "no_overlap" in name):\n',
        tests=(f"{GUARD}[sqlite]",),
        promise="a unit is never held twice",
    ),
    Mutant(
        name="no-overlap constraint dropped on PostgreSQL",
        file="booking/infra/ddl.py",
        old="        if name not in present:\n",
        new='        if name not in present and (sqlite or "no_overlap" not in name):\n',
        tests=(f"{GUARD}[postgresql]",),
        promise="a unit is never held twice",
    ),
    Mutant(
        name="partial overlap missed on SQLite",
        file="booking/infra/ddl.py",
        old="ORDER BY a.block_start DESC LIMIT 1) > NEW.block_start;",
        new="ORDER BY a.block_start DESC LIMIT 1) > NEW.block_end;",
        tests=(f"{GUARD}[sqlite]",),
        promise="a unit is never held twice",
    ),
)
