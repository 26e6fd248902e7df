"""The servers elsewhere that people sign in by, in a process of their own."""

import json
import re
import subprocess
import sys
import urllib.request
from html import unescape
from pathlib import Path
from urllib.error import HTTPError

import pytest

from booking.infra import oidc, wecom
from tests.accounts.proving import ada, code, enrolled, her, key

__all__ = ("ada", "code", "enrolled", "her", "key")  # fixtures

ROOT = Path(__file__).resolve().parents[2]


class Elsewhere:
    """The other servers, and a browser's steps to and from them."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def next(self, **steered):
        """Steer what is answered from now on."""
        self._ask("/next", json.dumps(steered).encode())

    def asked(self, path):
        """Return what was asked at a path since the last time."""
        found = json.loads(self._ask("/asked"))
        return [one for one in found if one["path"] == path]

    def come_back(self, address):
        """Return the path of ours that the provider leads a browser to."""
        with pytest.raises(HTTPError, match="302") as raised:
            self._ask(address.removeprefix(self.url))
        with raised.value as answer:
            return answer.headers["Location"].removeprefix("http://localhost")

    def _ask(self, path, body=None):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        opener = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}{path}", body, timeout=10) as answer:
            return answer.read()


@pytest.fixture(scope="module")
def _elsewhere():
    command = [sys.executable, "-m", "tests.accounts.elsewhere"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        yield Elsewhere(process.stdout.readline().strip())
        process.kill()


@pytest.fixture
def elsewhere(_elsewhere):
    """Return the servers, answering as usual, and nothing known of them yet."""
    _elsewhere.next()
    _elsewhere.asked("")
    oidc._KEPT.clear()
    wecom._TOKENS.clear()
    return _elsewhere


def hidden(html):
    """Return the hidden fields of the page one comes back to."""
    found = re.findall(r'<input type="hidden" name="(code|state)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}
