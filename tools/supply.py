"""What is in the program that others wrote: compared with known weaknesses, and listed.

python -m tools.supply audit    exit 1 on a known weakness; 0 with a notice when nobody can be asked
python -m tools.supply sbom     write build/sbom.cdx.json (CycloneDX 1.6)

Only what users get counts: requirements.txt with all that follows from it, at the versions that are
installed, and in the list also the vendored front-end parts. The tools have an environment of their
own.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
WANTED = ROOT / "requirements.txt"
TOOLS = ROOT / "requirements-audit.txt"
VENDORED = ROOT / "booking" / "static" / "vendor" / "manifest.json"
LIST = ROOT / "build" / "sbom.cdx.json"
ENVIRONMENT = ROOT / ".venv" / "audit"
ROOT_REF = "booking"
# How pip-audit and pip end when nobody answers.
SILENCE = re.compile(
    r"connect|resolve|timed? ?out|unreachable|proxy|network|max retries|no matching distribution",
    re.IGNORECASE,
)
VALID = (
    "import sys; from cyclonedx.schema import SchemaVersion; "
    "from cyclonedx.validation.json import JsonStrictValidator as Validator; "
    "fault = Validator(SchemaVersion.V1_6).validate_str(sys.stdin.read()); "
    "sys.exit(str(fault) if fault else 0)"
)


class Unreachable(Exception):
    """Nobody could be asked; the text says who."""


def main(words: Sequence[str]) -> int:
    """Return 0 when nothing is wrong, 1 when something is, 2 for wrong usage."""
    if list(words) not in (["audit"], ["sbom"]):
        print(__doc__)
        return 2
    try:
        prepare()
        return audit() if words[0] == "audit" else sbom()
    except Unreachable as nobody:
        print(f"not reachable: skipped ({nobody})")
        return 0 if words[0] == "audit" else 1


def audit() -> int:
    """Return 1 and name each known weakness of the packages in use when there is one.

    Raises Unreachable when none of them could be compared.
    """
    used = parts(requirements(WANTED))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pinned:
        pinned.write("".join(f"{name}=={version}\n" for name, version in sorted(used.items())))
        pinned.flush()
        words = ["-r", pinned.name, "--no-deps", "--disable-pip", "-f", "json"]
        answer = tool("pip-audit", *words, "--progress-spinner", "off")
    try:
        asked = json.loads(answer.stdout)["dependencies"]
    except ValueError:
        return _ended(answer.stderr)
    compared = [one for one in asked if "skip_reason" not in one]
    if not compared:
        raise Unreachable("the service of known weaknesses knows none of the packages")
    found = [(one, weakness) for one in compared for weakness in one["vulns"]]
    for one, weakness in found:
        mended = ", ".join(weakness["fix_versions"]) or "no version yet"
        print(f"{one['name']} {one['version']}: {weakness['id']}, mended in {mended}")
    print(f"{len(compared)} of {len(used)} packages compared, {len(found)} known weaknesses")
    return 1 if found else 0


def sbom() -> int:
    """Write the list and return 0; 1 when it does not keep to CycloneDX's schema."""
    answer = tool("cyclonedx-py", "environment", sys.executable, "--output-format", "JSON")
    if answer.returncode:
        return _ended(answer.stderr)
    used = parts(requirements(WANTED))
    roots = {canonicalize_name(wanted.name) for wanted in requirements(WANTED)}
    vendored = json.loads(VENDORED.read_text(encoding="utf-8"))
    text = json.dumps(pruned(json.loads(answer.stdout), used, roots, vendored), indent=1)
    checked = tool("python", "-c", VALID, given=text)
    if checked.returncode:
        return _ended(checked.stderr)
    LIST.parent.mkdir(exist_ok=True)
    LIST.write_text(text + "\n", encoding="utf-8")
    print(f"{LIST.relative_to(ROOT)}: {len(used)} packages, {len(vendored)} vendored parts")
    return 0


def requirements(path: Path) -> list[Requirement]:
    """Return the packages a requirements file names."""
    lines = (
        line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").split("\n")
    )
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def parts(wanted: Iterable[Requirement]) -> dict[str, str]:
    """Return canonical name -> installed version of what is wanted and all that follows from it.

    Raises SystemExit naming a package that is not installed.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    while waiting:
        one = waiting.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            here = distribution(one.name)
        except PackageNotFoundError:
            raise SystemExit(f"{one.name} is not installed: make dev") from None
        found[name] = here.version
        for text in here.requires or []:
            need = Requirement(text)
            given = [{"extra": extra} for extra in ("", *extras)]
            if need.marker is None or any(need.marker.evaluate(each) for each in given):
                waiting.append(need)
    return found


def pruned(
    document: dict[str, Any],
    used: dict[str, str],
    roots: set[str],
    vendored: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return a CycloneDX document of `used` only, with the program at its root and `vendored`."""
    by_ref = {part["bom-ref"]: canonicalize_name(part["name"]) for part in document["components"]}
    kept = {ref for ref, name in by_ref.items() if name in used}
    lacking = used.keys() - {by_ref[ref] for ref in kept}
    if lacking:
        raise SystemExit(f"not in the list: {', '.join(sorted(lacking))}")
    fronts = [_vendored(one) for one in vendored]
    first = sorted(ref for ref in kept if by_ref[ref] in roots)
    edges = [
        {"ref": edge["ref"], "dependsOn": [r for r in edge.get("dependsOn", []) if r in kept]}
        for edge in document["dependencies"]
        if edge["ref"] in kept
    ]
    root = {"ref": ROOT_REF, "dependsOn": [*first, *(part["bom-ref"] for part in fronts)]}
    components = [part for part in document["components"] if part["bom-ref"] in kept]
    return {
        **document,
        "metadata": {**document["metadata"], "component": _program()},
        "components": [*components, *fronts],
        "dependencies": [root, *edges, *({"ref": part["bom-ref"]} for part in fronts)],
    }


def _program() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "type": "application",
        "bom-ref": ROOT_REF,
        "name": project["name"],
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }


def _vendored(one: dict[str, Any]) -> dict[str, Any]:
    purl = f"pkg:npm/{one['name']}@{one['version']}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one["name"],
        "version": one["version"],
        "purl": purl,
        "licenses": [{"license": {"id": one["licence"]}}],
    }


def prepare() -> None:
    """Install the tools if their requirements changed. Raises Unreachable when they cannot be."""
    stamp, wanted = ENVIRONMENT / "installed", TOOLS.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing requirements-audit.txt (a minute the first time)", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(TOOLS)]
    answer = tool("python", *words)
    if answer.returncode:
        raise Unreachable("the tools cannot be installed: " + _last(answer.stderr))
    stamp.write_text(wanted, encoding="utf-8")


def tool(name: str, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Return how a program of the tools' environment ended."""
    program = str(ENVIRONMENT / "bin" / name)
    return subprocess.run([program, *words], input=given, capture_output=True, text=True)


def _ended(said: str) -> int:
    """Return 1 for a tool that failed. Raises Unreachable when it failed for want of an answer."""
    if SILENCE.search(said):
        raise Unreachable(_last(said))
    print(said)
    return 1


def _last(said: str) -> str:
    return said.strip().rpartition("\n")[2][:200]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
