"""Apps that are built once a process and lent to one test after another, as good as new.

What SQLAlchemy and Jinja compile they keep with the app; anew for each test, that and building the
app cost more than most tests do.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from sqlalchemy import QueuePool, make_url

from booking import create_app
from booking.infra.db import db
from tests import databases

# Extensions that keep an app's settings, and whether it is lent.
AS_BUILT, OUT = "tests.as_built", "tests.out"
_lent: dict[str, Flask] = {}


def lend(url: str, settings: dict[str, Any], folder: Path) -> Flask:
    """Return an app with these settings on the database of `url`, its instance in `folder`.

    Raises RuntimeError when it was lent before and not given back.
    """
    key = repr((make_url(url).drivername, sorted(settings.items())))
    if key not in _lent:
        app = create_app("testing", {"DATABASE_URL": url, "WTF_CSRF_ENABLED": False, **settings})
        databases.forget_durability(app)
        _lent[key] = prepared(app)
    app = _lent[key]
    if app.extensions.get(OUT):
        raise RuntimeError("two cannot have one app")
    app.extensions[OUT] = True
    return aimed(app, url, folder)


def give_back(app: Flask) -> None:
    """Close the app's connections, but for a single one to PostgreSQL: others would start cold."""
    with app.app_context():
        db.session.remove()
        pool = db.engine.pool
        alone = isinstance(pool, QueuePool) and (pool.checkedin(), pool.checkedout()) == (1, 0)
        if db.engine.dialect.name == "sqlite" or not alone:
            db.engine.dispose()
    app.extensions[OUT] = False


def close() -> None:
    """Close every connection of the apps that were lent."""
    for app in _lent.values():
        databases.close(app)


def prepared(app: Flask) -> Flask:
    """Return an app that was just built, ready to be aimed."""
    app.extensions[AS_BUILT] = dict(app.config)
    with app.app_context():
        databases.follow_address(db.engine)
    return app


def aimed(app: Flask, url: str, folder: Path) -> Flask:
    """Return an app that was given back, on this database and as it was built."""
    app.config.clear()
    app.config.update(app.extensions[AS_BUILT], DATABASE_URL=url, SQLALCHEMY_DATABASE_URI=url)
    app.instance_path = str(folder)
    with app.app_context():
        db.engine.url = make_url(url)
        for memory in _memories():
            memory.pop(db.engine, None)
    return app


@cache
def _memories() -> list[WeakKeyDictionary[Any, Any]]:
    """Return whatever modules of the program remember by engine."""
    return [
        value
        for name, module in list(sys.modules.items())
        if name.startswith("booking.")
        for value in vars(module).values()
        if isinstance(value, WeakKeyDictionary)
    ]
