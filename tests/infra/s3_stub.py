"""A store in a process of its own that speaks enough S3 for the tests and checks signatures.

The check is written from the specification, not with the code under test.
"""

import hashlib
import hmac
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY_ID, SECRET, REGION, BUCKET = "AKIDTEST", "secret+/of=tests", "cn-north-1", "park"
KEPT: dict[str, bytes] = {}


class Handler(BaseHTTPRequestHandler):
    """Answers PUT, GET and DELETE of one bucket; /moved leads elsewhere."""

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._refused(body):
            return
        KEPT[self.path] = body
        self._answer(200)

    def do_GET(self) -> None:
        if not self._refused(b""):
            self._answer(200 if self.path in KEPT else 404, KEPT.get(self.path, b""))

    def do_DELETE(self) -> None:
        if not self._refused(b""):
            KEPT.pop(self.path, None)
            self._answer(204)

    def log_message(self, *_: object) -> None:
        pass

    def _refused(self, body: bytes) -> bool:
        if self.path.startswith("/moved/"):
            self.send_response(307)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            return True
        if not self.path.startswith(f"/{BUCKET}/") or not self._is_signed(body):
            self._answer(403)
            return True
        return False

    def _is_signed(self, body: bytes) -> bool:
        kind, _, rest = self.headers.get("authorization", "").partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(","))
        date = self.headers["x-amz-date"]
        scope = f"{date[:8]}/{REGION}/s3/aws4_request"
        digest = hashlib.sha256(body).hexdigest()
        if kind != "AWS4-HMAC-SHA256" or parts["Credential"] != f"{KEY_ID}/{scope}":
            return False
        if self.headers["x-amz-content-sha256"] != digest:
            return False
        lines = [f"{name}:{self.headers[name]}" for name in parts["SignedHeaders"].split(";")]
        request = "\n".join(
            [self.command, self.path, "", *lines, "", parts["SignedHeaders"], digest]
        )
        key = ("AWS4" + SECRET).encode()
        for step in (*scope.split("/"),):
            key = hmac.digest(key, step.encode(), "sha256")
        hashed = hashlib.sha256(request.encode()).hexdigest()
        wanted = hmac.new(key, f"{kind}\n{date}\n{scope}\n{hashed}".encode(), "sha256").hexdigest()
        return hmac.compare_digest(wanted, parts["Signature"])

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201 - tells the test
    server.serve_forever()
