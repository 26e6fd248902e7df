"""Taking an uploaded picture through the child process, with every bound in force."""

import os
import subprocess
import sys
from pathlib import Path

from booking.core.errors import Invalid
from booking.infra.pictures.limits import LONGEST_SIDE, MOST_PIXELS, SECONDS
from booking.infra.storage.kinds import picture_of

ROOT = Path(__file__).resolve().parents[3]
# The child needs no secret of ours; SYSTEMROOT is what Windows cannot start without.
ENVIRONMENT = ("PATH", "SYSTEMROOT", "LANG", "TMPDIR")
MOST_BYTES = 12 * 1024 * 1024
CONTENT_TYPE = "image/webp"
START_SECONDS = 3


def small_picture(content: bytes, longest: int = LONGEST_SIDE, field: str = "photo") -> bytes:
    """Return the picture as WEBP of at most `longest` × `longest` (CONTENT_TYPE); see `shrink`.

    Raises Invalid on `field`: no JPEG, PNG or WEBP, too many bytes or pixels, too slow.
    """
    if len(content) > MOST_BYTES:
        raise Invalid("too_many_bytes", field=field, limit=MOST_BYTES // 1024**2)
    if picture_of(content) is None:
        raise _refusal("not_a_picture", field)  # and no process for what is none
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    try:
        child = subprocess.run(  # noqa: S603 - a number of ours, no shell
            [sys.executable, "-m", "booking.infra.pictures.child", str(longest)], input=content,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment,
            timeout=SECONDS + START_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _refusal("", field) from error
    word, _, small = child.stdout.partition(b"\n")
    if child.returncode != 0 or word != b"ok":
        raise _refusal(word.decode("ascii", "replace"), field)
    return small


def _refusal(code: str, field: str) -> Invalid:
    if code == "not_a_picture":
        return Invalid(code, field=field)
    return Invalid("picture_too_large", field=field, limit=MOST_PIXELS // 1_000_000)
