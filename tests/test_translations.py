"""Every text of code and templates has its Chinese; every refusal has its text and status."""

import re

import pytest

from booking.core import errors
from booking.web.messages import STATUS, TEXTS
from tools import i18n


@pytest.fixture(scope="module")
def catalogue():
    return i18n.catalogue()


def test_no_text_is_untranslated(catalogue):
    assert i18n.missing(catalogue) == []


def test_translations_keep_their_placeholders(catalogue):
    placeholder = re.compile(r"%\(\w+\)[sd]")
    for entry in catalogue:
        if not entry.id:
            continue
        originals = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        translated = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        wanted = set(placeholder.findall(originals[-1]))
        for text in translated:
            # A plural may leave the number out, but never ask for what it is not given.
            assert set(placeholder.findall(text)) <= wanted | set(
                placeholder.findall(originals[0])
            ), entry.id


def test_every_kind_of_refusal_has_a_status():
    def kinds(of):
        for kind in of.__subclasses__():
            yield kind
            yield from kinds(kind)

    assert set(kinds(errors.Refusal)) <= set(STATUS)


def test_every_code_raised_has_a_text():
    raised = re.compile(
        r"(?:Invalid|WrongState|Forbidden|Violation)\(\s*\"([a-z_]+)\"|code=\"([a-z_]+)\""
    )
    codes = set()
    for path in (i18n.ROOT / "booking").rglob("*.py"):
        for match in raised.finditer(path.read_text(encoding="utf-8")):
            codes.add(match.group(1) or match.group(2))
    assert codes - set(TEXTS) == set()
