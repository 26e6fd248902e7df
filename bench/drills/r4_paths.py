"""R4: every way to take or free capacity against every other, and itself.

Full: 500 rounds for each pair of the ways the promise names, 20 for each other pair; 500 for all of
them is 264,000 rounds an engine, most of a day.
"""

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bench.drills.duel import Duel, duel
from bench.drills.ground import FIRST
from bench.drills.harness import Attempt, truly_overlapped
from bench.drills.paths import PATHS, Path, Scene
from bench.drills.result import Result
from bench.drills.stages import ADA, CY, DEE, Builder, Piece, Stage, lay_common
from booking import create_app
from booking.approvals.services.deciding import expire_requests
from booking.infra.db import db, transaction, write
from booking.reservations.queries.sweep import broken
from booking.reservations.services.waiting import expire_holds
from tests import databases

PROMISED_ROUNDS, OTHER_ROUNDS, SHORT_ROUNDS = 500, 20, 1
PROMISED = frozenset({
    "approve", "offer", "create", "move", "extend", "series", "close", "load", "quota", "eject",
    "break down",
})  # fmt: skip
STAGES_AT_ONCE = 1000  # laid in one transaction
LEAST_MET = 0.5  # share of rounds in which both were under way together
MOST_SHOWN = 10
# The rest of the hot hour: whoever comes finds one unit free, or what the holder frees.
WALL = Piece("approved", unit=1, owner=DEE, pinned=True)

Pair = tuple[Path, Path]


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of all pairs; after each of them the whole database is swept."""
    result = Result("R4", engine)
    if seconds is not None:
        short = [path for path in PATHS if path.short]
        return race_pairs(settings, [(_pairs(short), SHORT_ROUNDS)], result)
    promised: list[Pair] = []
    others: list[Pair] = []
    for pair in _pairs(PATHS):
        named = all(path.name in PROMISED for path in pair)
        (promised if named else others).append(pair)
    return race_pairs(settings, [(promised, PROMISED_ROUNDS), (others, OTHER_ROUNDS)], result)


def _pairs(paths: Sequence[Path]) -> list[Pair]:
    return list(itertools.combinations_with_replacement(paths, 2))


def race_pairs(
    settings: dict[str, Any], plan: Sequence[tuple[Sequence[Pair], int]], result: Result
) -> Result:
    """Return the result after racing each pair for so many rounds."""
    app = create_app("testing", settings)
    with app.app_context(), duel(settings, gap_ms=1) as duellists:
        with transaction() as session:
            builder = Builder(lay_common(session))
        for pairs, rounds in plan:
            began, tally = time.monotonic(), Counter[str]()
            for batch in _batches(pairs, max(1, STAGES_AT_ONCE // rounds)):
                with transaction() as session:
                    laid = lay(builder, session, batch, rounds)
                for pair, stages in zip(batch, laid, strict=True):
                    _race(duellists, pair, stages, tally, result)
            _figures(tally, len(pairs), rounds, time.monotonic() - began, result)
    databases.close(app)
    return result


def lay(
    builder: Builder, session: Session, pairs: Sequence[Pair], rounds: int
) -> list[list[Stage]]:
    """Return for each pair a stage for each round, on a day of its own."""
    plans = [(day, furniture(pair)) for pair in pairs for day in range(rounds)]
    stages = builder.lay(session, plans)
    return [stages[at : at + rounds] for at in range(0, len(stages), rounds)]


def furniture(pair: Pair) -> tuple[Piece, ...]:
    """Return what stands on the stages of a pair: first the first one's, then the other's."""
    first, second = pair
    if is_shared(pair):
        return (shared_piece(pair), *first.pieces[1:], *second.pieces[1:], WALL)
    own = first.pieces
    unit = int(first.holds and second.holds) or int(second.name == first.name == "move")
    others = tuple(
        replace(piece, unit=unit, owner=CY if piece.owner == ADA else piece.owner)
        for piece in second.pieces
    )
    wall = () if first.holds and second.holds else (WALL,)
    return (*own, *others, *wall)


def is_shared(pair: Pair) -> bool:
    """Return whether both act on the same piece."""
    first, second = pair
    return bool(first.group) and first.group == second.group


def shared_piece(pair: Pair) -> Piece:
    """Return the one piece both act on: undecided if one decides, short if one makes it longer."""
    mine, theirs = (path.pieces[0] for path in pair)
    kind = mine.kind if mine.kind == theirs.kind else "pending"
    return replace(mine, kind=kind, end=min(mine.end, theirs.end))


def scenes(pair: Pair, stage: Stage) -> tuple[Scene, Scene]:
    """Return the stage as each of the two sees it."""
    shared, twin = is_shared(pair), pair[0].name == pair[1].name
    ids = (*stage.pieces, 0, 0)
    theirs = ids[0] if shared else ids[len(pair[0].pieces)]
    return (
        Scene(stage, 0, ids[0], shared=shared, twin=twin),
        Scene(stage, 1, theirs, shared=shared, twin=twin),
    )


def _race(
    duellists: Duel, pair: Pair, stages: Sequence[Stage], tally: Counter[str], result: Result
) -> None:
    roles = [(path.act.__module__, path.act.__name__) for path in pair]
    rounds = duellists.race(roles, [scenes(pair, stage) for stage in stages])
    name = " × ".join(path.name for path in pair)
    for attempts in rounds:
        tally["met"] += bool(truly_overlapped(attempts))
        tally["refused"] += sum(attempt.refused for attempt in attempts)
        for problem in wrong(pair, attempts):
            tally["wrong"] += 1
            if tally["wrong"] <= MOST_SHOWN:
                result.problems.append(f"{name}: {problem}")
    _tidy(stages[-1].due)
    for what, ids in broken(db.session(), FIRST).items():
        result.problems.append(f"{name}: {what}: {ids}")
    db.session.rollback()


def wrong(pair: Pair, attempts: Sequence[Attempt]) -> list[str]:
    """Return what is not explained in a round's two answers."""
    found = [
        f"{path.name} was refused with {attempt.answer}"
        for path, attempt in zip(pair, attempts, strict=True)
        if attempt.refused and attempt.answer not in path.refusals
    ]
    if all(path.takes for path in pair) and all(attempt.refused for attempt in attempts):
        found.append("nobody got what was free")
    return found


def _tidy(due: datetime) -> None:
    """End what the pair left undecided, offered or kept, so that no later job meets it."""
    over = due + timedelta(seconds=1)
    for job in (expire_requests, expire_holds):
        while write(lambda s, job=job: job(s, over)):  # type: ignore[misc]
            pass


def _batches(pairs: Sequence[Pair], size: int) -> list[Sequence[Pair]]:
    return [pairs[at : at + size] for at in range(0, len(pairs), size)]


def _figures(tally: Counter[str], pairs: int, rounds: int, seconds: float, result: Result) -> None:
    total = pairs * rounds
    result.figures[f"{pairs} pairs × {rounds}"] = (
        f"met in {tally['met']} of {total}, {tally['refused']} refused, {seconds:.0f} s"
    )
    least = int(LEAST_MET * total)
    result.require(tally["met"] >= least, f"they met in only {tally['met']} of {total} rounds")
