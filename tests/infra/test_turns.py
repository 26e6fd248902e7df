"""The queue of SQLite's writers: one at a time, and nobody waits for ever."""

import fcntl
import threading

import pytest

from booking.core.errors import Busy
from booking.infra.db import db, transaction
from booking.infra.turns import Turns

SOON = 0.05  # seconds that are given up
LONG = 30  # seconds that are never waited


@pytest.fixture
def settings():
    return {"WRITE_WAIT_SECONDS": SOON}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queue.lock"


@pytest.fixture
def held(path):
    """Return the lock, held as by another process; closing it ends the other's turn."""
    with path.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        yield other


def is_free(path):
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_turn_that_does_not_come_is_given_up_and_comes_later(path, held):
    turns = Turns(str(path))
    for _ in range(3):
        with pytest.raises(Busy), turns.turn(SOON):
            raise AssertionError("two have the turn")

    held.close()

    with turns.turn(LONG):
        assert not is_free(path)
    assert is_free(path)


def test_what_was_given_up_does_not_keep_the_lock(path, held):
    turns = Turns(str(path))
    with pytest.raises(Busy), turns.turn(SOON):
        pass
    [waiting] = [t for t in threading.enumerate() if t.name == "turn"]

    held.close()
    waiting.join(LONG)

    assert is_free(path)


def test_threads_of_one_process_have_it_one_after_another(path):
    turns, inside, most = Turns(str(path)), [], []

    def work():
        for _ in range(20):
            with turns.turn(LONG):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(most)) == (1, 80)


def test_a_thread_gives_up_on_its_own_process_too(path):
    turns = Turns(str(path))
    with turns.turn(LONG):
        answers = []

        def late():
            try:
                with turns.turn(SOON):
                    answers.append("came")
            except Busy:
                answers.append("busy")

        thread = threading.Thread(target=late)
        thread.start()
        thread.join()
    assert answers == ["busy"]


def test_a_writer_stuck_elsewhere_makes_writing_busy(app):
    with app.app_context(), open(f"{db.engine.url.database}.lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Busy), transaction():
            raise AssertionError("two have the turn")
        fcntl.flock(other, fcntl.LOCK_UN)
