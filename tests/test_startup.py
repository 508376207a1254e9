"""What the commands load before they do anything: an import that nobody noticed is how programs become slow."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.kept import keep
from tests.helpers.repositories import make_published, write
from tests.helpers.scenes import Scene

PLAN = """---
checkpoint: 1
---

# Small

## Team: backend

- folder: `out`

- [ ] **B1** Write the contract
  - `contract.txt` contains `books`
"""
ROOT = str(Path(__file__).parents[1])
RUN = f"import sys; sys.path.insert(0, {ROOT!r}); from checkpoint.cli import main; main(sys.argv[2:]); "
LIST = "open(sys.argv[1], 'w').write(' '.join(sys.modules))"
SLOW = {"datetime", "inspect", "msgspec", "platform", "random", "shutil", "sqlite3", "subprocess", "typing", "uuid"}
VERY_SLOW = {
    *("_strptime", "asyncio", "csv", "dataclasses", "email", "http", "logging", "socket", "tomllib", "unittest", "xml"),
    *("cronsim", "inspect", "typing_extensions", "zoneinfo"),
    *("defusedxml", "jsonschema_rs", "junitparser", "markdown_it", "rich", "shtab", "yaml"),
}
"""Each takes a tenth of an interpreter's start or more, and some take twice as long as all of it."""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository whose plan has had a checkpoint."""
    folder, _ = make_published(tmp_path / "repositories", {"plan.md": PLAN})
    write(folder, {"out/contract.txt": "books\n"})
    loaded_by(folder, "now")
    return folder


def loaded_by(work: Path, *arguments: str) -> set[str]:
    """The top-level modules that a command has loaded when it ends."""
    names = work.parent / "modules"
    argv = [sys.executable, "-I", "-c", f"{RUN}{LIST}", str(names), *arguments]
    subprocess.run(argv, cwd=work, check=True, capture_output=True)
    return {name.split(".")[0] for name in names.read_text().split()}


@pytest.mark.parametrize("arguments", [("status",), ("next", "backend")], ids=" ".join)
def test_what_the_last_checkpoint_found_is_shown_at_once(work: Path, arguments: tuple[str, ...]) -> None:
    assert loaded_by(work, *arguments) & (SLOW | VERY_SLOW) == set()


def test_a_check_of_what_nothing_has_touched_loads_as_little(work: Path) -> None:
    loaded_by(work, "now")
    keep(Scene(work))
    assert loaded_by(work, "check") & (SLOW | VERY_SLOW) == set()


@pytest.mark.parametrize("arguments", [("check",), ("log",), ("show", "B1"), ("now",)], ids=" ".join)
def test_nothing_is_loaded_that_is_not_used(work: Path, arguments: tuple[str, ...]) -> None:
    assert loaded_by(work, *arguments) & VERY_SLOW == set()
