"""Templates keep what the content security policy forbids out, and stay small."""

from pathlib import Path

import pytest

from tools.forbidden import in_template

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").glob("**/*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_carries_nothing_the_policy_forbids(path):
    name = path.relative_to(ROOT).as_posix()
    assert list(in_template(path.read_text(encoding="utf-8"), name)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<p style="color: red">', ["inline style"]),
        ("<style>p {}</style>", ["inline style"]),
        ('{{ tag("p", style="x") }}', ["inline style"]),
        ("<script>go()</script>", ["inline script"]),
        ('<script type="module">go()</script>', ["inline script"]),
        ('<a href="javascript:go()">', ["script address"]),
        ("<b onclick='go()'>", ["event handler"]),
        ('<b\nonmouseover = "{{ x }}">', ["event handler"]),
        ("{{ text|safe }}", ["unescaped text"]),
        ('<script type="module" src="{{ url }}"></script>', []),
        ('{{ field(form.name, only=True, once=1) }} <link rel="stylesheet" href="x">', []),
        ("{# never onclick= or style= #}", []),
        ("{{ one }}{# two\nlines #}<b onclick='go()'>", ["event handler"]),
    ],
)
def test_what_the_policy_forbids_is_noticed(text, expected):
    assert [what for _line, what in in_template(text)] == expected
