"""What must not stand in code, templates or scripts, whatever a comment says.

python -m tools.forbidden    name every line; exit 1 if there is one

Ruff's rules of the same kind (`S`) give way to a `noqa`; these do not. What is allowed all the same
is named here, with its reason.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = ("booking/**/*.py", "config.py")
TEMPLATES = ("templates/**/*.html",)
SCRIPTS = ("booking/static/js/*.js",)

# Modules nobody imports, with what to use instead. A module named here stands for what is below it.
MODULES = {
    "pickle": "stored objects run code when read: JSON",
    "marshal": "stored objects run code when read: JSON",
    "shelve": "stored objects run code when read: JSON",
    "yaml": "JSON, or text of our own",
    "xml": "documents that read files and grow without end: calamine, in its bounded process",
    "lxml": "documents that read files and grow without end: calamine, in its bounded process",
    "requests": "infra.outbound, which knows who may be asked",
    "urllib.request": "infra.outbound, which knows who may be asked",
    "httpx": "infra.outbound, which knows who may be asked",
    "http.client": "infra.outbound, which knows who may be asked",
    "smtplib": "infra.outbox; what is due is delivered by a job",
    "subprocess": "nothing: two readers of files start a bounded process of ours",
    "random": "secrets; in rules and services a random.Random that comes in as an argument",
    "markupsafe": "a template, which escapes",
}
# Calls by their last names; what is in the way is said.
CALLS = {
    "eval": "runs text as code",
    "exec": "runs text as code",
    "os.system": "starts a shell",
    "os.popen": "starts a shell",
    "render_template_string": "takes text for a template",
    "from_string": "takes text for a template",
    "hashlib.md5": "a broken hash",
    "hashlib.sha1": "a broken hash",
    "hashlib.new": "a hash chosen by name",
    "Markup": "text that is not escaped",
    "populate_obj": "gives a row whatever fields a form has",
    "_create_unverified_context": "trusts any certificate",
    "_create_stdlib_context": "trusts any certificate",
    "mktemp": "a name anybody may take first",
}
KEYWORDS = {
    ("shell", True): "starts a shell",
    ("verify", False): "trusts any certificate",
    ("check_hostname", False): "trusts any certificate",
    ("autoescape", False): "text that is not escaped",
    ("debug", True): "shows its inside to everybody",
}
NAMES = {"CERT_NONE": "trusts any certificate"}
READ_FROM = ("args", "form", "values", "files", "headers", "cookies", "referrer", "json")

# File, the function or name at the top of it ("" for an import), what: why it is allowed.
ALLOWED = {
    ("booking/infra/outbound.py", "", "import http.client"): "this is the place that may",
    ("booking/infra/storage/stores.py", "", "import http.client"): "the S3 store of a setting",
    ("booking/infra/transports.py", "", "import smtplib"): "this is the place that may",
    ("booking/infra/sheets/read.py", "", "import subprocess"): "the bounded reader of sheets",
    ("booking/infra/pictures/read.py", "", "import subprocess"): "the bounded reader of pictures",
    ("booking/infra/xml_read.py", "", "import xml"): "64 kB at most, no document type, no entity",
    ("booking/feeds/views/dav_xml.py", "", "import xml"): "writes; infra.xml_read reads",
    ("booking/demo/services/park.py", "", "import random"): "a demo is the same everywhere",
    ("booking/demo/services/places.py", "", "import random"): "a demo is the same everywhere",
    ("booking/demo/services/stock.py", "", "import random"): "a demo is the same everywhere",
    ("booking/infra/ddl.py", "create", "statement"): "the guards, written above it",
    ("booking/infra/ddl.py", "drop", "statement"): "a guard's name, which no parameter can be",
    ("booking/infra/outbox.py", "_insert_together", "statement"): "names of our columns, a count",
    ("booking/reservations/queries/quota_ledgers.py", "_WRONG", "statement"): "texts above it",
    ("booking/reservations/queries/quota_sums.py", "_statement", "statement"): "a count",
    ("booking/reservations/queries/quota_sums.py", "_look", "statement"): "texts above it, counts",
    ("booking/reservations/services/counting.py", "_COMPLETE", "statement"): "texts above it",
}

IN_TEMPLATES = {
    "inline style": re.compile(r"\bstyle\s*=|<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\bMarkup\b|autoescape\s+false"),
}
# Mail is no page: the policy does not reach it, and it can have no other style sheet.
MAIL_MAY = ("inline style",)
# In text only: a Jinja argument may begin with "on".
HANDLER = re.compile(r"\son[a-z]+\s*=", re.IGNORECASE)
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)

IN_SCRIPTS = {
    "text taken for markup": re.compile(
        r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|srcdoc)\b|document\.write"
    ),
    "text run as code": re.compile(
        r"\beval\s*\(|\bnew\s+Function\b|set(?:Timeout|Interval)\(\s*['\"`]"
    ),
}


def main() -> int:
    """Return 1 and name each line when there is one."""
    found = list(in_tree(ROOT))
    for line in found:
        print(line)
    return 1 if found else 0


def in_tree(root: Path) -> Iterator[str]:
    """Yield `path:line: what` for everything forbidden below `root`."""
    for patterns, look in ((CODE, in_code), (TEMPLATES, in_template), (SCRIPTS, in_script)):
        for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
            if "migrations" in path.parts:
                continue  # they run once, on no input
            name = path.relative_to(root).as_posix()
            for line, what in look(path.read_text(encoding="utf-8"), name):
                yield f"{name}:{line}: {what}"


def in_template(text: str, name: str = "") -> Iterator[tuple[int, str]]:
    """Yield line and fault of a template."""
    # Comments and expressions give way to as many lines, so that numbers stay.
    said = COMMENT.sub(_lines, text)
    for what, pattern in IN_TEMPLATES.items():
        if not (name.startswith("templates/mail/") and what in MAIL_MAY):
            yield from ((_line(said, at.start()), what) for at in pattern.finditer(said))
    plain = EXPRESSION.sub(lambda at: "x" + _lines(at), said)
    yield from ((_line(plain, at.start()), "event handler") for at in HANDLER.finditer(plain))


def in_script(text: str, _name: str = "") -> Iterator[tuple[int, str]]:
    """Yield line and fault of a script."""
    for what, pattern in IN_SCRIPTS.items():
        yield from ((_line(text, at.start()), what) for at in pattern.finditer(text))


def in_code(text: str, name: str = "") -> Iterator[tuple[int, str]]:
    """Yield line and fault of a module."""
    for part in ast.parse(text, name).body:
        for node in ast.walk(part):
            for what in (*_faults(node), *_led_away(node)):
                if (name, _name(part), what.partition(":")[0]) not in ALLOWED:
                    yield getattr(node, "lineno", 1), what


def _name(part: ast.stmt) -> str:
    if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
        return part.targets[0].id
    return getattr(part, "name", "")


def _faults(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from _imported([alias.name for alias in node.names])
    elif isinstance(node, ast.ImportFrom):
        # The type of an argument that brings the randomness in; SystemRandom is `secrets`'.
        harmless = {"Random", "SystemRandom"} if node.module == "random" else set()
        if not {alias.name for alias in node.names} <= harmless or not harmless:
            module = node.module or ""
            yield from _imported([module, *(f"{module}.{alias.name}" for alias in node.names)][:2])
    elif isinstance(node, ast.Call):
        yield from _called(node)
    elif isinstance(node, ast.Name | ast.Attribute):
        last = node.id if isinstance(node, ast.Name) else node.attr
        if last in NAMES:
            yield f"{last}: {NAMES[last]}"


def _imported(names: list[str]) -> Iterator[str]:
    for module, instead in MODULES.items():
        if any(name == module or name.startswith(f"{module}.") for name in names):
            yield f"import {module}: {instead}"


def _called(call: ast.Call) -> Iterator[str]:
    name = _dotted(call.func)
    for wanted, why in CALLS.items():
        if name == wanted or name.endswith(f".{wanted}"):
            yield f"{wanted}(): {why}"
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Constant):
            why = KEYWORDS.get((keyword.arg or "", keyword.value.value), "")
            if why and isinstance(keyword.value.value, bool):
                yield f"{keyword.arg}={keyword.value.value}: {why}"
    if _is_statement(call) and not _own_words(call.args[0]):
        yield "statement: put together of more than our own words; bind the value"


def _is_statement(call: ast.Call) -> bool:
    """Return whether it makes SQL of a text; `text` is also a method of others."""
    name = _dotted(call.func)
    made = name in ("text", "sa.text", "sqlalchemy.text", "DDL", "sa.DDL", "sqlalchemy.DDL")
    return bool(call.args) and (made or name.endswith("exec_driver_sql"))


def _own_words(node: ast.expr) -> bool:
    """Return whether a text is made of literals and module constants only."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id.isupper()
    if isinstance(node, ast.JoinedStr):
        return all(_own_words(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _own_words(node.value)
    if isinstance(node, ast.BinOp):
        return _own_words(node.left) and _own_words(node.right)
    if isinstance(node, ast.IfExp):
        return _own_words(node.body) and _own_words(node.orelse)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return node.func.attr in ("format", "join") and all(
            _own_words(part) for part in (node.func.value, *given)
        )
    return False


def _led_away(function: ast.AST) -> Iterator[str]:
    """Yield redirects to what a request says; `safe_next` is what makes an address one of ours."""
    if not isinstance(function, ast.FunctionDef):
        return
    told: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _told(node.value, told):
            told |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(function):
        leads = isinstance(node, ast.Call) and _dotted(node.func) == "redirect"
        if leads and any(_told(argument, told) for argument in node.args):
            yield "redirect(): to what the request says; safe_next"


def _told(node: ast.AST, names: set[str]) -> bool:
    """Return whether an expression carries what the request said, unchecked."""
    if isinstance(node, ast.Call) and _dotted(node.func) in ("safe_next", "url_for"):
        return False
    if isinstance(node, ast.Name) and node.id in names:
        return True
    if isinstance(node, ast.Attribute) and node.attr in READ_FROM:
        return _dotted(node.value) == "request"
    return any(_told(child, names) for child in ast.iter_child_nodes(node))


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _lines(at: re.Match[str]) -> str:
    return "\n" * at.group().count("\n")


if __name__ == "__main__":
    sys.exit(main())
