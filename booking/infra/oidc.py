"""OpenID Connect as a client: the address to send people to, and what the provider says of them.

Code flow with PKCE (S256) and nonce. Authlib builds the address and checks the claims; asking is
`infra.outbound`'s. Imported late, as most requests never come here: Authlib takes 0.2 s.
"""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from flask import current_app

from booking.infra import outbound
from booking.infra.late import late
from booking.infra.outbound import Unreachable

# Signatures made with a private key of the provider. Never `none`, nor HS256, whose key we know.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
LEEWAY_SECONDS = 60  # clocks differ
KEEP_SECONDS = 600  # what a provider says of itself
ONLY = "sso"  # the key of the provider of the BOOKING_OIDC_… settings


class Unproven(Exception):
    """What came back proves nobody; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who is trusted to say who somebody is. `creates`: also people who have no account yet."""

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    creates: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """What was begun in one browser, and must come back to it."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of a person. `email` only if it says that it was verified."""

    issuer: str
    subject: str
    email: str | None
    name: str
    two_factors: bool


_KEPT: dict[str, tuple[float, dict[str, Any]]] = {}


def providers() -> dict[str, Provider]:
    """Return the providers of the settings by key: OIDC_ISSUER's, then those of OIDC_MORE."""
    config = current_app.config
    found = {}
    if config["OIDC_ISSUER"]:
        found[ONLY] = Provider(
            ONLY, config["OIDC_NAME"], config["OIDC_ISSUER"], config["OIDC_CLIENT_ID"],
            config["OIDC_CLIENT_SECRET"], config["OIDC_SCOPES"], config["OIDC_CREATE"],
        )  # fmt: skip
    for key, more in config["OIDC_MORE"].items():
        found[key] = Provider(
            key, more.get("name", ""), more["issuer"], more["client_id"], more["client_secret"],
            more.get("scopes", config["OIDC_SCOPES"]), bool(more.get("create", False)),
        )  # fmt: skip
    return found


def address(provider: Provider, flow: Flow, back: str) -> str:
    """Return where to send the browser. Raises Unreachable."""
    endpoint = _endpoint(provider, "authorization_endpoint")
    # Late: see above.
    build = late("authlib.oauth2.rfc6749.parameters").prepare_grant_uri
    challenge = late("authlib.oauth2.rfc7636").create_s256_code_challenge
    uri: str = build(
        endpoint, provider.client_id, "code", redirect_uri=back, scope=provider.scopes,
        state=flow.state, nonce=flow.nonce,
        code_challenge=challenge(flow.verifier), code_challenge_method="S256",
    )  # fmt: skip
    return uri


def claims(provider: Provider, flow: Flow, code: str, back: str) -> Claims:
    """Return what the provider says of whoever came back with `code`.

    Raises Unreachable, Unproven when the code or the token it gave is refused.
    """
    fields = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back,
        "client_id": provider.client_id, "code_verifier": flow.verifier,
    }  # fmt: skip
    answer = outbound.post_form(_endpoint(provider, "token_endpoint"), *_client(provider, fields))
    if answer.status >= 500:
        raise Unreachable(f"the token endpoint answers {answer.status}")
    if answer.status != 200:
        raise Unproven(f"the code was refused ({answer.status})")
    given = answer.json()
    token = given.get("id_token")
    if not isinstance(token, str):
        raise Unproven("no id_token")
    return _checked(provider, flow, token, given.get("access_token"))


def _client(provider: Provider, fields: dict[str, str]) -> tuple[dict[str, str], Mapping[str, str]]:
    """Return the form and the headers with which we prove ourselves, as the provider wants it."""
    methods = _metadata(provider).get("token_endpoint_auth_methods_supported")
    if not isinstance(methods, list) or "client_secret_basic" in methods:
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
        return fields, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {**fields, "client_secret": provider.client_secret}, {}


def _checked(provider: Provider, flow: Flow, token: str, access_token: Any) -> Claims:
    errors = late("joserfc.errors").JoseError
    try:
        decoded = _decoded(provider, token)
        found = late("authlib.oidc.core").CodeIDToken(
            decoded.claims, decoded.header,
            # Authlib asks for neither by itself.
            {"iss": {"essential": True, "value": provider.issuer},
             "aud": {"essential": True, "value": provider.client_id}},
            {"nonce": flow.nonce, "client_id": provider.client_id, "access_token": access_token},
        )  # fmt: skip
        found.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
    except (errors, ValueError, TypeError, KeyError) as error:
        raise Unproven(f"the id_token: {type(error).__name__}: {error}") from error
    return _read(found)


def _decoded(provider: Provider, token: str) -> Any:
    """Return the token, its signature checked; keys that are not known are asked for once more."""
    uri = _endpoint(provider, "jwks_uri")
    for fresh in (False, True):
        keys = late("joserfc.jwk").KeySet.import_key_set(_document(uri, fresh=fresh))
        try:
            return late("joserfc.jwt").decode(token, keys, algorithms=ALGORITHMS)
        except late("joserfc.errors").InvalidKeyIdError:
            if fresh:
                raise
    raise AssertionError("unreachable")


def _read(found: Mapping[str, Any]) -> Claims:
    subject = found["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Unproven("no fit subject")
    email = found.get("email")
    verified = found.get("email_verified") in (True, "true")
    methods = found.get("amr")
    return Claims(
        issuer=str(found["iss"]),
        subject=subject,
        email=email if verified and isinstance(email, str) else None,
        name=str(found.get("name") or found.get("preferred_username") or "")[:200],
        two_factors=isinstance(methods, list) and "mfa" in methods,
    )


def _endpoint(provider: Provider, name: str) -> str:
    found = _metadata(provider).get(name)
    if not isinstance(found, str) or not outbound.is_safe(found):
        raise Unreachable(f"the provider names no fit {name}")
    return found


def _metadata(provider: Provider) -> dict[str, Any]:
    found = _document(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise Unreachable("the provider calls itself otherwise than the setting")
    return found


def _document(url: str, *, fresh: bool = False) -> dict[str, Any]:
    """Return a document of the provider, kept for ten minutes."""
    kept = _KEPT.get(url)
    if kept is not None and not fresh and time.monotonic() < kept[0]:
        return kept[1]
    answer = outbound.get(quote(url, safe=":/?&=%~+,;@!$'()*[]#"))
    if answer.status != 200:
        raise Unreachable(f"the provider answers {answer.status}")
    found = answer.json()
    _KEPT[url] = (time.monotonic() + KEEP_SECONDS, found)
    return found
