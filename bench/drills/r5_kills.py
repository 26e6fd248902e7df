"""R5: kill −9 of web servers and relays at random moments. Full: 500 kills (PostgreSQL 250)."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from bench.drills.ground import Ground, lay
from bench.drills.ready import ready_app
from bench.drills.result import Result, sweep
from bench.drills.servers import (
    LEASE_SECONDS,
    Killable,
    body,
    free_port,
    headers,
    post,
    relay,
    serve,
    tokens,
    wait_until_served,
)
from booking.infra import claims
from booking.infra.db import db
from booking.infra.outbox import CLAIMED, PENDING, Outbox
from booking.reminders.jobs.deliver import deliver_due
from booking.reservations.models import Reservation
from tests import databases
from tests.reminders.sink import Sink, listening

FULL_KILLS = {"sqlite": 500, "postgresql": 250}
CLIENTS = 4
PAUSE_SECONDS = (0.15, 0.5)  # between kills
# Longer than the first back-off of a message whose server was too busy to answer (72 s).
DRAIN_SECONDS = 150
LEAST_KILLS = 3


@dataclass
class Tally:
    """What was acknowledged to the clients: key → reservation."""

    made: dict[str, int] = field(default_factory=dict)
    odd: Counter[str] = field(default_factory=Counter)
    under_way: int = 0  # requests that a kill cut off
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it: bookings over HTTP, mail to a real SMTP sink, kills at random."""
    result = Result("R5", engine)
    ground = lay(settings, CLIENTS, CLIENTS)
    keys = tokens(settings, ground.bookers)
    sink = Sink()
    with listening(sink) as mail_port:
        mailed = {
            **settings, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": mail_port, "SMTP_TLS": "none",
            "SMTP_TIMEOUT_SECONDS": 3,
        }  # fmt: skip
        tally, kills = _fight(mailed, ground, keys, engine, seconds)
        _drain(mailed)
        judge(mailed, tally, sink, kills, result)
    return result


def _fight(
    settings: dict[str, Any], ground: Ground, keys: list[str], engine: str, seconds: float | None
) -> tuple[Tally, dict[str, int]]:
    port = free_port()
    web = Killable(serve, settings, port)
    relays = [Killable(relay, settings), Killable(relay, settings)]
    tally, over = Tally(), threading.Event()
    try:
        wait_until_served(port)
        clients = [
            threading.Thread(target=client, args=(ground, n, keys[n], port, over, tally))
            for n in range(CLIENTS)
        ]
        for thread in clients:
            thread.start()
        until = time.monotonic() + (seconds or 3_600)
        full = FULL_KILLS[engine] if seconds is None else 10**9
        chance = random.Random(5)  # noqa: S311 - when to kill, not a secret
        while time.monotonic() < until and web.kills + sum(r.kills for r in relays) < full:
            time.sleep(chance.uniform(*PAUSE_SECONDS))
            chance.choice([web, *relays]).kill()
        wait_until_served(port)
        over.set()
        for thread in clients:
            thread.join()
    finally:
        over.set()
        for process in (web, *relays):
            process.end()
    return tally, {"web": web.kills, "relays": sum(r.kills for r in relays)}


def client(
    ground: Ground, number: int, token: str, port: int, over: threading.Event, tally: Tally
) -> None:
    """Book hour after hour; repeat with the same key until the server has answered."""
    hour = 0
    while not over.is_set():
        key = f"{number}-{hour}"
        try:
            status, answer = post(port, body(ground, hour), headers(token, key), cut=False)
        except OSError:
            tally.under_way += 1
            time.sleep(0.05)
            continue
        if status in (200, 201):
            with tally.lock:
                tally.made[key] = answer["id"]
            hour += 1
        else:
            tally.odd[f"{status} {answer.get('code')}"] += 1


def _drain(settings: dict[str, Any]) -> None:
    """Deliver what is left, once the claims of killed relays have ended, while it becomes less."""
    usual, claims.LEASE_SECONDS = claims.LEASE_SECONDS, LEASE_SECONDS
    app = ready_app(settings)
    deadline = time.monotonic() + DRAIN_SECONDS
    with app.app_context():
        left = select(func.count()).select_from(Outbox)
        left = left.where(Outbox.kind != "reminder", Outbox.state.in_((PENDING, CLAIMED)))
        before = 0
        while (waiting := db.session.scalar(left)) and time.monotonic() < deadline:
            db.session.rollback()
            if waiting != before:
                before, deadline = waiting, time.monotonic() + DRAIN_SECONDS
            deliver_due()
            time.sleep(0.2)
    claims.LEASE_SECONDS = usual  # others share this process
    databases.close(app)


def judge(
    settings: dict[str, Any], tally: Tally, sink: Sink, kills: dict[str, int], result: Result
) -> None:
    """Compare what was acknowledged, what is stored and what arrived by mail."""
    app = ready_app(settings)
    with app.app_context():
        rows = set(db.session.scalars(select(Reservation.id)))
        told = db.session.scalars(select(Outbox.id).where(Outbox.kind == "approved")).all()
        unsent = db.session.scalar(
            select(func.count())
            .select_from(Outbox)
            .where(Outbox.kind == "approved", Outbox.state != "sent")
        )
    databases.close(app)
    arrived = Counter(message["Message-ID"] for message in sink.messages)
    acknowledged = set(tally.made.values())
    repeats = sum(arrived.values()) - len(arrived)
    killed = sum(kills.values())
    result.figures = {
        "kills": killed, "acknowledged": len(acknowledged), "reservations": len(rows),
        "requests cut": tally.under_way, "mails": len(arrived), "repeated": repeats,
    }  # fmt: skip
    lost = acknowledged - rows
    result.require(killed >= LEAST_KILLS, f"only {killed} kills")
    result.require(tally.under_way > 0, "no kill met a request")
    result.require(acknowledged, "nothing was acknowledged")
    result.require(not lost, f"{len(lost)} acknowledged but lost")
    result.require(len(acknowledged) == len(tally.made), "two keys share a reservation")
    unsaid = len(rows) - len(acknowledged)
    result.require(0 <= unsaid <= CLIENTS, f"{unsaid} reservations nobody was told of")
    result.require(len(told) == len(rows), f"{len(told)} messages for {len(rows)} reservations")
    result.require(not unsent, f"{unsent} messages never sent")
    result.require(len(arrived) == len(told), f"{len(arrived)} of {len(told)} mails arrived")
    result.require(repeats <= kills["relays"], f"{repeats} repeats in {kills['relays']} kills")
    result.require(not tally.odd, f"unexplained answers: {dict(tally.odd)}")
    sweep(settings, result)
