"""Several processes deliver at once and one is killed: nothing lost, one repeat at most."""

from collections import Counter

import pytest

from bench.drills.ready import FORKED
from booking.infra.db import write
from booking.infra.outbox import Message, enqueue
from tests import factories
from tests.reminders.sink import Sink, listening
from tests.reminders.steps import rows
from tests.reminders.worker import work

PROCESSES = 4
MESSAGES = 300
LEASE_SECONDS = 3
MOST_SECONDS = 240


@pytest.fixture
def sink():
    """Return a mail server that takes everything."""
    return Sink()


def enqueue_many(session, now):
    """Put messages for 30 people into the outbox."""
    people = [factories.create_user(session) for _ in range(30)]
    messages = [
        Message(
            f"invite:{n}", "invitation", people[n % 30].id, "user:1", now, None, '{"path": "/x"}'
        )
        for n in range(MESSAGES)
    ]
    write(lambda s: enqueue(s, messages, now))


def start(app, port, die_after):
    """Return a started worker."""
    arguments = (app.config["DATABASE_URL"], app.instance_path, port, LEASE_SECONDS, die_after)
    worker = FORKED.Process(target=work, args=arguments, daemon=True)
    worker.start()
    return worker


def test_four_processes_send_each_message_once_but_for_the_one_killed(
    any_app, any_session, sink, now
):
    enqueue_many(any_session, now)

    with listening(sink) as port:
        workers = [start(any_app, port, 5 if n == 0 else 0) for n in range(PROCESSES)]
        for worker in workers:
            worker.join(MOST_SECONDS)

    assert [worker.exitcode for worker in workers] == [-9, 0, 0, 0]
    seen = Counter(message["Message-ID"] for message in sink.messages)
    assert len(seen) == MESSAGES, "a message was lost"
    # The one it had sent and not marked: sent again, under the same id.
    assert sorted(count for count in seen.values() if count > 1) == [2]
    assert {row.state for row in rows(any_session)} == {"sent"}
