"""What is written down of an application or an invitation, and which of it is fit to be kept."""

import re
from dataclasses import dataclass, replace

from booking.companies.rules.codes import is_credit_code, plain_code
from booking.companies.rules.domains import domain_of
from booking.core.errors import Invalid
from booking.core.text import tidy

MOST_NOTE = 2000
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,38}")


@dataclass(frozen=True, slots=True)
class ApplicationFields:
    """What a company says of itself when it registers. `credit_code` is that of its licence."""

    name_zh: str
    credit_code: str
    contact: str
    email: str
    phone: str
    name_en: str = ""
    note: str = ""


def checked_application(fields: ApplicationFields) -> ApplicationFields:
    """Return the fields tidied. Raises Invalid naming the first unfit one."""
    required = ("name_zh", "credit_code", "contact", "email", "phone")
    fields = tidy(fields, required=required, texts=("note",))
    if len(fields.note) > MOST_NOTE:
        raise Invalid("too_long_text", field="note", limit=MOST_NOTE)
    code = plain_code(fields.credit_code)
    if not is_credit_code(code):
        raise Invalid("not_a_credit_code", field="credit_code", actual=fields.credit_code)
    if not _PHONE.fullmatch(fields.phone):
        raise Invalid("not_a_phone", field="phone", actual=fields.phone)
    return replace(fields, credit_code=code, email=plain_address(fields.email))


def plain_address(email: str) -> str:
    """Return an address as it is kept. Raises Invalid on field email when no mail can reach it."""
    address = email.strip().lower()
    unfit = (
        len(address) > 254
        or address.count("@") != 1
        or any(c.isspace() or not c.isprintable() for c in address)
    )
    if unfit or address.startswith("@") or not domain_of(address):
        raise Invalid("not_an_address", field="email", actual=email.strip()[:254])
    return address
