"""R11: every operation of the API as every role and nobody, with cases schemathesis makes of it.

Half of what it makes is aimed: at things that exist, of the caller and of others, at times soon to
come, so that answers get past the first check. Full: 10,000 cases on each engine.
"""

import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import schemathesis
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
)
from sqlalchemy import select

from bench.drills.ready import ready_app
from bench.drills.result import Result
from booking.accounts.services.tokens import SCOPES, create_token
from booking.companies.models import Company, Institution
from booking.infra.db import db, write
from booking.inventory.models import Pool, Unit
from booking.policies.models import Agreement
from booking.reservations.models import (
    DrawEntry,
    Hold,
    Reservation,
    ReservationGroup,
    WaitlistEntry,
)
from booking.training.models import Signup, Training
from booking.web.api.blueprint import PREFIX
from tests import databases
from tests.conftest import NOW
from tests.matrix import ANONYMOUS, ROLES
from tests.matrix.world import settle

SEED = 20261123
# short, full: roles that call each operation; cases of fit and of unfit data each
CALLERS, FIT, UNFIT = {True: 2, False: len(ROLES)}, {True: 2, False: 12}, {True: 1, False: 7}
NOBODY = {True: 1, False: 3}  # cases without a token
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
THINGS: dict[str, Any] = {
    "pool_id": Pool, "unit_id": Unit, "reservation_id": Reservation, "group_id": ReservationGroup,
    "entry_id": WaitlistEntry, "draw_entry_id": DrawEntry, "hold_id": Hold, "session_id": Training,
    "signup_id": Signup, "agreement_id": Agreement, "company_id": Company,
    "institution_id": Institution,
}  # fmt: skip
ALSO = {"pool": "pool_id", "unit": "unit_id", "user_id": "user", "on_behalf_of": "user"}
TIMES = ("start", "end", "from", "to", "until", "free_from", "free_to")
INSIDE = re.compile(
    r"Traceback|File \"/|site-packages|sqlalchemy|psycopg|sqlite3|IntegrityError|"
    r"\bSELECT\b.{1,400}\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.{1,80}\bSET\b", re.S,
)  # fmt: skip


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Call everything as everybody; in short each operation as two roles, each role as its turn."""
    result = Result("R11", engine)
    app, short = ready_app(settings), seconds is not None
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        app.instance_path = folder
        story = _Story(app, result)
        for number, operation in enumerate(story.operations()):
            for turn in range(CALLERS[short]):
                role = ROLES[(number + turn * 5) % len(ROLES)] if short else ROLES[turn]
                story.call(operation, role, GenerationMode.POSITIVE, FIT[short])
                story.call(operation, role, GenerationMode.NEGATIVE, UNFIT[short])
            story.call(operation, ANONYMOUS, GenerationMode.POSITIVE, NOBODY[short])
    result.figures = {
        "cases": sum(story.met.values()),
        "of them answered 2xx": sum(n for status, n in story.met.items() if status < 300),
        "operations": story.count,
    }
    databases.close(app)
    return result


class _Story:
    """The app with the matrix' people and things in it, and all that came of calling it."""

    def __init__(self, app: Flask, result: Result) -> None:
        self.app, self.result = app, result
        self.met: Counter[int] = Counter()
        self.random = random.Random(SEED)  # noqa: S311 - the same cases each time
        with app.app_context():
            _ids, self.people, self.canaries = settle(db.session())
            self.tokens = {role: self._token(self.people[role]) for role in ROLES}
            db.session.remove()
        client = app.test_client()
        self.missing = client.get(f"{PREFIX}/pools/471147", headers=self._headers("ops")).get_data()
        spec = closed(client.get(f"{PREFIX}/openapi.json").get_json())
        self.schema = schemathesis.openapi.from_dict(spec)
        self.schema.app = app
        self.count = 0
        self.aim_again()

    def _token(self, user_id: int) -> str:
        return write(lambda s: create_token(s, None, user_id, SCOPES, NOW))

    def _headers(self, role: str) -> dict[str, str]:
        known = {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}
        return {"Accept-Language": "en", **known}

    def operations(self) -> Iterator[Any]:
        """Yield every operation of the document."""
        for found in self.schema.get_all_operations():
            self.count += 1
            self.aim_again()
            operation: Any = found
            yield operation.ok()

    def aim_again(self) -> None:
        """Know the ids of whatever there is by now."""
        with self.app.app_context():
            self.ids = {
                name: list(db.session.scalars(select(model.id))) for name, model in THINGS.items()
            }
            db.session.remove()
        self.ids["user"] = list(self.people.values())

    def call(self, operation: Any, role: str, mode: GenerationMode, examples: int) -> None:
        """Send some cases of an operation as a role, and note what is wrong with the answers."""

        @seed(SEED + len(self.met) + self.people.get(role, 0))
        @hypothesis_settings(
            max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def each(case: Any) -> None:
            if mode is GenerationMode.POSITIVE:
                self._aim(case)
            self._try(case, role)

        each()

    def _aim(self, case: Any) -> None:
        """Have a case speak of what exists, mostly, and of times soon to come."""
        for part in (case.path_parameters, case.query, case.body):
            if isinstance(part, dict):
                self._aim_at(part)
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = self.random.choice(('"1"', '"2"', "*"))

    def _aim_at(self, part: dict[str, Any]) -> None:
        hour = self.random.randrange(4, 24 * 12)
        for name, value in part.items():
            known = self.ids.get(ALSO.get(name, name))
            if known and value is not None and self.random.random() < 0.8:
                part[name] = self.random.choice(known)
            elif name in TIMES and isinstance(value, str):
                later = hour + (name in ("end", "to", "until", "free_to"))
                part[name] = _instant(NOW + timedelta(hours=later))
            elif isinstance(value, list):
                for inner in value:
                    if isinstance(inner, dict):
                        self._aim_at(inner)

    def _try(self, case: Any, role: str) -> None:
        words = f"{case.operation.label} as {role}"
        try:
            answer = case.call(headers=self._headers(role))
        except Exception as error:  # noqa: BLE001 - whatever it is, it would be a 500
            self.result.problems.append(f"{words}: {error!r}"[:400])
            return
        self.met[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseException as error:  # noqa: BLE001 - a group of failures
            self.result.problems.append(f"{words}: {told(error)}"[:600])
        described = case.operation.definition.raw["responses"]
        self.result.require(
            str(answer.status_code) in described, f"{words}: {answer.status_code} is not described"
        )
        text = answer.content.decode("utf-8", "replace") + str(answer.headers)
        self.result.require(not INSIDE.search(text), f"{words}: inside told: {text[:200]}")
        leaked = self.canaries.leaked(role, text)
        self.result.require(not leaked, f"{words}: leaked {leaked}")
        if role == ANONYMOUS:
            open_to_all = case.operation.path.endswith("/openapi.json")
            shut = answer.status_code == (200 if open_to_all else 401)
            self.result.require(shut, f"{words}: {answer.status_code}")
        if answer.status_code == 404:
            alike = answer.content == self.missing
            self.result.require(alike, f"{words}: another 404: {text[:200]}")


def closed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the document with answers that may hold nothing it does not name."""
    for name, schema in spec["components"]["schemas"].items():
        # A violation has members of its rule besides (docs/api.md).
        if name.endswith(("Answer", "Page")) and name != "ViolationAnswer":
            schema["additionalProperties"] = False
    return spec


def told(error: BaseException) -> str:
    """Return what failed, of a group each."""
    inner = getattr(error, "exceptions", None)
    return "; ".join(" ".join(str(one).split()) for one in inner or (error,))


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
