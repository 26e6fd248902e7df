"""Where the bytes of files are kept: a folder of this machine, or S3-compatible storage.

Slow and able to fail: never called inside a transaction.
"""

import contextlib
import http.client
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from booking.infra import clock
from booking.infra.outbound import authorities
from booking.infra.private_files import write_private
from booking.infra.storage.signing import Credentials, signed_headers

_KEY = re.compile(r"[0-9a-f]{40}")


class StoreDown(Exception):
    """The store cannot be reached or refuses us. The text says why, for the log."""


class Store(Protocol):
    """Bytes under keys of our making."""

    def put(self, key: str, content: bytes) -> None:
        """Keep `content`; the same key again replaces it. Raises StoreDown."""

    def get(self, key: str) -> bytes | None:
        """Return what is kept, None if there is nothing. Raises StoreDown."""

    def remove(self, key: str) -> None:
        """Forget what is kept, if anything is. Raises StoreDown."""


def open_store(config: Mapping[str, Any], instance_path: str) -> Store:
    """Return the store the settings ask for: a folder while there is no S3_ENDPOINT."""
    if not config["S3_ENDPOINT"]:
        return FolderStore(Path(config["UPLOAD_FOLDER"] or Path(instance_path) / "uploads"))
    who = Credentials(config["S3_KEY_ID"], config["S3_SECRET"], config["S3_REGION"])
    return S3Store(config["S3_ENDPOINT"], config["S3_BUCKET"], who, config["S3_TIMEOUT_SECONDS"])


def new_key() -> str:
    """Return a new key: 160 random bits, nothing of what anybody typed."""
    return os.urandom(20).hex()


class FolderStore:
    """One file a key, in folders by its first two letters, readable by this user only."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        """Write the file: half of it is never found."""
        path = self._path(key)
        try:
            write_private(path, content)
        except OSError as error:
            raise StoreDown(str(error)) from error

    def get(self, key: str) -> bytes | None:
        """Return the file's bytes."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreDown(str(error)) from error

    def remove(self, key: str) -> None:
        """Delete the file."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreDown(str(error)) from error

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("not a key of ours")
        return self._root / key[:2] / key


class S3Store:
    """A bucket of S3-compatible storage, addressed by path; redirects are not followed."""

    def __init__(self, endpoint: str, bucket: str, who: Credentials, seconds: int) -> None:
        address = urlsplit(endpoint)
        if address.scheme not in ("http", "https") or not address.hostname or not bucket:
            raise ValueError("S3_ENDPOINT is http(s)://host[:port], and S3_BUCKET is needed")
        self._secure = address.scheme == "https"
        self._host = address.netloc.rpartition("@")[2]
        self._folder = f"{address.path.rstrip('/')}/{bucket}"
        self._who, self._seconds = who, seconds

    def put(self, key: str, content: bytes) -> None:
        """Send the object."""
        self._ask("PUT", key, content, (200, 201, 204))

    def get(self, key: str) -> bytes | None:
        """Fetch the object."""
        status, body = self._ask("GET", key, b"", (200, 404))
        return body if status == 200 else None

    def remove(self, key: str) -> None:
        """Delete the object."""
        self._ask("DELETE", key, b"", (200, 204, 404))

    def _ask(self, method: str, key: str, body: bytes, fine: tuple[int, ...]) -> tuple[int, bytes]:
        if not _KEY.fullmatch(key):
            raise ValueError("not a key of ours")
        path = f"{self._folder}/{key}"
        headers = signed_headers(method, self._host, path, body, self._who, clock.now())
        try:
            with contextlib.closing(self._line()) as line:
                line.request(method, path, body or None, headers)
                answer = line.getresponse()
                content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise StoreDown(f"{method} {self._host}: {error}") from error
        if answer.status not in fine:
            raise StoreDown(f"{method} {self._host}: status {answer.status}")
        return answer.status, content

    def _line(self) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(
                self._host, timeout=self._seconds, context=authorities()
            )
        return http.client.HTTPConnection(self._host, timeout=self._seconds)
