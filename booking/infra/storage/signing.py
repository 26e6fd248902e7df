"""AWS Signature Version 4, as every S3-compatible store checks it. Pure; no clock, no network."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs: key, secret and the region of the store."""

    key_id: str
    secret: str
    region: str


def signed_headers(
    method: str,
    host: str,
    path: str,
    content: bytes,
    credentials: Credentials,
    now: datetime,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers of a request with its signature; `path` is not yet percent-encoded."""
    digest = hashlib.sha256(content).hexdigest()
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp,
        **{name.lower(): value.strip() for name, value in (more or {}).items()},
    }  # fmt: skip
    names = ";".join(sorted(headers))
    canonical = "\n".join((
        method, quote(path, safe="/-_.~"), "",
        *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, digest,
    ))  # fmt: skip
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(
        _key(credentials, stamp[:8]), f"{ALGORITHM}\n{stamp}\n{scope}\n{hashed}".encode(), "sha256"
    ).hexdigest()
    headers["authorization"] = (
        f"{ALGORITHM} Credential={credentials.key_id}/{scope},"
        f"SignedHeaders={names},Signature={signature}"
    )
    return headers


def _key(credentials: Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return key
