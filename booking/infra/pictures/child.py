"""The child process that shrinks one picture: `python -m booking.infra.pictures.child SIDE`.

Standard input: the file. Standard output: `ok` and a line end, then the small picture, or the code
of the refusal.
"""

import sys
from typing import BinaryIO

from booking.core.errors import Invalid
from booking.infra.pictures.limits import MEMORY_BYTES, SECONDS
from booking.infra.pictures.shrink import shrink

try:
    import resource
except ImportError:  # Windows: only the parent's clock bounds the child
    resource = None  # type: ignore[assignment]

TOO_BIG = 3


def main(source: BinaryIO, target: BinaryIO, longest: int) -> int:
    """Shrink what `source` holds into `target`, `longest` pixels a side; return the exit code."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        small = shrink(source.read(), longest)
    except Invalid as refusal:
        target.write(refusal.code.encode())
        return 0
    except MemoryError:
        return TOO_BIG
    target.write(b"ok\n" + small)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1])))
