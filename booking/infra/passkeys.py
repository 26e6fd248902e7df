"""Passkeys (WebAuthn): what the browser is asked, and whether its answer holds.

The library takes 90 ms and 9 MB to import, so it is when the first passkey is spoken of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from booking.core.errors import Invalid
from booking.infra.late import late

TIMEOUT_MS = 120_000
# Addresses are no names to WebAuthn; browsers take this one for the machine itself.
_OWN_MACHINE = ("127.0.0.1", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys of this park work: the host's name, and the page addresses it is asked at."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is kept of a passkey that was just made, as base64url text."""

    credential_id: str
    public_key: str
    sign_count: int


def place_of(base_url: str) -> Place:
    """Return where passkeys work for a configured base URL, never taken from a request."""
    parts = urlsplit(base_url)
    host = parts.hostname or "localhost"
    if host in _OWN_MACHINE:
        host = "localhost"
    port = f":{parts.port}" if parts.port else ""
    return Place(host, f"{parts.scheme}://{host}{port}")


def creation_options(
    place: Place, product: str, person: tuple[int, str, str], has: Iterable[str], challenge: str
) -> str:
    """Return as JSON what the browser needs to make a passkey for (id, e-mail, name).

    It is asked to be found without the e-mail being typed, and to check who holds the device.
    `has` are the ids of passkeys the person has already, `challenge` is base64url.
    """
    library = late("webauthn")
    structs = late("webauthn.helpers.structs")
    user_id, email, name = person
    options = library.generate_registration_options(
        rp_id=place.host, rp_name=product, user_id=f"person:{user_id}".encode(), user_name=email,
        user_display_name=name, challenge=_bytes(challenge), timeout=TIMEOUT_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(has),
    )  # fmt: skip
    return str(library.options_to_json(options))


def request_options(place: Place, allowed: Iterable[str], challenge: str) -> str:
    """Return as JSON what the browser needs to prove a passkey; `allowed` empty: any it has."""
    library = late("webauthn")
    structs = late("webauthn.helpers.structs")
    options = library.generate_authentication_options(
        rp_id=place.host, challenge=_bytes(challenge), timeout=TIMEOUT_MS,
        allow_credentials=_descriptors(allowed),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return str(library.options_to_json(options))


def proven_new(place: Place, answer: str, challenge: str) -> NewKey:
    """Return the passkey made for this challenge. Raises Invalid when the answer does not hold."""
    found = _checked(
        "verify_registration_response", credential=answer, expected_challenge=_bytes(challenge),
        expected_rp_id=place.host, expected_origin=place.origin, require_user_verification=True,
    )  # fmt: skip
    return NewKey(
        _text(found.credential_id), _text(found.credential_public_key), int(found.sign_count)
    )


def credential_of(answer: str) -> str:
    """Return the id of the passkey an answer speaks of. Raises Invalid when it cannot be read."""
    try:
        return str(late("webauthn.helpers").parse_authentication_credential_json(answer).id)
    except Exception as fault:  # whatever a hostile answer sets off in the library
        raise Invalid("passkey_unproven") from fault


def proven_use(place: Place, answer: str, challenge: str, public_key: str, sign_count: int) -> int:
    """Return the passkey's new counter. Raises Invalid when the answer does not hold.

    It must be this challenge, signed by this key at our address, whoever holds the device checked,
    and the counter must have gone up where the device counts.
    """
    found = _checked(
        "verify_authentication_response", credential=answer, expected_challenge=_bytes(challenge),
        expected_rp_id=place.host, expected_origin=place.origin, require_user_verification=True,
        credential_public_key=_bytes(public_key), credential_current_sign_count=sign_count,
    )  # fmt: skip
    return int(found.new_sign_count)


def _checked(name: str, **values: Any) -> Any:
    try:
        return getattr(late("webauthn"), name)(**values)
    except Exception as fault:  # whatever a hostile answer sets off in the library
        raise Invalid("passkey_unproven") from fault


def _descriptors(ids: Iterable[str]) -> list[Any]:
    make = late("webauthn.helpers.structs").PublicKeyCredentialDescriptor
    return [make(id=_bytes(one)) for one in ids]


def _bytes(text: str) -> bytes:
    return bytes(late("webauthn").base64url_to_bytes(text))


def _text(value: bytes) -> str:
    return str(late("webauthn.helpers").bytes_to_base64url(value))
