"""Libraries that few requests need, imported when they are first asked for."""

from importlib import import_module
from typing import Any


def late(name: str) -> Any:
    """Return the module `name`, imported now unless it has been; safe in threads.

    The one lawful way to import inside a function. For libraries alone, and only where leaving one
    out makes every process start sooner and smaller: say at the call how much.
    """
    return import_module(name)
