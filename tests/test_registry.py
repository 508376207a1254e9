"""Validators by name: ours, installed ones, a repository's own."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint.arguments import bind
from checkpoint.errors import ConfigurationError, NotApproved, UsageError
from checkpoint.plan.parse import parse
from checkpoint.registry import Registry, our_names

ROOT = Path(__file__).parents[1]
SHOUTS = '''
from checkpoint.validator import Artifact, Finding, validator

@validator("shouts", examples=("`motto.txt` shouts at-least 2",))
def shouts(artifact: Artifact, *, at_least: int = 1):
    """The text holds exclamation marks.

    As many as asked for.
    """
    found = artifact.text().count("!")
    if found < at_least:
        yield Finding(f"at least {at_least} exclamation marks", f"{found}", artifact.path, "shout more")
'''


def plugin(folder: Path, source: str = SHOUTS, name: str = "shouts.py") -> dict[str, str]:
    (folder / name).write_text(source)
    return {str(folder / name): hashlib.sha256(source.encode()).hexdigest()}


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """An installed package that brings the validator `shouts`."""
    (tmp_path / "loud.py").write_text(SHOUTS)
    about = tmp_path / "loud-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text("[checkpoint.validators]\nshouts = loud:shouts\n")
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    sys.modules.pop("loud", None)


def test_ours_are_found_by_their_names() -> None:
    registry = Registry()
    assert our_names() == registry.names() == tuple(sorted(our_names()))
    assert {path.stem.replace("_", "-") for path in (ROOT / "validators").glob("*.py")} == set(our_names())
    assert [registry.find(name).name for name in our_names()] == list(our_names())


@pytest.mark.parametrize("name", our_names())
def test_every_example_of_ours_can_be_written_in_a_plan(name: str) -> None:
    registry = Registry()
    for example in registry.describe(name).examples:
        plan = parse(
            f"---\ncheckpoint: 1\n---\n\n## Team: a\n\n- folder: `out`\n\n- [ ] **A1** Task\n  - {example}\n".encode()
        )
        (expectation,) = plan.tasks["A1"].expectations
        assert expectation.validator == name
        bind(registry.find(name).check, expectation.arguments)


@pytest.mark.parametrize("name", our_names())
def test_ours_explain_themselves(name: str) -> None:
    described = Registry().describe(name)
    assert described.origin == "built in"
    assert described.examples
    assert described.summary.endswith(".")


@pytest.mark.parametrize(("name", "near"), [("exist", "`exists`"), ("sha265", "`sha256`")])
def test_an_unknown_name_names_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        Registry().find(name)
    assert near in caught.value.mend


@pytest.mark.parametrize("name", ["", "__init__", "Exists", "../exists", "os.path", "json_schema", "exists-"])
def test_what_is_no_name_is_unknown(name: str) -> None:
    with pytest.raises(UsageError, match="there is no validator"):
        Registry().find(name)


@pytest.mark.usefixtures("package")
def test_an_installed_package_brings_its_own() -> None:
    described = Registry().describe("shouts")
    assert (described.usage, described.origin) == ("[at-least N]", "installed: loud 1.2")
    assert (described.summary, described.help) == (
        "The text holds exclamation marks.",
        "The text holds exclamation marks.\n\nAs many as asked for.",
    )
    assert "shouts" in Registry().names()


def test_a_package_that_breaks_is_an_error_of_its_own(package: Path) -> None:
    (package / "loud.py").write_text("raise SystemExit('boo')")
    with pytest.raises(ConfigurationError, match="`shouts` cannot be loaded") as caught:
        Registry().find("shouts")
    assert "SystemExit: boo" in caught.value.why


def test_a_package_that_brings_something_else(package: Path) -> None:
    (package / "loud.py").write_text("shouts = print")
    with pytest.raises(ConfigurationError, match="`shouts` cannot be loaded"):
        Registry().find("shouts")


def test_a_repository_brings_its_own_once_approved(tmp_path: Path) -> None:
    registry = Registry(plugin(tmp_path))
    assert registry.find("shouts") is registry.find("shouts")
    assert registry.describe("shouts").origin == "this repository: validators/shouts.py"
    assert "shouts" in registry.names()


def test_one_changed_byte_is_not_approved(tmp_path: Path) -> None:
    approved = plugin(tmp_path)
    plugin(tmp_path, SHOUTS + f"\nopen({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(NotApproved):
        Registry(approved).find("shouts")
    assert not (tmp_path / "ran").exists()


def test_what_nobody_approved_is_not_run(tmp_path: Path) -> None:
    (path,) = plugin(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(NotApproved, match="`shouts` is not approved"):
        Registry({}, [path, str(tmp_path / "exists.py"), str(tmp_path / "__init__.py")]).find("shouts")
    assert not (tmp_path / "ran").exists()


def test_a_file_that_nobody_approved_takes_no_name(tmp_path: Path) -> None:
    registry = Registry({}, [str(tmp_path / "exists.py")])
    assert registry.describe("exists").origin == "built in"
    assert registry.names() == our_names()


@pytest.mark.parametrize(
    "source", ["raise RuntimeError('boo')", "def (", "import nothing_of_this_name", "x = 1", "exit(3)"]
)
def test_a_plug_in_that_breaks_is_an_error_of_its_own(tmp_path: Path, source: str) -> None:
    registry = Registry(plugin(tmp_path, source))
    with pytest.raises(ConfigurationError, match="`shouts` cannot be loaded"):
        registry.find("shouts")
    assert registry.find("exists").name == "exists"


def test_a_name_cannot_mean_two_things(tmp_path: Path) -> None:
    registry = Registry(plugin(tmp_path, SHOUTS.replace("shouts", "exists"), "exists.py"))
    for ask in (lambda: registry.find("exists"), registry.names):
        with pytest.raises(ConfigurationError, match="more than one validator is named `exists`"):
            ask()


def test_an_installed_name_cannot_be_taken(package: Path) -> None:
    registry = Registry(plugin(package))
    with pytest.raises(ConfigurationError, match="more than one validator is named `shouts`"):
        registry.find("shouts")


def test_a_plug_in_may_define_classes_of_any_kind(tmp_path: Path) -> None:
    record = "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    a: int\n"
    assert Registry(plugin(tmp_path, record + SHOUTS)).find("shouts").name == "shouts"


def test_finding_one_of_ours_imports_nothing_heavy() -> None:
    script = "import sys; from checkpoint.registry import Registry; Registry().find('exists'); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"pathlib", "importlib.metadata", "difflib", "pkgutil", "re2", "checkpoint.validators.matches"}
    assert heavy & set(done.stdout.split()) == set()
