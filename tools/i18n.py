"""Compile the Chinese catalogue, and tell which texts it lacks.

python tools/i18n.py           parts/*.po -> messages.mo, which is committed with them
python tools/i18n.py --check   exit 1 when a text of code or templates is untranslated,
                               or when messages.mo is not that of the parts
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "booking" / "translations" / "parts"
TARGET = ROOT / "booking" / "translations" / "zh_Hans_CN" / "LC_MESSAGES"
# The same parts give the same bytes, whenever they are compiled.
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    "_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]


def wanted() -> dict[str | tuple[str, str], str]:
    """Return every text id of code and templates with one place where it is."""
    found: dict[str | tuple[str, str], str] = {}
    for folder in ("booking", "templates"):
        extracted = extract_from_dir(
            ROOT / folder,
            method_map=METHODS,
            options_map={"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}},
            keywords=KEYWORDS,
        )
        for name, line, message, _comments, _context in extracted:
            if message:
                found.setdefault(message, f"{folder}/{name}:{line}")
    return found


def catalogue() -> Catalog:
    """Return all translations; raise SystemExit when one text has two."""
    merged = Catalog(
        locale="zh_Hans_CN", fuzzy=False, charset="utf-8", creation_date=WHEN, revision_date=WHEN
    )
    for part in sorted(PARTS.glob("*.po")):
        for entry in read_po(io.BytesIO(part.read_bytes()), locale="zh_Hans_CN"):
            if not entry.id:
                continue
            known = merged.get(entry.id)
            if known is not None and known.string != entry.string:
                raise SystemExit(f"{part.name}: {entry.id!r} has two translations")
            merged.add(entry.id, entry.string)
    return merged


def missing(merged: Catalog) -> list[str]:
    """Return the untranslated texts, each with its place."""
    gaps = []
    for message, place in sorted(wanted().items(), key=str):
        entry = merged.get(message)
        if entry is None or not (all(entry.string) if entry.pluralizable else entry.string):
            gaps.append(f"{place}: {message!r}")
    return gaps


def main() -> int:
    """Compile, or check."""
    merged = catalogue()
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    if "--check" in sys.argv:
        gaps = missing(merged)
        for gap in gaps:
            print("untranslated:", gap)
        path = TARGET / "messages.mo"
        stale = not path.exists() or dict(_pairs(path)) != dict(_ids(merged))
        if stale:
            print("messages.mo is not that of the .po files: run python tools/i18n.py")
        return 1 if gaps or stale else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "messages.mo").write_bytes(compiled.getvalue())
    return 0


def _pairs(path: Path) -> list[tuple[object, object]]:
    with path.open("rb") as handle:
        return _ids(read_mo(handle))


def _ids(catalog: Catalog) -> list[tuple[object, object]]:
    # Babel gives plurals as tuples from .po files and as lists from .mo files.
    return [(_plain(entry.id), _plain(entry.string)) for entry in catalog if entry.id]


def _plain(text: object) -> object:
    return text if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


if __name__ == "__main__":
    raise SystemExit(main())
