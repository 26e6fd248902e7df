"""Small changes of a module's syntax tree, one at a time: what a slip of the pen would make of it.

Not changed: annotations, decorators, defaults, what stands in a class's body, assertions,
docstrings, texts of f-strings and those of the module's own tables of words. They are no
decisions, or tests cannot see them change in place.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
NAMED = {"min": "max", "max": "min", "any": "all", "all": "any"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Defect:
    """One change: where, what it says, and which change of the file it is.

    `span` are the lines of the outermost function it is in, None for a constant of the module.
    """

    file: str
    number: int
    line: int
    what: str
    span: tuple[int, int] | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.what}"


Change = tuple[int, str, tuple[int, int] | None, Callable[[], None]]


def defects(file: Path, name: str) -> list[Defect]:
    """Return every defect that can be planted in a file, in the order of its lines."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        Defect(name, number, line, what, span)
        for number, (line, what, span, _) in enumerate(_changes(tree))
    ]


def planted(file: Path, number: int) -> ast.Module:
    """Return the syntax tree of a file with its n-th defect."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for at, (_, _, _, change) in enumerate(_changes(tree)):
        if at == number:
            change()
            break
    return ast.fix_missing_locations(tree)


def _changes(tree: ast.Module) -> Iterator[Change]:
    """Yield (line, words, span, how to change the tree) of every change, the tree unchanged."""
    for statement in tree.body:
        if isinstance(statement, FUNCTIONS):
            yield from _in_function(statement)
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, FUNCTIONS):
                    yield from _in_function(inner)
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            yield from _walk(statement, "value", statement.value, None)


def _in_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Change]:
    first = min(node.lineno for node in (function, *function.decorator_list))
    span = (first, function.end_lineno or first)
    for place, statement in enumerate(function.body):
        if place == 0 and _is_text(statement):
            continue
        yield from _walk(function, ("body", place), statement, span)


Where = str | tuple[str, int]


def _walk(
    parent: ast.AST, where: Where, node: ast.AST, span: tuple[int, int] | None
) -> Iterator[Change]:
    if isinstance(node, ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    line = getattr(node, "lineno", 0)
    for what, new in _alternatives(node, in_function=span is not None):
        yield line, what, span, lambda new=new: _put(parent, where, new)  # type: ignore[misc]
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "args") and not isinstance(
            node, ast.Call
        ):
            continue
        if isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.AST) and not (name == "body" and _is_text(item)):
                    yield from _walk(node, (name, place), item, span)
        elif isinstance(value, ast.AST):
            yield from _walk(node, name, value, span)


def _put(parent: ast.AST, where: Where, new: ast.AST) -> None:
    if isinstance(where, str):
        setattr(parent, where, new)
    else:
        getattr(parent, where[0])[where[1]] = new


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _alternatives(node: ast.AST, *, in_function: bool) -> Iterator[tuple[str, ast.AST]]:
    """Yield what may stand in a node's place instead, with words for it."""
    if isinstance(node, ast.Compare):
        yield from _other_comparisons(node)
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in COUNTED:
        new = copy.copy(node)
        new.op = COUNTED[type(node.op)]()
        yield f"{_name(node.op)} → {_name(new.op)}", new
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{_name(node.op)} → {_name(other)}", ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not x → x", node.operand
    elif isinstance(node, ast.Constant):
        if in_function or not isinstance(node.value, str):
            yield from _other_constants(node)
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in NAMED:
            new_call = copy.copy(node)
            new_call.func = ast.Name(NAMED[node.func.id], ast.Load())
            yield f"{node.func.id} → {NAMED[node.func.id]}", new_call
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
            changed = copy.copy(node)
            changed.test = ast.UnaryOp(ast.Not(), node.test)
            yield "if x → if not x", changed
    elif in_function:
        yield from _other_statements(node)


def _other_comparisons(node: ast.Compare) -> Iterator[tuple[str, ast.AST]]:
    for place, operator in enumerate(node.ops):
        other = COMPARED[type(operator)]()
        operators = [other if n == place else old for n, old in enumerate(node.ops)]
        words = f"{_name(operator)} → {_name(other)}"
        yield words, ast.Compare(node.left, operators, node.comparators)


def _other_constants(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} → {not value}", ast.Constant(not value)
    elif isinstance(value, int):
        yield f"{value} → {value + 1}", ast.Constant(value + 1)
    elif isinstance(value, str):
        yield f"{value[:30]!r} → other text", ast.Constant(f"{value}XX")


def _other_statements(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield "return x → return None", ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise):
        yield "raise → nothing", ast.Pass()
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "call → nothing", ast.Pass()
    elif isinstance(node, ast.Continue):
        yield "continue → break", ast.Break()
    elif isinstance(node, ast.Break):
        yield "break → continue", ast.Continue()


def _name(operator: ast.AST) -> str:
    return type(operator).__name__.lower()
