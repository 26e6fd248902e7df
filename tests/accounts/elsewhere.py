"""Other people's servers, in a process of their own: an OpenID provider, WeCom, an SMS gateway.

`python -m tests.accounts.elsewhere` prints its port. Tests steer it by POST /next, a JSON object
kept until the next: `claims` to change (null: leave out), `sign` (other, none, hs256), `status`,
`wecom`. GET /asked gives what it was asked, and forgets it.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
import warnings
from socketserver import ThreadingMixIn
from urllib.parse import parse_qsl, urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from joserfc import jwk, jwt

CLIENT, SECRET = "booking", "s+cret/ 1"
KEY, OTHER = (jwk.RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
STATE = {"next": {}, "asked": [], "codes": {}, "tokens": 0}


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_):
        """Say nothing."""


class Server(ThreadingMixIn, WSGIServer):
    """Answers several at once."""

    daemon_threads = True


def app(environ, start):
    """Answer one request."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    path, query = environ["PATH_INFO"], dict(parse_qsl(environ["QUERY_STRING"]))
    if path == "/next":
        STATE["next"] = json.loads(body)
        return answer(start, {})
    if path == "/asked":
        asked, STATE["asked"] = STATE["asked"], []
        return answer(start, asked)
    STATE["asked"].append(
        {"path": path, "query": query, "body": body.decode(), "method": environ["REQUEST_METHOD"],
         "authorization": environ.get("HTTP_AUTHORIZATION", ""),
         "type": environ.get("CONTENT_TYPE", "")}
    )  # fmt: skip
    handler = HANDLERS.get(path)
    if handler is None:
        return answer(start, {"error": "not found"}, "404 Not Found")
    return handler(start, environ, query, body)


def answer(start, value, status="200 OK", headers=()):
    """Answer JSON."""
    start(status, [("Content-Type", "application/json"), *headers])
    return [json.dumps(value).encode()]


def own(environ):
    """Return this server's address."""
    return f"http://127.0.0.1:{environ['SERVER_PORT']}"


def discovery(start, environ, _query, _body):
    """Say what this provider is."""
    here = own(environ)
    found = {
        "issuer": here, "authorization_endpoint": f"{here}/authorize",
        "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/jwks",
    }  # fmt: skip
    return answer(start, found | STATE["next"].get("metadata", {}))


def jwks(start, _environ, _query, _body):
    """Give the public key."""
    return answer(start, {"keys": [KEY.as_dict(private=False)]})


def authorize(start, _environ, query, _body):
    """Let everybody in at once, and lead back with a code."""
    code = secrets.token_urlsafe(16)
    STATE["codes"][code] = query
    back = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
    return answer(start, {}, "302 Found", [("Location", back)])


def token(start, environ, _query, body):
    """Give an id_token for a code, once, to who proves itself and its verifier."""
    form = dict(parse_qsl(body.decode()))
    asked = STATE["codes"].pop(form.get("code"), None)
    challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if (
        asked is None
        or environ.get("HTTP_AUTHORIZATION") != basic()
        or asked.get("code_challenge_method") != "S256"
        or asked["code_challenge"] != base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        or asked["redirect_uri"] != form["redirect_uri"]
    ):
        return answer(start, {"error": "invalid_grant"}, "400 Bad Request")
    status = STATE["next"].get("status", "200 OK")
    given = {"access_token": "at", "token_type": "Bearer", "id_token": id_token(environ, asked)}
    return answer(start, given, status)


def basic():
    """Return how our client proves itself: form-encoded, then basic (RFC 6749, 2.3.1)."""
    encoded = urlencode({CLIENT: SECRET}).replace("=", ":")
    return f"Basic {base64.b64encode(encoded.encode()).decode()}"


def id_token(environ, asked):
    """Return the id_token, twisted as the test wants."""
    now = int(time.time())
    claims = {
        "iss": own(environ), "sub": "ada-1", "aud": asked["client_id"], "iat": now,
        "exp": now + 300, "nonce": asked["nonce"], "email": "ada@test.example",
        "email_verified": True, "name": "Ada",
    } | STATE["next"].get("claims", {})  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not None}
    how = STATE["next"].get("sign")
    if how == "none":
        parts = ({"alg": "none"}, claims)
        return ".".join(plain(part) for part in parts) + "."
    if how == "hs256":
        key = jwk.OctKey.import_key(SECRET.ljust(32))
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, key)
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, OTHER if how == "other" else KEY)


def plain(part):
    """Return a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def wecom_token(start, _environ, query, _body):
    """Give WeCom's token for the application."""
    if query != {"corpid": "ww1", "corpsecret": "wecom-secret"}:
        return answer(start, {"errcode": 40001, "errmsg": "invalid credential"})
    STATE["tokens"] += 1
    found = {"errcode": 0, "access_token": f"token-{STATE['tokens']}", "expires_in": 7200}
    return answer(start, found)


def wecom_user(start, _environ, query, _body):
    """Say whose code it is."""
    steered = STATE["next"].get("wecom", {})
    if query["access_token"] == steered.get("stale"):
        return answer(start, {"errcode": 42001, "errmsg": "access_token expired"})
    usual = {"errcode": 0, "errmsg": "ok", "userid": "zhang.san"}
    return answer(start, steered.get("answer", usual))


def sms(start, environ, _query, _body):
    """Take a text message, or refuse it."""
    status = STATE["next"].get("status", "200 OK")
    return answer(start, STATE["next"].get("sms", {"code": "OK"}), status)


def elsewhere(start, environ, _query, _body):
    """Lead to another address."""
    return answer(start, {}, "302 Found", [("Location", f"{own(environ)}/jwks")])


def endless(start, _environ, _query, _body):
    """Answer far too much."""
    start("200 OK", [("Content-Type", "application/json")])
    return (b"[" * 65536 for _ in range(64))


HANDLERS = {
    "/.well-known/openid-configuration": discovery, "/jwks": jwks, "/authorize": authorize,
    "/token": token, "/cgi-bin/gettoken": wecom_token, "/cgi-bin/auth/getuserinfo": wecom_user,
    "/sms": sms, "/elsewhere": elsewhere, "/endless": endless,
}  # fmt: skip


def main():
    """Serve on a free port of this machine until killed."""
    warnings.simplefilter("ignore")  # the secret of `hs256` is as weak as a client secret is
    with make_server("127.0.0.1", 0, app, Server, Quiet) as server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
