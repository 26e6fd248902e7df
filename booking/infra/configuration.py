"""What an application is set to: the class, this machine's file, the environment, its own key."""

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

import config

_KNOWN_KEY = config.Testing.SECRET_KEY


class MissingSetting(RuntimeError):
    """Production lacks a setting; the text names it."""


def configure(app: Flask, chosen: type[config.Default], overrides: dict[str, Any]) -> None:
    """Give the application its settings, later ones winning, as `booking.app.build` has them.

    Raises MissingSetting in Production without secret key, public base URL or trusted hosts, and
    with a debugger.
    """
    app.config.from_object(chosen)
    if not chosen.TESTING:
        app.config.from_pyfile("config.py", silent=True)
    app.config.from_mapping(config.from_environment(chosen))
    app.config.from_mapping(overrides)
    for setting in app.config.get("REQUIRED", ()):
        # Blanks and commas alone would be no key, no address, and any host.
        if not str(app.config[setting]).strip(" ,") or app.config[setting] == _KNOWN_KEY:
            raise MissingSetting(f"BOOKING_{setting} must be set in production")
    if app.config["PRODUCTION"] and app.debug:
        raise MissingSetting("production does not start with DEBUG: take FLASK_DEBUG away")
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = _own_key(Path(app.instance_path))
    hosts = app.config["TRUSTED_HOSTS"]
    if isinstance(hosts, str):
        app.config["TRUSTED_HOSTS"] = [h.strip() for h in hosts.split(",") if h.strip()] or None
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=app.config["SESSION_MAX_DAYS"])


def _own_key(folder: Path) -> str:
    """Return this instance's key, made at its first start: a restart must not lock people out."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "secret_key"
    with contextlib.suppress(FileExistsError), open(file, "x", opener=_private) as fresh:
        fresh.write(secrets.token_hex(32))
    return file.read_text(encoding="ascii")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
