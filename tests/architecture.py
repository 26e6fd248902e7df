"""The law of kinds, read from source text: `breaches` names every line that breaks it.

A module's file name, or the folder of that name inside a feature, is its kind (DESIGN §2).
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# A kind imports only kinds of its own rank and below; entry points share one rank.
ENTRY_POINTS = ("views", "api", "jobs", "cli")
_ORDER = (
    ("core",),
    ("rules",),
    ("infra",),
    ("models",),
    ("queries",),
    ("services",),
    ("web",),
    ("forms",),
    ENTRY_POINTS,
    ("app",),
)
RANK = {kind: rank for rank, kinds in enumerate(_ORDER) for kind in kinds}
SHARED = ("core", "infra", "web")  # folders that are a kind themselves
FEATURES = (
    "audit",
    "accounts",
    "companies",
    "inventory",
    "policies",
    "reservations",
    "approvals",
    "reminders",
    "training",
    "notices",
    "help",
    "board",
    "feeds",
    "privacy",
    "usage",
    "demo",
)
ONLY_COMMITTER = "booking/infra/db.py"
COMMITS = ("commit", "begin")  # engine.begin() and session.begin() commit at their end
FACTORY = "booking/__init__.py"  # holds the one local import
# What a service would render, read or send with.
NOT_IN_SERVICES = (
    "smtplib", "jinja2", "requests", "urllib.request", "booking.infra.mail",
    "booking.infra.transports",
)  # fmt: skip
FLASK_IN_SERVICES = ("current_app",)  # its settings are plain values; all else is the web's
NOT_IN_RULES = ("random", "secrets")  # randomness comes in as an argument
CLOCKS = (("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time"))


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, feature (None in shared folders), kind and syntax tree."""

    path: str
    name: str
    feature: str | None
    kind: str
    tree: ast.Module

    @property
    def pure(self) -> bool:
        """Return whether only plain values may come in here."""
        return self.kind in ("core", "rules")


@dataclass(frozen=True)
class Import:
    """An import statement's target: a module, and perhaps a name in it."""

    line: int
    module: str
    name: str | None = None


def sources(root: Path) -> dict[str, str]:
    """Return path → text of the package below `root`, migrations excepted."""
    files = sorted(root.glob("booking/**/*.py"))
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in files
        if "migrations" not in path.parts
    }


def breaches(files: Mapping[str, str]) -> list[str]:
    """Return `path:line: what is wrong` for every breach of the law in path → source text."""
    found: list[str] = []
    modules: dict[str, Module] = {}
    for path, text in files.items():
        module = _module(path, text)
        if module is None:
            found.append(f"{path}:1: file name says no kind, or folder no feature")
        else:
            modules[module.name] = module
    for module in modules.values():
        found += [f"{module.path}:{line}: {text}" for line, text in _breaches(module, modules)]
    return found + _cycles(modules)


def _breaches(module: Module, modules: Mapping[str, Module]) -> Iterator[tuple[int, str]]:
    for found in imports(module.tree):
        target = _target(found, modules)
        if target is not None and target.name != module.name:
            yield from _order(module, target, found.line)
        elif target is None:
            yield from _foreign(module, found)
        yield from _sending(module, found)
    yield from _statements(module)


def _order(module: Module, target: Module, line: int) -> Iterator[tuple[int, str]]:
    if module.kind == "package" or target.kind == "package":
        return
    own, other = RANK[module.kind], RANK[target.kind]
    elsewhere = module.feature != target.feature
    if other > own:
        yield line, f"{module.kind} imports {target.kind} ({target.name})"
    elif module.kind in ENTRY_POINTS and other == own:
        if elsewhere or module.kind != target.kind:
            yield line, f"an entry point imports another ({target.name})"
    elif other == own and elsewhere and _place(target) > _place(module):
        yield line, f"{module.feature} imports {module.kind} to its right ({target.name})"


def _place(module: Module) -> int:
    return FEATURES.index(module.feature) if module.feature else -1


def _foreign(module: Module, found: Import) -> Iterator[tuple[int, str]]:
    top = found.module.split(".")[0]
    if module.pure:
        if top not in sys.stdlib_module_names:
            yield found.line, f"{module.kind} imports {found.module}, not the standard library"
        # random.Random is the type of the argument that brings the randomness in.
        elif top in NOT_IN_RULES and found.name != "Random":
            yield found.line, f"{module.kind} imports {top}: randomness comes in as an argument"


def _sending(module: Module, found: Import) -> Iterator[tuple[int, str]]:
    if module.kind != "services":
        return
    whole = f"{found.module}.{found.name}" if found.name else found.module
    if any(whole == name or whole.startswith(f"{name}.") for name in NOT_IN_SERVICES):
        yield found.line, f"services import {whole}: they neither render nor send"
    if found.module.split(".")[0] == "flask" and found.name not in FLASK_IN_SERVICES:
        yield found.line, f"services import {whole}: they know no request"


def _statements(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "relative import"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _local_imports(module, node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _call(module, node, node.func)


def _local_imports(module: Module, function: ast.AST) -> Iterator[tuple[int, str]]:
    if module.path == FACTORY:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node.lineno, "import inside a function"


def _call(module: Module, call: ast.Call, called: ast.Attribute) -> Iterator[tuple[int, str]]:
    if called.attr in COMMITS and module.path != ONLY_COMMITTER:
        yield call.lineno, f".{called.attr}() outside {ONLY_COMMITTER}"
    owner = called.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    if module.pure and (name, called.attr) in CLOCKS:
        yield call.lineno, f"{module.kind} reads the clock: `now` comes in as an argument"


def imports(tree: ast.AST) -> Iterator[Import]:
    """Yield every absolute import of a module, one for each imported name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (Import(node.lineno, node.module or "", a.name) for a in node.names)


def _target(found: Import, modules: Mapping[str, Module]) -> Module | None:
    return modules.get(f"{found.module}.{found.name}") or modules.get(found.module)


def _module(path: str, text: str) -> Module | None:
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    name, inside = ".".join(parts), parts[1:]
    place = _feature_and_kind(inside)
    return Module(path, name, *place, ast.parse(text, path)) if place else None


def _feature_and_kind(inside: list[str]) -> tuple[str | None, str] | None:
    if not inside or inside == ["app"]:
        return None, "app"
    if inside[0] in SHARED:
        return None, inside[0]
    if inside[0] not in FEATURES:
        return None
    if len(inside) == 1:
        return inside[0], "package"
    return (inside[0], inside[1]) if inside[1] in RANK and inside[1] not in SHARED else None


def _cycles(modules: Mapping[str, Module]) -> list[str]:
    """Return one line for each import that closes a circle, found by walking depth first."""
    done: set[str] = set()
    found: list[str] = []

    def walk(name: str, trail: list[str]) -> None:
        if name in done:
            return
        for item in imports(modules[name].tree):
            target = _target(item, modules)
            if target is None or target.name == name or target.path == FACTORY:
                continue
            if target.name in trail:
                circle = [*trail[trail.index(target.name) :], target.name]
                found.append(f"{modules[name].path}:{item.line}: circle {' → '.join(circle)}")
            else:
                walk(target.name, [*trail, target.name])
        done.add(name)

    for name in modules:
        walk(name, [name])
    return found
