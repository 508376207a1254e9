"""The project's own Python files, read as syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = "checkpoint"


class Source(NamedTuple):
    """One file of the package: its full module name, and what its import statements and late loads name."""

    module: str
    path: Path
    tree: ast.Module

    @property
    def place(self) -> str:
        return str(self.path.relative_to(ROOT))


class Import(NamedTuple):
    """A module that is imported in `line`; `late` if by `checkpoint.lazy.load`."""

    target: str
    line: int
    late: bool = False


@cache
def package() -> dict[str, Source]:
    """Every module of the package by its full name."""
    return {source.module: source for source in map(_read, sorted((ROOT / PACKAGE).rglob("*.py")))}


@cache
def validators() -> tuple[Source, ...]:
    """The validators that stand at the top level."""
    return tuple(map(_read, sorted((ROOT / "validators").glob("*.py"))))


def _read(path: Path) -> Source:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Source(name, path, ast.parse(path.read_bytes()))


def imports(source: Source) -> Iterator[Import]:
    """What a file imports, statements anywhere in it and literal late loads alike."""
    constants = dict(_string_tables(source.tree))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (Import(_imported(node.module or "", alias.name), node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and is_load(node):
            yield from (Import(name, node.lineno, late=True) for name in loaded(node.args[0], constants))


def _imported(module: str, name: str) -> str:
    return f"{module}.{name}" if f"{module}.{name}" in package() else module


def is_load(node: ast.Call) -> bool:
    """Whether this calls `load` of `checkpoint.lazy`: the one function of that name that is called with a text."""
    function = node.func
    named = isinstance(function, ast.Name) and function.id == "load"
    of_lazy = isinstance(function, ast.Attribute) and function.attr == "load" and _is_name(function.value, "lazy")
    return bool(node.args) and (named or of_lazy)


def loaded(argument: ast.expr, tables: dict[str, list[str]]) -> list[str]:
    """The modules that the argument of `load` may name: a text, a table's values, or all of a package of ours.

    Nothing is returned for anything else: such a load cannot be checked, and is refused.
    """
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return [argument.value]
    if isinstance(argument, ast.Subscript) and isinstance(argument.value, ast.Name):
        return tables.get(argument.value.id, [])
    if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        return [str(argument.values[0].value).rstrip(".")]
    return []


def _string_tables(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict):
            yield target.id, [str(entry.value) for entry in value.values if isinstance(entry, ast.Constant)]


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def functions(source: Source) -> Iterator[tuple[str, int, int]]:
    """Each function or method: its name, its first line, and its length in lines without decorators and docstring."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node, clean=False) is not None:
                text = node.body[0]
                length -= (text.end_lineno or text.lineno) - text.lineno + 1
            yield node.name, node.lineno, length
