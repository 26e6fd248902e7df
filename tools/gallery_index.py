"""The page that shows the gallery's pictures, complaints first."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Protocol

STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color-scheme: light dark; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; } code { opacity: .7; } .wrong { color: #c0392b; }
.row { display: flex; gap: 1rem; align-items: flex-start; overflow-x: auto; }
.row figure { margin: 0; } .row img { border: 1px solid #8886; height: 26rem; width: auto; }
"""


class Pictured(Protocol):
    """What is shown of a page."""

    endpoint: str
    role: str
    path: str
    title: str
    pictures: dict[str, str]
    complaints: list[str]


def write_index(folder: Path, shots: Sequence[Pictured], unreached: Sequence[str]) -> None:
    """Write index.html beside the pictures."""
    ordered = sorted(shots, key=lambda shot: (not shot.complaints, shot.path, shot.role))
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title>',
        f"<style>{STYLE}</style><h1>{len(shots)} pages</h1>",
    ]
    if unreached:
        names = " ".join(f"<code>{escape(name)}</code>" for name in unreached)
        parts.append(f"<p>No link led to these as any of the roles: {names}</p>")
    parts += [_shown(shot) for shot in ordered]
    (folder / "index.html").write_text("\n".join(parts), encoding="utf-8")


def _shown(shot: Pictured) -> str:
    wrong = "".join(f'<p class="wrong">{escape(text)}</p>' for text in shot.complaints)
    figures = "".join(
        f'<figure><a href="{file}"><img loading="lazy" src="{file}" alt="{escape(what)}"></a>'
        f"<figcaption>{escape(what)}</figcaption></figure>"
        for what, file in shot.pictures.items()
    )
    head = f"{escape(shot.title)} <code>{escape(shot.path)} · {escape(shot.role)} · "
    return f'<h2>{head}{escape(shot.endpoint)}</code></h2>{wrong}<div class="row">{figures}</div>'
