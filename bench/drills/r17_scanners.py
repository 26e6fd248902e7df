"""R17: wapiti and sqlmap against a served park, signed in: nothing above information.

They live in an environment of their own (artifacts/scanners), which this drill makes; where the
package index cannot be reached it says so and tries nothing. Full: ten minutes a role and tool.
"""

import http.client
import json
import logging
import re
import subprocess
import tempfile
import time
import venv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from bench.drills.ready import ready_app
from bench.drills.result import Result
from bench.drills.servers import Killable, free_port, serve, wait_until_served
from booking.accounts.services.sessions import start_session
from booking.accounts.services.tokens import SCOPES, create_token
from booking.infra.db import db, write
from tests import databases
from tests.matrix.world import settle

HOME = Path(__file__).resolve().parents[2] / "artifacts" / "scanners"
PACKAGES = ("wapiti3>=3.2,<4", "sqlmap>=1.10,<2")
ROLES = ("ada", "ops")
FULL_SECONDS = 600
# Those left out ask services of the internet, guess paths by thousands, look for TLS, or for LDAP,
# which is nowhere here: what answers differently to different filters looks like it.
MODULES = (
    "sql,timesql,xss,permanentxss,file,exec,crlf,redirect,csp,cookieflags,http_headers,"
    "htaccess,methods,upload,shellshock"
)
# It says that its cookie is not Secure, which plain HTTP on loopback cannot have, and that pages
# lack Strict-Transport-Security: both are there in Production (tests/web/test_headers.py).
OF_LOOPBACK = re.compile(r"Secure flag is not set|Strict-Transport-Security")
# Whatever a parameter may do to a query is in these; {} is filled by the tool.
PAGES = (
    "/pools?q=a&site=1&platform=1&state=in_service&institution=1",
    "/find?q=a&minutes=60&weekday=1&sort=best&category=1",
    "/reservations?scope=mine&tab=past&q=a&status=approved",
    "/park/people?q=a&show=all", "/park/audit?person=a&kind=x&thing=1&before=9",
    "/api/v1/pools?q=a&category=1&site=1", "/api/v1/reservations?status=approved&pool=1&unit=1",
)  # fmt: skip
# What would end the session or the account the tool looks about with.
ENDS = (
    "/account/sign-out", "/account/sessions/end-others", "/account/password",
    "/account/privacy/erase",
)  # fmt: skip
_FOUND = re.compile(r"is vulnerable|appears to be .* injectable|sqlmap identified")


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Scan as a member of a company and as the operator."""
    result = Result("R17", engine)
    trouble = _install()
    if trouble:
        result.figures = {"not run": trouble}
        return result
    # Without the forms' tokens: that all ask for one is tested, here it would end most attacks.
    settings = {**settings, "WTF_CSRF_ENABLED": False}
    app, each = ready_app(settings), int(seconds or FULL_SECONDS)
    with tempfile.TemporaryDirectory() as name:
        app.instance_path, folder = name, Path(name)
        cookies, token = _signed_in(app)
        databases.close(app)
        port = free_port()
        server = Killable(_serve, settings, port)
        try:
            wait_until_served(port)
            base = f"http://127.0.0.1:{port}"
            for role in ROLES:
                _wapiti(base, cookies[role], folder / role, each, result)
            headers = f"Cookie: {cookies['ops']}\nAuthorization: Bearer {token}"
            _sqlmap(base, headers, folder / "sqlmap", each, result)
        finally:
            server.end()
    return result


def _serve(settings: dict[str, Any], port: int) -> None:
    """Serve until killed, without a word about each denied request."""
    logging.disable(logging.WARNING)
    serve(settings, port)


def _install() -> str:
    """Make the environment, once; return why it could not be had, if so."""
    if (HOME / "bin" / "wapiti").exists() and (HOME / "bin" / "sqlmap").exists():
        return ""
    venv.create(HOME, with_pip=True, clear=True)
    pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", *PACKAGES]
    made = subprocess.run(pip, capture_output=True, text=True, check=False)
    return "" if made.returncode == 0 else made.stderr.strip()[-300:]


def _signed_in(app: Flask) -> tuple[dict[str, str], str]:
    """Return the cookie header of each role in the park just made, and an operator's token."""
    cookies, now = {}, datetime.now(UTC)
    with app.app_context():
        _ids, people, _canaries = settle(db.session())
        for role in ROLES:
            token = write(lambda s, r=role: start_session(s, people[r], "", "drill", now))  # type: ignore[misc]
            browser = app.test_client()
            with browser.session_transaction() as cookie:
                cookie["_user_id"], cookie["locale"] = token, "en"
            name = app.config["SESSION_COOKIE_NAME"]
            kept = browser.get_cookie(name)
            cookies[role] = f"{name}={kept.value if kept else ''}"
        key = write(lambda s: create_token(s, None, people["ops"], SCOPES, now))
        db.session.remove()
    return cookies, key


def _wapiti(base: str, cookie: str, folder: Path, seconds: int, result: Result) -> None:
    """Crawl and attack as whose cookie it is; add what is found above information."""
    folder.mkdir()
    report = folder / "report.json"
    command = [
        "wapiti", "-u", f"{base}/pools", "--scope", "domain", "-H", f"Cookie: {cookie}", "-m",
        MODULES, *(word for path in ENDS for word in ("-x", f"{base}{path}")), "-f", "json", "-o",
        str(report), "--store-session", str(folder), "--flush-session", "--max-scan-time",
        str(seconds), "--max-attack-time", str(max(5, seconds // 10)), "--tasks", "4", "-v", "0",
        "--no-bugreport",
    ]  # fmt: skip
    began = time.monotonic()
    output = _ran(command, seconds * 6 + 300)
    if not report.exists():
        result.problems.append(f"wapiti as {folder.name}: no report: {output[-300:]}")
        return
    if not _is_signed_in(base, cookie):
        result.problems.append(f"wapiti as {folder.name}: it ended its own session")
    told = json.loads(report.read_text("utf-8"))
    result.figures[f"wapiti {folder.name}: pages"] = told["infos"].get("crawled_pages_nbr")
    result.figures[f"wapiti {folder.name}: s"] = round(time.monotonic() - began)
    for kind in ("vulnerabilities", "anomalies"):
        for name, found in told[kind].items():
            for one in found:
                words = f"{one['method']} {one['path']} {one['info']}"
                if not OF_LOOPBACK.search(words):
                    result.problems.append(f"wapiti {folder.name}: {name}: {words}"[:300])


def _sqlmap(base: str, headers: str, folder: Path, seconds: int, result: Result) -> None:
    """Try every parameter of the pages that search; add what can be injected."""
    ends = time.monotonic() + seconds
    tried = 0
    for page in PAGES:
        left = ends - time.monotonic()
        if left < 5:
            break
        output = _ran([
            "sqlmap", "-u", f"{base}{page}", "--headers", headers, "--batch", "--level", "2",
            "--risk", "1", "--technique", "BEUSQ", "--threads", "2", "--output-dir", str(folder),
            "--disable-coloring", "--flush-session", "--timeout", "10",
        ], left)  # fmt: skip
        tried += 1
        found = _FOUND.search(output)
        result.require(not found, f"sqlmap: {page}: {found and found[0]}")
        result.require("[CRITICAL]" not in _unexpected(output), f"sqlmap: {page}: {output[-200:]}")
    result.figures["sqlmap: addresses"] = tried


def _unexpected(output: str) -> str:
    """Return what sqlmap says, but for its verdict that nothing can be injected."""
    verdicts = ("all tested parameters do not appear", "WAF/IPS", "considerable lagging")
    return "\n".join(_without(output.splitlines(), verdicts))


def _without(lines: list[str], words: tuple[str, ...]) -> Iterator[str]:
    yield from (line for line in lines if not any(word in line for word in words))


def _ran(command: list[str], seconds: float) -> str:
    """Return what a scanner says within its time."""
    path = [str(HOME / "bin" / command[0]), *command[1:]]
    try:
        done = subprocess.run(
            path, capture_output=True, text=True, check=False, timeout=seconds,
            env={"PATH": f"{HOME / 'bin'}:/usr/bin:/bin", "HOME": str(HOME)},
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode("utf-8", "replace") if late.stdout else ""
    return done.stdout + done.stderr


def _is_signed_in(base: str, cookie: str) -> bool:
    """Return whether the tool's cookie still opens a page of the signed-in."""
    line = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    line.request("GET", "/reservations", headers={"Cookie": cookie})
    status = line.getresponse().status
    line.close()
    return status == 200
