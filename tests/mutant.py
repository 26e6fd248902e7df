"""What a planted defect is: a text replacement and the tests that must notice it."""

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
    # Further replacements (file, old, new): where two guards stand behind one another, a defect
    # shows only when both are gone.
    also: tuple[tuple[str, str, str], ...] = ()

    @property
    def edits(self) -> tuple[tuple[str, str, str], ...]:
        """Return every replacement."""
        return ((self.file, self.old, self.new), *self.also)


# Both places that take a pool's lock: writers look at one another's rows no more in turn.
UNLOCKED = (
    (
        "booking/infra/db.py",
        "    if is_postgresql(session):\n        for pool_id",
        "    if not session:\n        for pool_id",
    ),
    (
        "booking/reservations/services/locking.py",
        "    if not is_postgresql(session):\n        return\n",
        "    if session:\n        return\n",
    ),
)
