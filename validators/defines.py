"""Whether a Python file really defines a name."""

import ast
import warnings
from collections.abc import Iterable, Iterator

from checkpoint.validator import Artifact, Finding, Unreadable, validator

_LIMIT = 4 * 1024 * 1024


def _lint(*names: str) -> None:
    if not names:
        raise ValueError("say which name: `Parser` or `Parser.parse`")
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"`{name}` is no Python name")


@validator(
    "defines", examples=("`parser.py` defines `Parser`", "`parser.py` defines `Parser.parse` `main`"), lint=_lint
)
def defines(artifact: Artifact, *names: str) -> Iterator[Finding]:
    """The Python file defines these names: functions, classes, variables, with dots what a class holds.

    The source is parsed, never run; a name in a comment, a string or an import is not defined there.
    """
    _lint(*names)
    module = _parse(artifact)
    for name in names:
        if not _is_defined(module.body, name.split(".")):
            yield Finding(f"a definition of `{name}`", "none", artifact.path, f"define `{name}` in `{artifact.path}`")


def _parse(artifact: Artifact) -> ast.Module:
    path = artifact.path
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(artifact.read(_LIMIT))
    except SyntaxError as error:
        where = f"{path}:{error.lineno}" if error.lineno else path
        raise Unreadable(Finding("Python", f"{error.msg}", where, f"mend the syntax at `{where}`")) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(Finding("Python", "no source that can be parsed", path, f"mend {path}")) from error


def _is_defined(body: Iterable[ast.stmt], names: list[str]) -> bool:
    first, *rest = names
    for statement in _statements(body):
        if not rest and first in _bound(statement):
            return True
        if (
            rest
            and isinstance(statement, ast.ClassDef)
            and statement.name == first
            and _is_defined(statement.body, rest)
        ):
            return True
    return False


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a scope, those in its `if`, `try`, `with` and loops included, save what is switched off."""
    waiting = [*body]
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        off = (
            isinstance(statement, ast.If | ast.While)
            and isinstance(statement.test, ast.Constant)
            and not statement.test.value
        )
        for field in ("orelse", "finalbody") if off else ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(statement, field, [])


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {name for target in statement.targets for name in _targets(target)}
    if isinstance(statement, ast.AnnAssign):
        return set(_targets(statement.target)) if statement.value else set()
    name = getattr(statement, "name", None)
    return {name.id} if isinstance(name, ast.Name) else set()


def _targets(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
