"""The park the matrix walks through: built once, brought back before each request that writes."""

import hashlib
import importlib
import pkgutil
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking import create_app
from booking.accounts.services.sessions import start_session
from booking.infra.db import Base, db, write
from tests import databases, matrix
from tests.bait import bait, stored
from tests.cast import cast, further, others
from tests.conftest import NOW, Client
from tests.matrix import MISSING, ROLES, SAFE, Case
from tests.matrix.deciders import appoint
from tests.privacy.canaries import Canaries, plant

# The bookkeeping a GET may write (DESIGN §2): a whole table, or one column of it.
BOOKKEEPING = {"rate_window": None, "user_session": "last_seen_at", "api_token": "last_used_at"}
Dress = Callable[[str], str]
# Pages a mailed link opens to whoever holds it: they read what its reader may.
LINK_HOLDERS = {"approvals.by_link": "mei"}


def modules() -> list[ModuleType]:
    """Return the modules with an ACCESS table, by name; `world` has none."""
    names = sorted(m.name for m in pkgutil.iter_modules(matrix.__path__))
    found = [importlib.import_module(f"tests.matrix.{name}") for name in names]
    # Reservations first: others speak of what it prepares.
    tables = [module for module in found if hasattr(module, "ACCESS")]
    return sorted(tables, key=lambda m: not m.__name__.endswith(".reservations"))


def access() -> dict[str, list[Case]]:
    """Return all tables as one. Raises ValueError when two speak of one endpoint."""
    merged: dict[str, list[Case]] = {}
    for module in modules():
        twice = merged.keys() & module.ACCESS.keys()
        if twice:
            raise ValueError(f"{module.__name__} repeats {sorted(twice)}")
        merged |= module.ACCESS
    return merged


@dataclass
class World:
    """An app on a file, its pristine copy, the ids that cases name, a session for each role.

    `people`: their ids; `canaries`: words that only some of them may read.
    """

    app: Flask
    file: Path
    ids: dict[str, int]
    tokens: dict[str, str]
    people: dict[str, int]
    canaries: Canaries
    _watch: "_Watch | None" = field(default=None, repr=False)
    _settled: str | None = field(default=None, repr=False)  # the digest of the seen state
    _bait: dict[str, str] = field(default_factory=bait, repr=False)

    @classmethod
    def build(cls, template: Path, folder: Path, dress: Dress = str) -> "World":
        """Return the world in `folder`, of an app of its own, with all that the modules prepare.

        `dress` writes something around each planted word.
        """
        url, file = databases.sqlite_copy(template, folder), folder / "booking.sqlite"
        app = create_app("testing", {"DATABASE_URL": url, "WTF_CSRF_ENABLED": False})
        app.instance_path = str(folder)
        app.test_client_class = Client
        databases.forget_durability(app)
        with app.app_context():
            ids, known, canaries = settle(db.session(), dress)
            world = cls(app, file, ids, sessions(known), known, canaries)
            db.session.remove()
        world.come_back_here()
        return world

    def come_back_here(self) -> None:
        """Have the state it is in be the one to come back to."""
        self._keep("made")

    def restore(self, *, seen: bool = False) -> None:
        """Bring every row back to what it was; quick when none was written.

        `seen`: after everybody's session was used just now, so that no reading writes of it.
        """
        if seen and not self._copy("seen").exists():
            self.restore()
            for role in ROLES:
                self.client(role).get("/")
            self._keep("seen")
        state = "seen" if seen else "made"
        if self._watch is None or not self._watch.holds(state):
            self.close()
            shutil.copyfile(self._copy(state), self.file)
            self._watch = _Watch(self.file, state)

    def _copy(self, state: str) -> Path:
        return self.file.with_suffix(f".{state}")

    def _keep(self, state: str) -> None:
        self.close()
        shutil.copyfile(self.file, self._copy(state))

    def has_changed(self) -> bool:
        """Return whether a row that matters was written since everybody's session was used."""
        if self._watch is None or self._watch.untouched():
            return False
        after = self.digest()
        if self._settled is None:
            self.restore(seen=True)
            self._settled = self.digest()
        return after != self._settled

    def close(self) -> None:
        """Close every connection to the file."""
        if self._watch is not None:
            self._watch.end()
            self._watch = None
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()  # the last connection folds the log back into the file

    def client(self, role: str) -> FlaskClient:
        """Return a browser signed in as `role`; nobody for another word."""
        browser = self.app.test_client()
        with browser.session_transaction() as cookie:
            cookie["locale"] = "en"
            if role in self.tokens:
                cookie["_user_id"] = self.tokens[role]
        return browser

    def ask(self, role: str, method: str, endpoint: str, case: Case) -> Any:
        """Return the response to one case, in which nothing is that is not for this role."""
        form = {name: self._filled(value) for name, value in case.form.items()}
        url = self.url(endpoint, case.params) + (
            f"?{self._filled(case.query)}" if case.query else ""
        )
        reads = method in SAFE
        given = None if reads else self._bait | form
        answer = self.client(role).open(url, method=method, data=given)
        if not reads and self._watch is not None and not self._watch.untouched():
            assert not stored(self.file), f"{role} {method} {url} took a field no form has"
        holder = LINK_HOLDERS.get(endpoint, role)
        told = self.leaks(role, answer) & self.leaks(holder, answer)
        assert told == set(), (role, method, url)
        return answer

    def leaks(self, role: str, answer: Any) -> set[str]:
        """Return the planted words in an answer that are not for this role."""
        return self.canaries.leaked(role, answer.get_data().decode("utf-8", "replace")) | (
            self.canaries.leaked(role, str(answer.headers))
        )

    def url(self, endpoint: str, params: dict[str, Any]) -> str:
        """Return the address of an endpoint, params being names of ids or plain values."""
        values = {k: self.ids.get(v, v) if isinstance(v, str) else v for k, v in params.items()}
        with self.app.test_request_context():
            return self.app.url_for(endpoint, **values).removeprefix("http://localhost")

    def _filled(self, text: str) -> str:
        return text.format_map(self.ids) if "{" in text else text

    def digest(self) -> str:
        """Return a digest of every row that no GET may change."""
        whole = hashlib.sha256()
        with self.app.app_context():
            for table in Base.metadata.sorted_tables:
                if table.name in BOOKKEEPING and BOOKKEEPING[table.name] is None:
                    continue
                columns = [c for c in table.c if c.name != BOOKKEEPING.get(table.name)]
                rows = db.session.execute(select(*columns).order_by(*table.primary_key)).all()
                whole.update(f"{table.name}{[tuple(row) for row in rows]}".encode())
            db.session.remove()
        return whole.hexdigest()


class _Watch:
    """Knows whether a file is in its state still: whether nothing was committed to it since."""

    def __init__(self, file: Path, state: str) -> None:
        self._line = sqlite3.connect(file, check_same_thread=False)
        self._state, self._began = state, self._version()

    def holds(self, state: str) -> bool:
        """Return whether the file is in this state."""
        return state == self._state and self.untouched()

    def untouched(self) -> bool:
        """Return whether nothing was committed to the file since."""
        return self._version() == self._began

    def end(self) -> None:
        """Close the file."""
        self._line.close()

    def _version(self) -> int:
        [number] = self._line.execute("PRAGMA data_version").fetchone()
        return int(number)


def settle(session: Session, dress: Dress = str) -> tuple[dict[str, int], dict[str, int], Canaries]:
    """Fill an empty database; return the ids cases name, everybody's id by role, the canaries."""
    people = cast(session)
    everybody = {**vars(people), **others(session, people), **further(session, people)}
    ids: dict[str, int] = {}
    for module in modules():
        if hasattr(module, "prepare"):
            more = module.prepare(session, people)
            other = sorted(name for name in ids.keys() & more.keys() if ids[name] != more[name])
            if other:
                raise ValueError(f"{module.__name__} means something else by {other}")
            ids |= more
    ids |= appoint(session, people, everybody)
    canaries = plant(session, people, dress)
    return ids | canaries.ids, {role: everybody[role].id for role in ROLES}, canaries


def sessions(ids: dict[str, int]) -> dict[str, str]:
    """Return the token of a session of each role, made now."""
    db.session.rollback()
    return {
        role: write(lambda s, user_id=user_id: start_session(s, user_id, "", "matrix", NOW))
        for role, user_id in ids.items()
    }


def missing(params: Any) -> dict[str, Any]:
    """Return values for these parameters that name nothing."""
    return {name: MISSING if name.endswith("_id") else "nothing" for name in params}
