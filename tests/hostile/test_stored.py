"""What was stored with bad intent, however it got there, does nothing wherever it is shown.

Every tenant text of the matrix' world is dressed in markup, a formula, line breaks and marks that
turn the reading direction: past every form's checks, as an import or an older version might have
left it. Then every page and export is read.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
import time_machine

from booking.infra.transports import folder
from booking.reminders.jobs.deliver import deliver_due
from tests.conftest import NOW
from tests.matrix.world import World, access
from tests.privacy.canaries import PREFIX

MARKUP = "<script>alert(1)</script>"
OWN = ("accounts", "elsewhere", "privacy", "sms", "tokens", "ways", "training", "reservations")
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def dress(word: str) -> str:
    """Return a word as somebody with bad intent would write it."""
    return f"=1+{word}\"'>{MARKUP}\r\nX-Evil: 1\r\n\r\n\u202e\u200b{{{{7*7}}}}"


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the matrix' world with every planted word dressed."""
    with time_machine.travel(NOW, tick=False):
        made = World.build(sqlite_template, tmp_path_factory.mktemp("stored"), dress)
        yield made
    made.close()


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """Yield (role, address) of all that is read: as who sees most, and as whose words they are."""
    for key, cases in sorted(access().items()):
        method, endpoint = key.split()
        for case in cases if method == "GET" else ():
            roles = case.yes.split()
            for role in {"ops" if "ops" in roles else roles[0]} if roles else ():
                address = world.url(endpoint, case.params)
                query = case.query.format_map(world.ids)
                yield role, f"{address}?{query}"
                if "export" in endpoint:
                    yield role, f"{address}?format=xlsx"
            if endpoint.partition(".")[0] in OWN and "ada" in roles:
                yield "ada", world.url(endpoint, case.params)
    for name, endpoint in (("reservation", "show"), ("group", "group")):
        thing = {"reservation": "ada_booking", "group": "ada_group"}[name]
        yield "ada", world.url(f"reservations.{endpoint}", {f"{name}_id": thing})
    yield "mei", world.url("catalogue.pool", {"pool_id": "unshared_pool"})
    yield "mei", world.url("catalogue.unit", {"unit_id": "west_unit"})


def faults(answer) -> Iterator[str]:
    """Yield what an answer lets happen."""
    if answer.status_code >= 500 and answer.status_code != 503:
        yield str(answer.status_code)
    if "X-Evil" in answer.headers or "X-Evil" in str(answer.headers):
        yield "header"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "sniffed"
    if answer.mimetype == "text/html" and MARKUP in answer.text:
        yield "markup"
    if answer.mimetype == "text/csv":
        rows = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
        yield from (f"formula {cell[:20]}" for row in rows for cell in row if cell[:1] in TRIGGERS)
    if answer.mimetype == SHEET:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            if any(b"<f>" in book.read(n) for n in book.namelist() if n.endswith(".xml")):
                yield "formula"


def test_nothing_that_was_stored_acts_where_it_is_shown(world):
    found, shown, kinds = [], 0, set()
    for role, address in addresses(world):
        answer = world.client(role).get(address)
        shown += PREFIX in answer.get_data().decode("utf-8", "replace")
        kinds.add(answer.mimetype)
        found += [(role, address, fault) for fault in faults(answer)]

    assert found == []
    assert shown > 40
    assert {"text/csv", SHEET} <= kinds


def test_nothing_that_was_stored_bends_a_mail(world):
    with world.app.app_context():
        tally = deliver_due()
    mails = [file.read_bytes() for file in folder(world.app.instance_path).glob("*.eml")]
    world.restore()

    assert tally.sent == len(mails) > 3
    assert tally.failed == 0
    assert any(PREFIX.encode() in mail for mail in mails)
    for mail in mails:
        read = message_from_bytes(mail, policy=policy.default)
        assert not set(read.keys()) & {"X-Evil", "Bcc", "Cc"}
        assert len(read.get_all("To")) == len(read.get_all("Subject")) == 1
        assert MARKUP not in read.get_body(("html",)).get_content()
