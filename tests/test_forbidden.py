"""What must not stand in the code is found wherever it stands, and nothing else is."""

import pytest

from tools import forbidden
from tools.forbidden import ALLOWED, ROOT, in_code, in_script, in_template, in_tree


def heads(text, name="booking/infra/x.py"):
    """Return what is found, without the reasons."""
    return [what.partition(":")[0] for _line, what in in_code(text, name)]


def test_nothing_forbidden_stands_in_the_tree():
    assert list(in_tree(ROOT)) == []


def test_nothing_is_allowed_that_is_not_needed(monkeypatch):
    needed = set()

    class Noting(dict):
        def __contains__(self, key):
            needed.add(key)
            return True

    monkeypatch.setattr(forbidden, "ALLOWED", Noting())
    assert list(in_tree(ROOT)) == []
    assert needed == set(ALLOWED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import pickle", "import pickle"),
        ("import pickle  # noqa: S403", "import pickle"),
        ("from marshal import loads", "import marshal"),
        ("import shelve", "import shelve"),
        ("import yaml", "import yaml"),
        ("import xml.etree.ElementTree as tree", "import xml"),
        ("from lxml import etree", "import lxml"),
        ("import requests", "import requests"),
        ("import urllib.request", "import urllib.request"),
        ("from urllib import request", "import urllib.request"),
        ("import httpx", "import httpx"),
        ("from http import client", "import http.client"),
        ("from smtplib import SMTP", "import smtplib"),
        ("import subprocess", "import subprocess"),
        ("import random", "import random"),
        ("from random import choice, Random", "import random"),
        ("def f():\n    from markupsafe import Markup", "import markupsafe"),
        ("eval(text)", "eval()"),
        ("exec(text)", "exec()"),
        ("os.system(text)", "os.system()"),
        ("os.popen(text)", "os.popen()"),
        ("flask.render_template_string(text)", "render_template_string()"),
        ("environment.from_string(text)", "from_string()"),
        ("hashlib.md5(text)", "hashlib.md5()"),
        ("hashlib.sha1(text, usedforsecurity=False)", "hashlib.sha1()"),
        ("hashlib.new('md5')", "hashlib.new()"),
        ("flask.Markup(text)", "Markup()"),
        ("form.populate_obj(row)", "populate_obj()"),
        ("ssl._create_unverified_context()", "_create_unverified_context()"),
        ("ssl._create_stdlib_context()", "_create_stdlib_context()"),
        ("tempfile.mktemp()", "mktemp()"),
        ("run(text, shell=True)", "shell=True"),
        ("get(url, verify=False)", "verify=False"),
        ("context(check_hostname=False)", "check_hostname=False"),
        ("Environment(autoescape=False)", "autoescape=False"),
        ("app.run(debug=True)", "debug=True"),
        ("context.verify_mode = ssl.CERT_NONE", "CERT_NONE"),
        ("session.execute(text(f'SELECT {name}'))", "statement"),
        ("text('SELECT ' + name)", "statement"),
        ("text('SELECT %s' % name)", "statement"),
        ("text('SELECT {}'.format(name))", "statement"),
        ("text(statement)", "statement"),
        ("sa.text(f'{NAMES} {name}')", "statement"),
        ("connection.exec_driver_sql(f'DROP TABLE {name}')", "statement"),
        ("def f():\n    return redirect(request.args['next'])", "redirect()"),
        ("def f():\n    return redirect(request.referrer or '/')", "redirect()"),
        ("def f():\n    to = request.form.get('next')\n    return redirect(to)", "redirect()"),
    ],
)  # fmt: skip
def test_what_is_forbidden_is_found(text, found):
    assert found in heads(text)


@pytest.mark.parametrize(
    "text",
    [
        "from random import Random, SystemRandom",
        "from http import HTTPStatus",
        "from urllib.parse import urlsplit",
        "re.compile(text)",
        "hashlib.sha256(text)",
        "run(words, shell=False)",
        "text('SELECT 1 WHERE id = :id')",
        "text(f'SELECT {_NAMES} FROM {TABLE}'.format(x=_MORE))",
        "text(ONE if postgresql else OTHER)",
        "self.text(name)",
        "def f():\n    return redirect(safe_next(request.args.get('next'), '/'))",
        "def f():\n    return redirect(url_for('x', page=request.args.get('page')))",
    ],
)
def test_what_is_harmless_passes(text):
    assert heads(text) == []


def test_what_is_allowed_is_allowed_at_its_place_only():
    assert heads("import smtplib", "booking/infra/transports.py") == []
    assert heads("import smtplib", "booking/infra/mail.py") == ["import smtplib"]
    statement = "def {}():\n    connection.exec_driver_sql(f'DROP TRIGGER {{name}}')"
    assert heads(statement.format("drop"), "booking/infra/ddl.py") == []
    assert heads(statement.format("other"), "booking/infra/ddl.py") == ["statement"]


@pytest.mark.parametrize(
    "text",
    [
        "row.innerHTML = name", "row.outerHTML = name", "document.write(name)",
        "row.insertAdjacentHTML('beforeend', name)", "frame.srcdoc = name",
        "eval(name)", "new Function(name)", "setTimeout('go()', 1)",
    ],
)  # fmt: skip
def test_a_script_makes_neither_markup_nor_code_of_text(text):
    assert [line for line, _what in in_script(f"one\n{text}")] == [2]


def test_a_script_may_do_the_rest():
    assert list(in_script("row.textContent = name; setTimeout(() => go(), 1)")) == []


def test_the_line_is_told_past_comments_and_expressions():
    text = "{# a\nb #}{{ c(\n d) }}\n<p>\n<b onclick='go()' style='x'>"
    assert sorted(in_template(text)) == [(5, "event handler"), (5, "inline style")]


def test_the_check_fails_on_what_it_finds(monkeypatch, capsys):
    monkeypatch.setattr(forbidden, "in_tree", lambda _root: iter(["booking/x.py:1: eval()"]))
    assert forbidden.main() == 1
    assert capsys.readouterr().out == "booking/x.py:1: eval()\n"
