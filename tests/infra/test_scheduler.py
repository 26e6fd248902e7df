"""The ticker: what is due has waited long enough when a process starts."""

import threading

from booking.app import jobs_of
from booking.infra import scheduler
from booking.infra.scheduler import Job


def test_every_job_is_woken_at_start_and_not_an_interval_later():
    woken = threading.Event()
    running = scheduler.start([Job("tick", 3600, woken.set)])
    try:
        assert woken.wait(10)
    finally:
        running.shutdown()


def test_a_job_that_fails_does_not_keep_others_from_running():
    woken = threading.Event()

    def fail():
        raise RuntimeError("planted")

    running = scheduler.start([Job("fail", 3600, fail), Job("tick", 3600, woken.set)])
    try:
        assert woken.wait(10)
    finally:
        running.shutdown()


def test_every_job_runs_on_an_empty_park_twice(any_app, any_session, clock):
    any_session.rollback()
    for job in [*jobs_of(any_app), *jobs_of(any_app)]:
        job.run()
