"""Processes of drills: children of a fork server that has imported all and built an app an engine.

They start in milliseconds. Each has one database, at which it aims its copy of the app.
"""

import gc
import multiprocessing
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url

from booking import create_app
from tests import apps

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(
    ["bench.drills.ready", "bench.drills.harness", "bench.drills.paths", "bench.drills.servers"]
)
# Built, but not connected before they are aimed.
_APPS = {
    engine: apps.prepared(create_app("testing", {"DATABASE_URL": f"{engine}:////nowhere"}))
    for engine in ("sqlite", "postgresql")
}
# Looking through them for garbage would write to memory that children share.
gc.freeze()


def ready_app(settings: dict[str, Any]) -> Flask:
    """Return this process's app, on the database of DATABASE_URL; settings are read as it runs.

    Close it with `databases.close` before it is aimed at another.
    """
    url = settings["DATABASE_URL"]
    app = _APPS[make_url(url).get_backend_name()]
    apps.aimed(app, url, Path(app.instance_path))
    app.config.update(settings)
    return app
