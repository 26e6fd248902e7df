"""The composition root: the only module that knows every feature."""

import secrets
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from booking.accounts import models as _accounts
from booking.audit import models as _audit
from booking.companies import models as _companies
from booking.infra import db, outbox, scheduler
from booking.inventory import models as _inventory
from booking.reservations import models as _reservations

ROOT = Path(config.__file__).parent
# Imported for their tables.
MODELS = (_accounts, _audit, _companies, _inventory, _reservations, outbox, scheduler)


class MissingSetting(RuntimeError):
    """Production lacks a setting; the text names it."""


def build(name: str, overrides: dict[str, Any] | None = None) -> Flask:
    """Return the application for a class of `config.CLASSES`.

    Later wins: class, instance/config.py, BOOKING_* variables, `overrides`.
    Raises MissingSetting in Production without secret key, public base URL or trusted hosts.
    """
    app = Flask(
        "booking",
        instance_path=str(ROOT / "instance"),
        template_folder="../templates",
        instance_relative_config=True,
    )
    chosen = config.CLASSES[name]
    app.config.from_object(chosen)
    app.config.from_pyfile("config.py", silent=True)
    app.config.from_mapping(config.from_environment(chosen))
    app.config.from_mapping(overrides or {})
    _check_settings(app)
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    if app.config["PROXY_COUNT"]:
        count = app.config["PROXY_COUNT"]
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    db.init_app(app)
    Migrate(
        app,
        db.db,
        directory=str(Path(__file__).parent / "migrations"),
        render_as_batch=True,
        compare_type=True,
    )
    return app


def _check_settings(app: Flask) -> None:
    for setting in app.config.get("REQUIRED", ()):
        if not app.config[setting]:
            raise MissingSetting(f"BOOKING_{setting} must be set in production")
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = secrets.token_hex(32)
    hosts = app.config["TRUSTED_HOSTS"]
    if isinstance(hosts, str):
        app.config["TRUSTED_HOSTS"] = [h.strip() for h in hosts.split(",") if h.strip()] or None
