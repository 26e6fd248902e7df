"""Mail: composing a message that cannot be bent. How it leaves is in `infra.transports`."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

LONGEST_NAME = 80
LONGEST_SUBJECT = 200
LONGEST_WORD = 60
CALENDAR_FILE = "invite.ics"
# Characters that mean something in an address line; a name does without them.
_SPECIAL = re.compile(r'[()<>@,:;\\".\[\]]')
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class Folding(policy.EmailPolicy):
    """The library's policy, but subjects keep their spaces.

    In Python 3.11 to 3.13 its own folding loses or doubles spaces beside non-ASCII words.
    """

    def fold(self, name: str, value: str) -> str:
        """Return the header as text, folded."""
        if name.lower() != "subject":
            return super().fold(name, value)
        text = Header(str(value), _charset(value), header_name=name)
        return f"{name}: {text.encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header as bytes, folded."""
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


def _charset(text: str) -> str:
    """Return how a subject is written: readable while it can be folded between words."""
    readable = text.isascii() and all(len(word) <= LONGEST_WORD for word in text.split())
    return "us-ascii" if readable else "utf-8"


POLICY = Folding(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar part; method: REQUEST, CANCEL."""

    method: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """What to send to one person. Names and subject may hold anything; they are cleaned."""

    message_id: str
    sender_name: str
    sender_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    calendar: Calendar | None = None


def compose(mail: Mail, now: datetime) -> EmailMessage:
    """Return the message: text, the same as HTML, and a calendar part where there is one.

    The calendar is there twice, as mail programs differ in which they look at: as an alternative
    (Outlook, Gmail) and as a file (Apple). Raises ValueError for an address that is none.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = _address(mail.sender_name, mail.sender_address)
    message["To"] = _address(mail.to_name, mail.to_address)
    message["Subject"] = _header_text(mail.subject)[:LONGEST_SUBJECT].rstrip()
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.calendar is not None:
        _add_calendar(message, mail.calendar)
    return message


def message_id(number: int, dedupe_key: str, base_url: str) -> str:
    """Return the Message-ID of an outbox row: every try of it carries the same one."""
    digest = hashlib.sha256(dedupe_key.encode()).hexdigest()[:16]
    return f"<outbox.{number}.{digest}@{domain_of(base_url)}>"


def domain_of(base_url: str) -> str:
    """Return the host of an address as a mail domain, `localhost` where it cannot be one.

    >>> domain_of("https://booking.park.example:8443/x"), domain_of("http://[::1]:8000")
    ('booking.park.example', 'localhost')
    """
    host = urlsplit(base_url).hostname or ""
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return "localhost"
    return host if _DOMAIN.fullmatch(host) else "localhost"


def one_line(text: str) -> str:
    """Return `text` without line breaks and other invisible characters, spaces joined.

    >>> one_line("Ada\\r\\nBcc: eve@x.example")
    'Ada Bcc: eve@x.example'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def plain_name(name: str) -> str:
    """Return a person's name as one line without what means something in an address line.

    >>> plain_name("Wang, Ada <ada@x.example>")
    'Wang Ada ada x example'
    """
    return " ".join(_SPECIAL.sub(" ", _header_text(name)).split())[:LONGEST_NAME].rstrip()


def _header_text(text: str) -> str:
    """Return one line that is not taken for an encoded word, in which anything may hide."""
    return one_line(text).replace("=?", "= ?")


def _add_calendar(message: EmailMessage, calendar: Calendar) -> None:
    message.add_alternative(
        calendar.content.decode(), subtype="calendar", params={"method": calendar.method}
    )
    message.add_attachment(
        calendar.content, maintype="application", subtype="ics", filename=CALENDAR_FILE
    )


def _address(name: str, address: str) -> Address:
    """Return an address whose name is only a name. Raises ValueError for what is no address."""
    try:
        return Address(plain_name(name), addr_spec=address)
    except (IndexError, UnicodeError) as error:  # the parser trips over some odd input
        raise ValueError(f"not an address: {one_line(address)!r}") from error


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A message read back: its headers in order, its text, its calendar if it has one."""

    headers: tuple[tuple[str, str], ...]
    text: str
    calendar: str


def read_back(content: bytes) -> StoredMail:
    """Return a message that `compose` made, its encodings undone."""
    message = message_from_bytes(content, policy=policy.default)
    parts = {part.get_content_type(): part for part in message.walk()}
    texts = [
        str(parts[kind].get_content()).replace("\r\n", "\n") if kind in parts else ""
        for kind in ("text/plain", "text/calendar")
    ]
    shown = ("From", "To", "Subject", "Date", "Message-ID")
    headers = tuple((name, str(message[name])) for name in shown if message[name])
    return StoredMail(headers, *texts)
