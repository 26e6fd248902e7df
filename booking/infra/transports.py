"""The ways a composed message leaves: SMTP, or files in the instance folder."""

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Protocol, Self

from booking.infra.mail import domain_of
from booking.infra.private_files import write_private

TLS_MODES = ("starttls", "tls", "none")


class MailDown(Exception):
    """No message can leave at present: no connection, no sign-in, no room. The text says why."""


class Transport(Protocol):
    """A way out for messages: open it, send some, close it."""

    def __enter__(self) -> Self:
        """Return the transport; nothing is connected yet."""

    def __exit__(self, *_: object) -> None:
        """Close what was opened."""

    def send(self, message: EmailMessage, number: int) -> None:
        """Hand over one message. Raises MailDown, or OSError or ValueError for this one alone."""


def folder(instance_path: str) -> Path:
    """Return where the file transport keeps messages."""
    return Path(instance_path) / "mail"


def path_of(instance_path: str, number: int) -> Path:
    """Return the file of an outbox row's message; made from the integer id alone."""
    return folder(instance_path) / f"{int(number)}.eml"


def stored(instance_path: str, number: int) -> bytes | None:
    """Return the file of an outbox row's message, None if there is none."""
    try:
        return path_of(instance_path, number).read_bytes()
    except FileNotFoundError:
        return None


def forget_stored(instance_path: str, before: datetime) -> None:
    """Delete the files of messages written before an instant."""
    for path in folder(instance_path).glob("*.eml"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()


def open_transport(config: Mapping[str, Any], instance_path: str) -> Transport:
    """Return the transport the settings ask for: files while there is no SMTP_HOST."""
    if not config["SMTP_HOST"]:
        return FileTransport(folder(instance_path))
    return SmtpTransport(
        host=config["SMTP_HOST"],
        port=config["SMTP_PORT"],
        user=config["SMTP_USER"],
        password=config["SMTP_PASSWORD"],
        tls=config["SMTP_TLS"],
        timeout=config["SMTP_TIMEOUT_SECONDS"],
        envelope_from=parseaddr(config["MAIL_FROM"])[1],
        own_name=domain_of(config["PUBLIC_BASE_URL"]),
    )


class FileTransport:
    """Writes each message to `<id>.eml`; the same message again replaces its own file."""

    def __init__(self, target: Path) -> None:
        self._folder = target

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, message: EmailMessage, number: int) -> None:
        """Write one message; readers see all of it or nothing. Raises MailDown."""
        target = self._folder / f"{int(number)}.eml"
        try:
            write_private(target, message.as_bytes())  # links in it let people in
        except OSError as error:
            raise MailDown(f"cannot write {target}: {error.strerror}") from error


@dataclass(slots=True)
class SmtpTransport:
    """Sends over one connection, made at the first message and again after it broke."""

    host: str
    port: int
    user: str
    password: str
    tls: str
    timeout: int
    envelope_from: str
    own_name: str
    _open: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Say goodbye; a server that is gone already is no fault."""
        if self._open is not None:
            with contextlib.suppress(OSError):
                self._open.quit()
            self._drop()

    def send(self, message: EmailMessage, number: int) -> None:
        """Send one message. Raises MailDown without a connection, OSError if it was refused."""
        connection = self._open or self._connect()
        try:
            connection.send_message(message, self.envelope_from)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refusal:
            # A refusal leaves the session usable, unless the server ended it as well.
            if connection.sock is None or getattr(refusal, "smtp_code", 0) == 421:
                self._drop()
            raise
        except OSError:
            # Whatever was in the air is unknown: never go on in the middle of a dialogue.
            self._drop()
            raise

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connect(self) -> smtplib.SMTP:
        if self.tls not in TLS_MODES:
            raise MailDown(f"BOOKING_SMTP_TLS must be one of {', '.join(TLS_MODES)}")
        where = f"{self.host}:{self.port}"
        try:
            self._open = self._greeted()
        except (OSError, ValueError) as error:  # SMTPException and SSLError are OSErrors
            raise MailDown(f"{where}: {type(error).__name__}: {error}") from error
        return self._open

    def _greeted(self) -> smtplib.SMTP:
        options: dict[str, Any] = {"local_hostname": self.own_name, "timeout": self.timeout}
        context = ssl.create_default_context()
        if self.tls == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, context=context, **options
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, **options)
        try:
            if self.tls == "starttls":
                connection.starttls(context=context)
            if self.user:
                connection.login(self.user, self.password)
        except BaseException:
            connection.close()
            raise
        return connection
