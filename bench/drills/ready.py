"""An app for each engine, ready before it is needed: processes of a drill start with it built.

The fork server imports this once; its children, which have one database each, aim their copy at it.
"""

import gc
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url

from booking import create_app
from tests import apps

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
