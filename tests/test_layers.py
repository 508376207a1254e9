"""The architecture: who may import whom, where other programs are started, and how things may be named."""

import ast
import graphlib
import re
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec

import pytest

from checkpoint.cli import COMMANDS
from tests.helpers.sources import PACKAGE, ROOT, Import, Source, imports, is_load, loaded, package, validators

SEAMS = "errors lazy strict validator"
VALUES = """
    slots schedule globs graph secret_kinds redaction arguments plan baseline
    folded verdicts actions report wording documents config hints
"""
OUTSIDE = """
    private credentials supervisor process supervision
    shell scratch sandbox tmux location trees files marshalled git forge store
    pack snapshot glance approvals resources config_paths config_file configuration validators rules registry
"""
PRODUCT = """
    validation freshness place untouched branch standing workspace validation.lint validation.elsewhere summaries
    notify proof kept published record counted telling publishing sequel orchestrator undoing diagnosis demonstration
"""
FACES = "triggers console table commands cli __main__"
ROOMS = f"{SEAMS} {VALUES} {OUTSIDE} {PRODUCT} {FACES}".split()
"""From the ground up: a module imports from its own room and from rooms before it. `checkpoint` itself lies below."""

IMPURE = {"fcntl", "http", "io", "os", "pathlib", "select", "shutil", "signal", "socket", "sqlite3", "sys", "tempfile"}
IMPURE |= {"asyncio", "logging", "multiprocessing", "random", "secrets", "threading", "time", "uuid"}
CLOCKS = ("now", "today", "utcnow")
"""Methods of `datetime` and `date` that ask what time it is."""
STARTERS = re.compile(r"subprocess|pty|multiprocessing|asyncio\.subprocess|pexpect|_posixsubprocess")
OS_STARTERS = re.compile(r"system|popen|fork|forkpty|exec\w+|spawn\w+|posix_spawnp?|startfile")
VAGUE_MODULES = re.compile(r"(^|_)(utils?|helpers?|managers?|base|common)(_|$)")
VAGUE_CLASSES = re.compile(r"(Utils?|Helpers?|Manager|Base|Common)$|^(Base|Common)[A-Z]")


def room(module: str) -> str:
    """The room that a module is in: a part of a package may have one of its own."""
    parts = module.split(".")[1:]
    return ".".join(parts) if ".".join(parts) in ROOMS else ".".join(parts[:1])


def floor(module: str) -> int:
    """The place of a module's room in the order; the package itself, which holds the version, is the ground."""
    return ROOMS.index(room(module)) if room(module) else -1


def calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def ours(source: Source) -> Iterator[Import]:
    return (each for each in imports(source) if each.target.split(".")[0] == PACKAGE)


def points_upwards(source: Source) -> Sequence[object]:
    is_ours = source.module.split(".")[0] == PACKAGE
    return [each for each in ours(source) if is_ours and floor(each.target) > floor(source.module)]


def knows_the_world(source: Source) -> Sequence[object]:
    """What a value or decision must not: files, the environment, the clock, chance."""
    if room(source.module) not in VALUES.split():
        return []
    asked = [node.lineno for node in calls(source) if asks_the_world(node.func)]
    return [
        *asked,
        *(each for each in imports(source) if each.target != "os.path" and each.target.split(".")[0] in IMPURE),
    ]


def asks_the_world(function: ast.expr) -> bool:
    of_clocks = isinstance(function, ast.Attribute) and function.attr in CLOCKS
    return of_clocks or name_of(function) == "open" or asks_for_a_path(function)


def asks_for_a_path(function: ast.expr) -> bool:
    """Whether this is of `os.path`, and more than a question about the words of a path."""
    of_paths = isinstance(function, ast.Attribute) and ast.unparse(function.value) == "os.path"
    return of_paths and name_of(function) not in ("basename", "commonpath", "dirname", "join", "normpath", "splitext")


def imports_within(source: Source) -> Sequence[object]:
    within = set(ast.walk(source.tree)) - set(source.tree.body) - set(for_types_only(source))
    return [node.lineno for node in within if isinstance(node, ast.Import | ast.ImportFrom)]


def for_types_only(source: Source) -> Sequence[ast.AST]:
    """What stands below `if TYPE_CHECKING:`."""
    return [
        each
        for node in source.tree.body
        if isinstance(node, ast.If) and name_of(node.test) == "TYPE_CHECKING"
        for each in node.body
    ]


def loads_nothing(source: Source) -> Sequence[object]:
    late = (each for each in imports(source) if each.late and each.target not in package())
    return [each for each in late if each.target.split(".")[0] == PACKAGE or not find_spec(each.target)]


def imports_by_another_door(source: Source) -> Sequence[object]:
    if source.module in (
        "checkpoint.lazy",
        "checkpoint.registry",
    ):  # the door, and what loads validators by their names
        return []
    return [
        node.lineno
        for node in calls(source)
        if name_of(node.func) in ("__import__", "import_module")
        or (is_load(node) and not can_be_followed(node.args[0]))
    ]


def can_be_followed(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Subscript) or bool(loaded(argument, {}))


def starts_programs(source: Source) -> Sequence[object]:
    if source.module in ("checkpoint.process", "checkpoint.supervisor"):  # the door, and the program that it starts
        return []
    started = [each.line for each in imports(source) if STARTERS.fullmatch(each.target)]
    return started + [node.lineno for node in calls(source) if is_os_starter(node.func)]


def is_os_starter(function: ast.expr) -> bool:
    of_os = isinstance(function, ast.Attribute) and name_of(function.value) == "os"
    return of_os and bool(OS_STARTERS.fullmatch(name_of(function)))


def validator_knows_too_much(source: Source) -> Sequence[object]:
    if not source.module.startswith("validators."):
        return []
    return [each for each in ours(source) if each.target != "checkpoint.validator"]


def imports_for_types_only(source: Source) -> Sequence[object]:
    """Of ours: a knot that only types know is a knot. The standard library's may be left out at run time."""
    return [node for node in for_types_only(source) if PACKAGE in ast.unparse(node)]


def has_a_vague_name(source: Source) -> Sequence[object]:
    classes = [node.name for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
    vague = [part for part in source.module.split(".") if VAGUE_MODULES.search(part)]
    return [*vague, *(name for name in classes if VAGUE_CLASSES.search(name))]


def name_of(node: ast.AST) -> str:
    """The last part of a name: `run` of `subprocess.run`."""
    return node.id if isinstance(node, ast.Name) else str(getattr(node, "attr", ""))


GATES: dict[Callable[[Source], Sequence[object]], tuple[tuple[str, str], ...]] = {
    points_upwards: (
        ("checkpoint.verdicts", "from checkpoint.cli import main"),
        ("checkpoint.verdicts", "load('checkpoint.cli')"),
        ("checkpoint.verdicts", "load(TABLE[name])\nTABLE = {'a': 'checkpoint.cli'}"),
        ("checkpoint.verdicts", "load(f'checkpoint.commands.{name}')"),
    ),
    knows_the_world: (
        ("checkpoint.verdicts", "import os"),
        ("checkpoint.plan.x", "open('x')"),
        ("checkpoint.plan.x", "os.path.isfile('x')"),
        ("checkpoint.schedule", "datetime.now(UTC)"),
        ("checkpoint.schedule", "datetime.datetime.utcnow()"),
        ("checkpoint.schedule", "date.today()"),
    ),
    imports_within: (("checkpoint.git.x", "def f():\n    import re"),),
    loads_nothing: (("checkpoint.git.x", "load('checkpoint.nowhere')"), ("checkpoint.git.x", "load('no_such_module')")),
    imports_by_another_door: (
        ("checkpoint.git.x", "load(name)"),
        ("checkpoint.git.x", "importlib.import_module('re')"),
        ("checkpoint.git.x", "__import__('re')"),
    ),
    starts_programs: (
        ("checkpoint.git.x", "import subprocess"),
        ("checkpoint.git.x", "from subprocess import run"),
        ("validators.x", "os.system('true')"),
    ),
    validator_knows_too_much: (("validators.x", "import checkpoint.files"),),
    imports_for_types_only: (("checkpoint.git.x", "if TYPE_CHECKING:\n    from checkpoint.cli import main"),),
    has_a_vague_name: (("checkpoint.git.utils", ""), ("checkpoint.git.x", "class CloneManager: pass")),
}
"""Each gate with what it must refuse."""

PROBES = [(gate, *probe) for gate, probes in GATES.items() for probe in probes]


@pytest.mark.parametrize("gate", GATES)
def test_no_file_of_ours(gate: Callable[[Source], Sequence[object]]) -> None:
    offenders = {source.place: found for source in (*package().values(), *validators()) if (found := gate(source))}
    assert not offenders


@pytest.mark.parametrize(("gate", "module", "text"), PROBES)
def test_the_gate_is_closed_to(gate: Callable[[Source], Sequence[object]], module: str, text: str) -> None:
    assert gate(Source(module, ROOT / "probe.py", ast.parse(text)))


def test_every_module_has_its_room() -> None:
    assert {room(name) for name in package()} - {""} <= set(ROOMS)
    assert len(set(ROOMS)) == len(ROOMS)


def test_no_imports_go_round_in_a_circle() -> None:
    graph = {name: {each.target for each in ours(source) if not each.late} for name, source in package().items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_every_command_of_the_table_has_its_module() -> None:
    assert {f"{PACKAGE}.commands.{name}" for name in COMMANDS} <= set(package())


def test_validators_at_the_top_level_are_no_package() -> None:
    assert not (ROOT / "validators" / "__init__.py").exists()
