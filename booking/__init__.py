"""Shared-instrument booking for life-science parks."""

import os
from typing import Any

from flask import Flask


def create_app(name: str | None = None, overrides: dict[str, Any] | None = None) -> Flask:
    """Return the application; `name` is a key of config.CLASSES, else BOOKING_CONFIG says."""
    from booking.app import build  # noqa: PLC0415 - the one local import: models must not need it

    return build(name or os.environ.get("BOOKING_CONFIG", "default"), overrides)
