"""Asking other servers: only by verified TLS, nowhere else than was said, not for ever."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from booking.infra import outbound
from booking.infra.outbound import Unreachable


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self):
        """Answer."""
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "/")
        self.end_headers()
        size = outbound.MOST_BYTES + 1 if self.path == "/endless" else 0
        self.wfile.write(b"[1]" if self.path == "/list" else b"{}" + b" " * size)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def serve(tmp_path):
    """Return a function that serves, with a certificate if wanted, and returns the address."""
    servers = []

    def start(certificate=None):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def self_signed(tmp_path):
    """Return a file with a key and a certificate for this machine that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=9))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_a_certificate_nobody_vouches_for_is_refused(serve, self_signed, monkeypatch):
    address = serve(self_signed)
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        outbound.get(address)

    monkeypatch.setenv("SSL_CERT_FILE", str(self_signed))
    outbound.authorities.cache_clear()
    try:
        assert outbound.get(address).json() == {}
    finally:
        outbound.authorities.cache_clear()


def test_a_name_that_leads_inside_is_told_nothing(serve, self_signed, monkeypatch):
    """A name that first was somebody else's: its certificate is asked for before anything is."""
    inside = int(serve(self_signed).rpartition(":")[2])
    asked, find = [], socket.getaddrinfo

    def rebinding(host, port, *more, **named):
        asked.append(host)
        return find("127.0.0.1", inside, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(Handler, "do_GET", lambda _: pytest.fail("it was asked"))

    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        outbound.get("https://id.example/secret?token=x")
    assert asked == ["id.example"]


@pytest.mark.parametrize("path", ["/elsewhere", "/endless"])
def test_nobody_is_led_elsewhere_or_fed_for_ever(serve, path):
    with pytest.raises(Unreachable):
        outbound.get(serve() + path)


def test_only_objects_are_answers(serve):
    with pytest.raises(Unreachable):
        outbound.get(serve() + "/list").json()


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example/x", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://id.example/x", False),
        ("http://127.0.0.1.evil.example/", False),
        ("https://user:word@id.example/", False),
        ("https://id.example:99999/", False),
        ("ftp://id.example/", False),
        # What leads to this machine, or inside, by another spelling: no plain HTTP gets there.
        ("http://127.1/", False),
        ("http://2130706433/", False),
        ("http://0x7f.0.0.1/", False),
        ("http://0177.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("http://[::]/", False),
        ("http://[::ffff:127.0.0.1]/", False),
        ("http://[64:ff9b::a9fe:a9fe]/", False),
        ("http://169.254.169.254/latest/meta-data/", False),
        ("http://localhost.evil.example/", False),
        ("http://localhost./", False),
        ("http://127.0.0.1@evil.example/", False),
        ("http://evil.example#@127.0.0.1/", False),
        ("http://evil.example\\@127.0.0.1/", False),
        ("http://①②⑦.0.0.1/", False),
        ("gopher://127.0.0.1:25/", False),
        ("javascript:alert(1)", False),
        ("//127.0.0.1/", False),
        ("https://", False),
        ("https://[::1", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_which_addresses_may_be_asked(address, safe):
    assert outbound.is_safe(address) is safe
    if not safe:
        with pytest.raises(Unreachable):
            outbound.get(address)
