"""A passkey in software: answers as a browser with a device that checks who holds it."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost"  # of the settings of tests
PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


class SoftKey:
    """One passkey; `counts` False: a synchronised one, whose counter stays at 0."""

    def __init__(self, *, counts: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.count = 0
        self.counts = counts

    def create(self, options: dict[str, Any], origin: str = ORIGIN) -> str:
        """Return the answer to creation options, as JSON."""
        numbers = self.key.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        head = self._head(options["rp"]["id"], PRESENT | VERIFIED | NEW)
        data = head + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = _client("webauthn.create", options["challenge"], origin)
        return self._json(clientDataJSON=client, attestationObject=attestation)

    def get(
        self, options: dict[str, Any], origin: str = ORIGIN, flags: int = PRESENT | VERIFIED
    ) -> str:
        """Return the answer to request options, as JSON."""
        self.count += self.counts
        head = self._head(options["rpId"], flags)
        client = _client("webauthn.get", options["challenge"], origin)
        signed = head + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._json(clientDataJSON=client, authenticatorData=head, signature=signature)

    def _head(self, host: str, flags: int) -> bytes:
        return (
            hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
        )

    def _json(self, **response: bytes) -> str:
        parts = {name: _text(value) for name, value in response.items()}
        own = _text(self.id)
        return json.dumps(
            {"id": own, "rawId": own, "type": "public-key", "response": parts,
             "clientExtensionResults": {}}
        )  # fmt: skip


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
