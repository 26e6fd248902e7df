"""Text messages: how they leave. Log and any HTTP gateway are here, two clouds in `sms_clouds`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from booking.infra import outbound, sms_clouds
from booking.infra.outbound import Unreachable
from booking.infra.private_files import write_private

GATEWAYS = ("log", "http", "aliyun", "tencent")
HIDDEN = "••••••"
MOST_SHOWN = 100  # characters of a refusal that are kept


class NotSent(Exception):
    """The message did not leave; the text says why."""


@dataclass(frozen=True, slots=True)
class Sms:
    """One message: to +8613912345678, its text, and its code alone for gateways with templates."""

    number: str
    text: str
    code: str


class Gateway(Protocol):
    """A way out for text messages."""

    def send(self, sms: Sms, outbox_id: int) -> None:
        """Hand over one message. Raises NotSent."""


def is_on(config: Mapping[str, Any]) -> bool:
    """Return whether there is a gateway: without one nothing of SMS is offered."""
    return bool(config["SMS_GATEWAY"])


def gateway(config: Mapping[str, Any], instance_path: str) -> Gateway:
    """Return the gateway of the settings. Raises NotSent when they name none."""
    kind = config["SMS_GATEWAY"]
    if kind == "log":
        return LogGateway(Path(instance_path) / "sms")
    if kind == "http":
        return HttpGateway(
            config["SMS_URL"], config["SMS_BODY"], config["SMS_TOKEN"], config["SMS_EXPECT"]
        )
    if kind in ("aliyun", "tencent"):
        return CloudGateway(kind, config)
    raise NotSent(f"BOOKING_SMS_GATEWAY must be one of {', '.join(GATEWAYS)}")


class LogGateway:
    """Writes each message to a file, for demos and tests; the same one again replaces its own."""

    def __init__(self, target: Path) -> None:
        self._folder = target

    def send(self, sms: Sms, outbox_id: int) -> None:
        """Write one message. Raises NotSent."""
        try:
            # Its code lets somebody in.
            words = f"{sms.number}\n{sms.text}\n"
            write_private(self._folder / f"{int(outbox_id)}.txt", words.encode())
        except OSError as error:
            raise NotSent(f"cannot write: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """Posts JSON made of a template: {number}, {text}, {code} and {id} are filled in, as JSON.

    `token` goes into Authorization: Bearer; `expect`, if any, must stand in the answer.
    """

    url: str
    body: str
    token: str
    expect: str

    def send(self, sms: Sms, outbox_id: int) -> None:
        """Post one message. Raises NotSent."""
        values = {"number": sms.number, "text": sms.text, "code": sms.code, "id": str(outbox_id)}
        body = self.body
        for name, value in values.items():
            body = body.replace("{" + name + "}", json.dumps(value)[1:-1])
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        _accepted(self.url, body.encode(), headers, self.expect, sms.code)


@dataclass(frozen=True, slots=True)
class CloudGateway:
    """Sends by a template that was approved at Aliyun or Tencent; its one parameter is the code."""

    kind: str
    config: Mapping[str, Any]

    def send(self, sms: Sms, outbox_id: int) -> None:
        """Send one message. Raises NotSent."""
        build = sms_clouds.aliyun if self.kind == "aliyun" else sms_clouds.tencent
        request = build(sms_clouds.account_of(self.config), sms.number, sms.code, str(outbox_id))
        _accepted(request.url, request.body, request.headers, request.expect, sms.code)


def _accepted(url: str, body: bytes, headers: Mapping[str, str], expect: str, code: str) -> None:
    try:
        answer = outbound.post(url, body, headers)
    except Unreachable as error:
        raise NotSent(str(error)) from error
    said = answer.body.decode("utf-8", "replace")
    if not 200 <= answer.status < 300 or expect not in said.replace(" ", ""):
        # Some repeat the request; the code is not for the log.
        raise NotSent(f"{answer.status}: {said[:MOST_SHOWN].replace(code, HIDDEN)}")
