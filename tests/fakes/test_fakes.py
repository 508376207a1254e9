"""Deliverables that pretend: held to the same expectations as real ones, each is caught, or warned of."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.repositories import commit, git

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-m", "checkpoint"]

CAUGHT = {
    "P1": ("content", "an empty file"),
    "P2": ("a file", "a folder"),
    "P3": ("a definition of `Parser`", "none"),
    "P4": ("a regular file", "a link"),
    "P5": ("a regular file", "a link"),
    "P6": ("work of this team's own", "the same content as honest's `essay.md`"),
    "P7": ("newer than `page.md`", "1h older"),
    "P8": ("the file itself", "a Git LFS pointer"),
    "P9": ("at least 1 tests that pass", "0 that passed, 0 that failed, 0 that did not run"),
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("fakes")
    git(top, "init", "-q")
    commit(top, {"plan.md": (HERE / "plan.md").read_bytes()})
    shutil.copytree(HERE / "real", top / "out/honest")
    shutil.copytree(HERE / "fake", top / "out/pretender")
    os.utime(top / "out/honest/page.md", (1_600_000_000, 1_600_000_000))
    _pretend(top / "out/pretender", top / "out/honest")
    return top


def _pretend(folder: Path, other: Path) -> None:
    """The fakes that git does not hold, or not as they are, and one that linters would mend."""
    (folder / "report.md").touch()
    (folder / "parser.py").write_text("# TODO class Parser later\n")
    (folder / "logo.svg").mkdir()
    (folder / "logo.svg/logo.svg").write_text("<svg/>")
    (folder / "customers.csv").symlink_to(other / "customers.csv")
    (folder / "etc").symlink_to(other / "etc")
    shutil.copyfile(other / "essay.md", folder / "essay.md")
    for name, hours in (("page.md", 1), ("page.html", 2)):
        os.utime(folder / name, (1_600_000_000 - hours * 3600,) * 2)


def run(top: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run([*COMMAND, *arguments, "-C", str(top), "--json"], capture_output=True, text=True, check=False)
    document: dict[str, Any] = json.loads(done.stdout or done.stderr)
    return document


@pytest.fixture(scope="module")
def verdicts(repository: Path) -> dict[str, dict[str, Any]]:
    teams = run(repository, "check")["report"]["teams"]
    return {task["id"]: task["verdicts"][0] for team in teams for task in team["tasks"]}


@pytest.mark.parametrize("task", CAUGHT)
def test_a_fake_is_caught(verdicts: dict[str, dict[str, Any]], task: str) -> None:
    (finding,) = verdicts[task]["findings"]
    assert verdicts[task]["outcome"] == "failed"
    assert (finding["expected"], finding["found"]) == CAUGHT[task]


@pytest.mark.parametrize("task", [f"H{number}" for number in range(1, 10)])
def test_the_real_thing_passes(verdicts: dict[str, dict[str, Any]], task: str) -> None:
    assert verdicts[task]["outcome"] == "passed", verdicts[task]


def test_a_command_proves_nothing_before_it_is_approved(verdicts: dict[str, dict[str, Any]]) -> None:
    assert verdicts["H10"]["outcome"] == verdicts["P10"]["outcome"] == "untrusted"


def test_a_command_that_always_passes_is_warned_of(repository: Path) -> None:
    problems = [each for each in run(repository, "lint")["problems"] if each["rule"] == "vacuous"]
    assert [problem["found"] for problem in problems] == ["`$ true`, which always passes"]


@pytest.mark.parametrize("path", ["../../etc/hostname", "/etc/hostname", "../honest/essay.md"])
def test_a_path_out_of_the_folder_proves_nothing(repository: Path, path: str) -> None:
    plan = repository / "escape.md"
    plan.write_text((HERE / "plan.md").read_text().replace("`report.md`", f"`{path}`"))
    document = run(repository, "check", "P1", "--plan", "escape.md")
    (verdict,) = document["report"]["teams"][0]["tasks"][0]["verdicts"]
    assert (verdict["outcome"], verdict["findings"][0]["expected"]) == ("failed", "a path inside the team's folder")
