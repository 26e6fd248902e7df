"""The chain of seals: what a link is made of, and how a broken one is told."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# What the first link stands on.
START = "0" * 64
# Columns of an audit row in the order they are hashed; a new one joins at the right.
SEALED = (
    "id", "at", "actor_id", "action", "subject_type", "subject_id", "before", "after",
    "personal_hash", "via", "address",
)  # fmt: skip

# What may be wrong with a link.
NO_SEAL, NO_ROW, WRONG_ORDER, ROW_CHANGED, TEXT_CHANGED, NO_HEAD = (
    "seal missing", "row missing", "does not follow the seal before", "row changed",
    "personal text changed", "the expected seal is not there",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A seal with the row it seals: its columns in the order of SEALED, None when it is gone."""

    seal_no: int
    audit_id: int
    prev_hash: str
    hash: str
    row: Sequence[int | str | None] | None
    personal_hash: str | None = None
    salt: str | None = None  # with text: what is still kept of it
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """The first link that does not hold, and why."""

    seal_no: int
    audit_id: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain; `seal_no` 0 and START for an empty one."""

    seal_no: int = 0
    hash: str = START


def seal_hash(seal_no: int, prev_hash: str, row: Sequence[int | str | None]) -> str:
    """Return the hash of a link: SHA-256 of its number, the hash before and the row, as JSON."""
    content = json.dumps([seal_no, prev_hash, *row], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def personal_hash(salt: str | None, text: str | None) -> str:
    """Return what an audit row keeps of its personal text."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def first_break(links: Iterable[Link], head: Head) -> tuple[Head, Break | None]:
    """Return the last link that holds, and the first that does not; `head` is the one before."""
    for link in links:
        what = _wrong(link, head)
        if what:
            number = head.seal_no + 1 if what == NO_SEAL else link.seal_no
            return head, Break(number, None if what == NO_SEAL else link.audit_id, what)
        head = Head(link.seal_no, link.hash)
    return head, None


def _wrong(link: Link, head: Head) -> str | None:
    if link.seal_no != head.seal_no + 1:
        return NO_SEAL
    if link.prev_hash != head.hash:
        return WRONG_ORDER
    if link.row is None:
        return NO_ROW
    if link.hash != seal_hash(link.seal_no, link.prev_hash, link.row):
        return ROW_CHANGED
    if link.salt is not None and link.personal_hash != personal_hash(link.salt, link.text):
        return TEXT_CHANGED
    return None
