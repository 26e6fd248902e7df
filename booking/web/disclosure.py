"""Whom to tell about a weakness, as RFC 9116 has it said at /.well-known/security.txt."""

import re
from datetime import datetime, timedelta

# RFC 9116 advises less than a year; whoever keeps a copy looks again after half of one.
GOOD_FOR = timedelta(days=180)
_WEB = re.compile(r"https://[^\s/@]+\.[^\s@]+")
_MAIL = re.compile(r"[^\s@:/,]+@[^\s@:/,]+")
_PHONE = re.compile(r"tel:\+[0-9-]+")


def contacts(setting: str) -> list[str]:
    """Return the addresses of a setting as URIs, the preferred one first.

    Mail addresses may stand as people write them. Raises ValueError on what is no address, and on
    plain http, where anybody on the way could read what is reported.
    """
    found = []
    for given in filter(None, (part.strip() for part in setting.split(","))):
        mail = given.removeprefix("mailto:")
        if _MAIL.fullmatch(mail):
            found.append(f"mailto:{mail}")
        elif _WEB.fullmatch(given) or _PHONE.fullmatch(given):
            found.append(given)
        else:
            raise ValueError(
                f"BOOKING_SECURITY_CONTACT: {given!r} is no mail, https or tel address"
            )
    return found


def security_txt(to: list[str], canonical: str, now: datetime) -> str:
    """Return the file; it is the same all day long."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: {address}" for address in to]
    lines += [
        f"Expires: {midnight + GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: zh, en",
        f"Canonical: {canonical}",
    ]
    return "".join(f"{line}\r\n" for line in lines)
