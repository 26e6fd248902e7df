"""Shared-instrument booking for life-science parks."""

import gc
import os
from typing import Any

from flask import Flask


def create_app(name: str | None = None, overrides: dict[str, Any] | None = None) -> Flask:
    """Return the application; `name` is a key of config.CLASSES, else BOOKING_CONFIG says."""
    # What is imported and built stays: looking through it for garbage takes a sixth of a start, and
    # 70 ms now and then afterwards. Tests make many apps, and each has to go.
    collecting = gc.isenabled()
    gc.disable()
    try:
        from booking.app import build  # noqa: PLC0415 - the one local import: models must not need it

        app = build(name or os.environ.get("BOOKING_CONFIG", "default"), overrides)
        if not app.testing:
            gc.freeze()
        return app
    finally:
        if collecting:
            gc.enable()
