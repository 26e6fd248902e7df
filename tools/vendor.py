"""Fetch the vendored front-end parts at exact versions; users never run it, developers rarely.

`python tools/vendor.py` needs npm and writes booking/static/vendor/: the files, their licences,
one sprite of the icons in icons.txt, and manifest.json (name, version, licence, sha384 a file).
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "booking" / "static" / "vendor"

# package@version → {path in the package: path under vendor/}
PACKAGES = {
    "bootstrap@5.3.9": {
        "package/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
        "package/LICENSE": "bootstrap/LICENSE",
    },
    "bootstrap-icons@1.13.2": {"package/LICENSE": "bootstrap-icons/LICENSE"},
}
ICON_PACKAGE = "bootstrap-icons@1.13.2"
SPRITE = "bootstrap-icons/icons.svg"
# One name a line; a template may only use what is listed (a test compares).
ICONS = Path(__file__).with_name("icons.txt").read_text(encoding="utf-8").split()


def main() -> None:
    """Rewrite vendor/ from the packages and print one line a file."""
    with tempfile.TemporaryDirectory() as folder:
        tarballs = {spec: _packed(spec, Path(folder)) for spec in PACKAGES}
        manifest = [_vendored(spec, tarballs[spec], PACKAGES[spec]) for spec in PACKAGES]
        sprite = _sprite(tarballs[ICON_PACKAGE])
    for entry in manifest:
        if f"{entry['name']}@{entry['version']}" == ICON_PACKAGE:
            entry["files"][SPRITE] = _written(SPRITE, sprite.encode())
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (VENDOR / "manifest.json").write_text(text, encoding="utf-8")
    for entry in manifest:
        for path, digest in entry["files"].items():
            print(f"{entry['name']} {entry['version']}  {path}  {digest[:20]}…")


def sha384(content: bytes) -> str:
    """Return the digest as Subresource Integrity writes it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def _packed(spec: str, folder: Path) -> Path:
    done = subprocess.run(
        ["npm", "pack", spec, "--json", "--pack-destination", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / json.loads(done.stdout)[0]["filename"]


def _vendored(spec: str, tarball: Path, wanted: dict[str, str]) -> dict:
    name, version = spec.rsplit("@", 1)
    with tarfile.open(tarball) as packed:
        licence = json.load(packed.extractfile("package/package.json"))["license"]
        files = {
            target: _written(target, packed.extractfile(source).read())
            for source, target in wanted.items()
        }
    return {"name": name, "version": version, "licence": licence, "files": files}


def _written(target: str, content: bytes) -> str:
    path = VENDOR / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return sha384(content)


def _sprite(tarball: Path) -> str:
    symbols = []
    with tarfile.open(tarball) as packed:
        for name in ICONS:
            svg = packed.extractfile(f"package/icons/{name}.svg").read().decode()
            box, drawing = re.search(r'viewBox="([^"]+)">(.*)</svg>', svg, re.DOTALL).groups()
            symbols.append(f'<symbol id="{name}" viewBox="{box}">{_joined(drawing)}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _joined(drawing: str) -> str:
    return "".join(line.strip() for line in drawing.splitlines())


if __name__ == "__main__":
    main()
