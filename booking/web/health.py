"""What machines ask: /healthz (the process), /readyz (it can serve), /metrics, security.txt."""

from datetime import timedelta
from typing import Any

from click import ClickException
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask_babel import gettext
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, generate_latest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import Busy, NotFound
from booking.infra import clock, ddl
from booking.infra.db import db
from booking.infra.scheduler import Heartbeat
from booking.web import login
from booking.web.disclosure import contacts, security_txt
from booking.web.links import public_url

blueprint = Blueprint("health", __name__)
HEARTBEAT_LIMIT = timedelta(minutes=2)
_responses = Counter("booking_responses", "Responses by status class.", ["status"])
_guarded: set[str] = set()  # databases whose guards this process has seen complete


def init_app(app: Flask) -> None:
    """Refuse to serve without the database's guards; count responses.

    Raises ValueError when BOOKING_SECURITY_CONTACT is no address.
    """
    contacts(app.config["SECURITY_CONTACT"])
    app.register_blueprint(blueprint)
    app.before_request(_require_guards)
    app.after_request(_count)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer that the process lives; asks nothing else."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer whether guards are in place and a scheduler ticked within 2 minutes."""
    try:
        problems = [f"guard missing: {name}" for name in missing_guards()]
        if not scheduler_alive():
            problems.append("no scheduler heartbeat within 2 minutes")
    except SQLAlchemyError:
        problems = ["database unreachable"]
    body = jsonify(status="not ready" if problems else "ok", problems=problems)
    return body, 503 if problems else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer counters in Prometheus' text form."""
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/.well-known/security.txt")
def security() -> Response:
    """Answer whom to tell about a weakness; a file without a contact would be none (RFC 9116)."""
    to = contacts(current_app.config["SECURITY_CONTACT"])
    if not to:
        raise NotFound("page")
    text = security_txt(to, public_url("/.well-known/security.txt"), clock.now())
    return Response(text, content_type="text/plain; charset=utf-8")


def missing_guards() -> list[str]:
    """Return the names of guards the database lacks."""
    return ddl.missing(db.session.connection())


def scheduler_alive() -> bool:
    """Return whether any scheduler process ticked within two minutes."""
    beat = db.session.execute(select(Heartbeat.at).where(Heartbeat.name == "scheduler")).scalar()
    return beat is not None and clock.now() - beat < HEARTBEAT_LIMIT


def scheduler_complaint(actor: Actor) -> str | None:
    """Return the banner for the operator when no scheduler ticks, else None."""
    if not may(actor, "park.read") or scheduler_alive():
        return None
    return gettext(
        "No scheduler is running; reminders wait. Start one: flask --app booking scheduler"
    )


def refuse_without_guards(app: Flask) -> None:
    """Raise ClickException when the database lacks a guard; called before serving."""
    with app.app_context():
        missing = missing_guards()
        db.session.rollback()
    if missing:
        raise ClickException(f"the database lacks its guards: {', '.join(missing)}")


def _require_guards() -> None:
    if request.blueprint == "health":
        login.as_nobody()
    if request.endpoint == "static" or request.blueprint == "health":
        return
    database = str(db.engine.url)
    if database not in _guarded:
        if missing_guards():
            login.as_nobody()
            raise Busy(60)
        _guarded.add(database)


def _count(response: Any) -> Any:
    _responses.labels(f"{response.status_code // 100}xx").inc()
    return response
