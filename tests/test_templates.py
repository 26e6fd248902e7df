"""Templates keep what the content security policy forbids out, and stay small."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").glob("**/*.html"))
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# In what a template says as text and as Jinja; `style=` handed to a macro ends in the page, too.
FORBIDDEN = {
    "inline style": re.compile(r"\bstyle\s*=|<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\bMarkup\b|autoescape\s+false"),
}
# Mail is no page: the policy does not reach it, and it can have no other style sheet.
MAIL_MAY = ("inline style",)
# In text only: a Jinja argument may begin with "on".
HANDLER = re.compile(r"\son[a-z]+\s*=", re.IGNORECASE)


def breaches(text: str) -> list[str]:
    """Return what is wrong with a template, in a few words each."""
    # Comments go, their lines stay; so does the place of each expression.
    said = COMMENT.sub("", text)
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(said)]
    if HANDLER.search(EXPRESSION.sub("x", said)):
        found.append("event handler")
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_carries_nothing_the_policy_forbids(path):
    found = breaches(path.read_text(encoding="utf-8"))
    if path.parent.name == "mail":
        found = [what for what in found if what not in MAIL_MAY]
    assert found == []


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
    ],
)
def test_what_the_policy_forbids_is_noticed(text, expected):
    assert breaches(text) == expected
