"""Counting tries: in the database and in Redis, exactly or a tenth at a time, by all processes."""

import contextlib
import shutil
import socket
import subprocess
import threading
import time

import pytest
import redis
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from booking.core.errors import Busy, TooMany
from booking.infra import rate
from booking.infra.db import db
from booking.infra.rate import Limit, RateWindow

SERVER = shutil.which("redis-server") or shutil.which("valkey-server")


def tries_until_refused(count, most=1000):
    """Return how many calls of `count` passed."""
    for n in range(most):
        try:
            count()
        except TooMany:
            return n
    return most


def another_process():
    """Forget what is in memory, as a process knows nothing of another's."""
    rate._COUNTS.pop(db.engine, None)


def rows():
    db.session.rollback()
    return db.session.scalars(select(func.count()).select_from(RateWindow)).one()


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    """Return the address of a Redis server of our own."""
    if SERVER is None:
        pytest.skip("no redis-server on this machine")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([SERVER, *arguments], stdout=subprocess.DEVNULL) as process:  # noqa: S603
        client = redis.Redis(port=port)
        for _ in range(100):
            with contextlib.suppress(redis.RedisError):
                if client.ping():
                    break
            time.sleep(0.02)
        client.close()
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres), "redis"])
def counting(request, clock):
    """Return an app's context in which tries are counted, once for each store."""
    app = request.getfixturevalue("pg_app" if request.param == "postgresql" else "app")
    if request.param == "redis":
        app.config["RATE_REDIS_URL"] = request.getfixturevalue("redis_url")
        redis.Redis.from_url(app.config["RATE_REDIS_URL"]).flushall()
    with app.app_context():
        yield
        db.session.remove()


def test_tries_are_counted_for_each_and_again_in_the_next_window(counting, clock):
    def ada():
        rate.hit("door", "ada@test.example", 3, 60)

    assert tries_until_refused(ada) == 3
    rate.hit("door", "bo@test.example", 3, 60)
    rate.hit("window", "ada@test.example", 3, 60)
    clock.shift(seconds=60)
    assert tries_until_refused(ada) == 3
    rate.forgive("door", "ada@test.example", 3, 60)
    assert tries_until_refused(ada) == 3


def test_the_longest_wait_is_told(counting):
    limits = [Limit("door", "ada", 1, 60), Limit("door", "ada", 1, 300)]
    rate.hit_all(limits)
    with pytest.raises(TooMany) as refusal:
        rate.hit_all(limits)
    assert refusal.value.retry_seconds == 300  # the clock stands at a whole five minutes


def test_what_is_asked_often_is_bounded_over_all_processes(counting):
    def search():
        rate.spend(Limit("search", "7", 100, 60))

    assert tries_until_refused(search) == 100
    another_process()
    # Ten more: what is written down at a time.
    assert tries_until_refused(search) <= 10


def test_counting_from_many_threads_loses_none(app, clock):
    limit, passed = Limit("search", "7", 400, 60), []

    def ask():
        with app.app_context():
            passed.append(tries_until_refused(lambda: rate.spend(limit), 200))
            db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(passed) == 400


def test_the_table_names_nobody_and_forgets(any_session, clock):
    rate.hit("sign-in", "ada@test.example", 3, 60)
    assert "ada" not in any_session.scalars(select(RateWindow.key)).one()
    rate.forget_ended()
    assert rows() == 1
    clock.shift(seconds=60)
    rate.forget_ended()
    assert rows() == 0


def test_who_asks_rarely_is_not_written_down(session, clock):
    for _ in range(9):
        rate.spend(Limit("search", "7", 100, 60))
    assert rows() == 0
    rate.spend(Limit("search", "7", 100, 60))
    assert rows() == 1


def test_a_store_that_is_down_stops_sign_in_but_no_search(app, session, clock, monkeypatch):
    class Down:
        def add(self, windows, amount):
            raise OperationalError("", {}, Exception("down"))

    monkeypatch.setitem(rate._STORES, db.engine, Down())
    assert tries_until_refused(lambda: rate.spend(Limit("search", "7", 100, 60))) == 100
    with pytest.raises(OperationalError):
        rate.hit("sign-in", "ada", 3, 60)

    with socket.create_server(("127.0.0.1", 0)) as nobody:  # takes the call, never answers
        url = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        monkeypatch.setitem(rate._STORES, db.engine, rate.RedisStore(url))
        with pytest.raises(Busy):
            rate.hit("sign-in", "ada", 3, 60)


def test_no_tries_set_means_no_limit(session, clock):
    assert tries_until_refused(lambda: rate.spend(Limit("search", "7", 0, 60)), 50) == 50
    assert tries_until_refused(lambda: rate.hit("invitation", "7", 0, 60), 50) == 50
    assert rows() == 0
