"""The code keeps the law of kinds, and the law notices each way of breaking it."""

from pathlib import Path

import pytest

from tests.architecture import breaches, sources

ROOT = Path(__file__).resolve().parents[1]


def test_the_code_keeps_the_law():
    assert breaches(sources(ROOT)) == []


PLANTED = [
    # what breaks it, files, (file:line, words of the complaint)
    (
        "a lower kind imports a higher one",
        {
            "booking/audit/models.py": "from booking.audit.services import record\n",
            "booking/audit/services.py": "",
        },
        ("booking/audit/models.py:1", "models imports services"),
    ),
    (
        "a higher kind in a folder",
        {
            "booking/audit/rules/life.py": "x = 1\n\nimport booking.audit.queries.pages\n",
            "booking/audit/queries/pages.py": "",
        },
        ("booking/audit/rules/life.py:3", "rules imports queries"),
    ),
    (
        "a feature imports the same kind to its right",
        {
            "booking/accounts/queries.py": "from booking.reservations import queries\n",
            "booking/reservations/queries.py": "",
        },
        ("booking/accounts/queries.py:1", "to its right"),
    ),
    (
        "an entry point imports one of another kind",
        {
            "booking/audit/views.py": "from booking.audit.api import show\n",
            "booking/audit/api.py": "",
        },
        ("booking/audit/views.py:1", "entry point imports another"),
    ),
    (
        "an entry point imports another feature's",
        {
            "booking/reservations/cli.py": "from booking.audit.cli import show\n",
            "booking/audit/cli.py": "",
        },
        ("booking/reservations/cli.py:1", "entry point imports another"),
    ),
    (
        "anything imports the composition root",
        {"booking/web/x.py": "import booking.app\n", "booking/app.py": ""},
        ("booking/web/x.py:1", "web imports app"),
    ),
    (
        "a circle",
        {
            "booking/core/a.py": "from booking.core.b import x\n",
            "booking/core/b.py": "from booking.core import c\n",
            "booking/core/c.py": "import booking.core.a\n",
        },
        ("booking/core/c.py:1", "circle"),
    ),
    (
        "a commit outside infra.db",
        {"booking/audit/services.py": "def f(session):\n    session.commit()\n"},
        ("booking/audit/services.py:2", ".commit() outside"),
    ),
    (
        "a transaction that commits at its end",
        {"booking/infra/rate.py": "def f(engine):\n    with engine.begin() as c:\n        c\n"},
        ("booking/infra/rate.py:2", ".begin() outside"),
    ),
    (
        "a service reads the request",
        {"booking/audit/services.py": "from flask import request\n"},
        ("booking/audit/services.py:1", "know no request"),
    ),
    (
        "a service renders",
        {"booking/audit/services.py": "from flask import render_template\n"},
        ("booking/audit/services.py:1", "know no request"),
    ),
    (
        "a service sends",
        {"booking/audit/services/mail.py": "import smtplib\n"},
        ("booking/audit/services/mail.py:1", "neither render nor send"),
    ),
    (
        "a service sends through infra",
        {
            "booking/audit/services.py": "from booking.infra import mail\n",
            "booking/infra/mail.py": "",
        },
        ("booking/audit/services.py:1", "neither render nor send"),
    ),
    (
        "rules know a database",
        {"booking/audit/rules.py": "import sqlalchemy\n"},
        ("booking/audit/rules.py:1", "not the standard library"),
    ),
    (
        "core knows the settings",
        {"booking/core/x.py": "import config\n"},
        ("booking/core/x.py:1", "not the standard library"),
    ),
    (
        "rules read the clock",
        {"booking/audit/rules.py": "import datetime\nx = datetime.datetime.now()\n"},
        ("booking/audit/rules.py:2", "reads the clock"),
    ),
    (
        "rules draw lots",
        {"booking/audit/rules.py": "import random\n"},
        ("booking/audit/rules.py:1", "randomness"),
    ),
    (
        "an import inside a function, whatever noqa says",
        {"booking/audit/services.py": "def f():\n    import json  # noqa: PLC0415\n"},
        ("booking/audit/services.py:2", "inside a function"),
    ),
    (
        "a relative import",
        {"booking/audit/services.py": "from . import models\n", "booking/audit/models.py": ""},
        ("booking/audit/services.py:1", "relative"),
    ),
    (
        "a file whose name is no kind",
        {"booking/audit/helpers.py": ""},
        ("booking/audit/helpers.py:1", "no kind"),
    ),
    (
        "a folder that is no feature",
        {"booking/misc/models.py": ""},
        ("booking/misc/models.py:1", "no feature"),
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [p[1:] for p in PLANTED], ids=[p[0] for p in PLANTED]
)
def test_the_law_names_the_line_that_breaks_it(files, expected):
    place, words = expected

    [complaint] = breaches(files)

    assert complaint.startswith(f"{place}: ")
    assert words in complaint


ALLOWED = {
    "booking/__init__.py": "def create_app():\n    from booking.app import build\n",
    "booking/app.py": "from booking.audit import views\nfrom booking.infra import db\n",
    "booking/infra/db.py": "def f(session):\n    session.commit()\n",
    "booking/audit/views.py": "from flask import request\n",
    "booking/audit/rules.py": "import datetime\nfrom booking.core import period\n",
    "booking/core/period.py": "import datetime\n",
    "booking/accounts/rules/a.py": "import booking.audit.rules\nimport booking.accounts.rules.b\n",
    "booking/accounts/rules/b.py": "",
    "booking/audit/queries.py": "from booking.reservations.models import Reservation\n",
    "booking/reservations/models.py": "",
    "booking/audit/services.py": "def f(session):\n    session.begin_nested()\n",
}


def test_the_law_lets_pass_what_it_allows():
    assert breaches(ALLOWED) == []
