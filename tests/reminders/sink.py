"""A mail server for tests: keeps what it accepts, refuses what it is told to."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

from aiosmtpd.controller import Controller

OK = "250 accepted"
REFUSED = "451 try later"


class Sink:
    """The handler of aiosmtpd; `answer` decides on each message by its number from 1."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.seen = 0
        self.answer: Callable[[int], str] = lambda number: OK

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a message, or refuse it."""
        self.seen += 1
        answer = self.answer(self.seen)
        if answer.startswith("250"):
            self.envelopes.append(envelope)
        return answer

    @property
    def messages(self) -> list[EmailMessage]:
        """Return what was accepted, in order."""
        return [message_from_bytes(e.content, policy=policy.default) for e in self.envelopes]


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def listening(handler: Sink, **options: Any) -> Iterator[int]:
    """Yield the loopback port at which `handler` takes mail, in a thread of its own."""
    # Only its hooks: for each connection aiosmtpd reads every attribute, and so every message kept.
    hooks = {name: getattr(handler, name) for name in dir(type(handler)) if "handle_" in name}
    controller = Controller(
        SimpleNamespace(**hooks), hostname="127.0.0.1", port=free_port(), **options
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
