"""The tests' own isolation: what a test could reach by accident is out of its reach."""

import os
import pwd
import re
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

REAL_HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)
OUTSIDE = REAL_HOME / ".checkpoint-tests-must-not-write-here"


@pytest.mark.skipif(str(REAL_HOME) == "/", reason="this user has no home of its own")
@pytest.mark.parametrize(
    ("touch", "place"),
    [
        (Path.touch, OUTSIDE),
        (Path.read_text, REAL_HOME / ".gitconfig"),
        (os.listdir, REAL_HOME / ".config"),
        (Path("/nowhere").replace, OUTSIDE),
        (Path.mkdir, OUTSIDE),
        (sqlite3.connect, OUTSIDE),
    ],
    ids=["write", "read", "list", "rename", "mkdir", "sqlite"],
)
def test_touching_the_real_home_is_an_error(touch: Callable[[Path], object], place: Path) -> None:
    with pytest.raises(AssertionError, match=re.escape(str(place))):
        touch(place)


def test_home_and_its_folders_are_the_tests_own(home: Path) -> None:
    assert Path.home() == home != REAL_HOME
    places = [os.environ[f"XDG_{kind}_HOME"] for kind in ("CACHE", "CONFIG", "DATA", "STATE")]
    assert all(Path(place).is_relative_to(home) for place in places)


def test_each_test_starts_with_an_empty_home(home: Path) -> None:
    assert [entry.name for entry in home.iterdir()] == [".gitconfig"]


def test_git_sees_the_tests_own_person_and_no_other_configuration(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "config", "--list", "--show-origin"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert {line.split("\t")[0] for line in listed.splitlines()} == {f"file:{os.environ['GIT_CONFIG_GLOBAL']}"}
    assert "user.name=Ada Lovelace" in listed


def test_nothing_of_the_callers_environment_leaks_in() -> None:
    ours = {name: value for name, value in os.environ.items() if name.startswith("CHECKPOINT_")}
    assert ours == {"CHECKPOINT_TERMINALS": "", "CHECKPOINT_SANDBOX": "off"}
    assert "GIT_DIR" not in os.environ
    assert "SSH_AUTH_SOCK" not in os.environ


@pytest.fixture(scope="module")
def home_of_the_module() -> str:
    return os.environ["HOME"]


def test_fixtures_that_tests_share_are_out_of_the_real_home_too(home_of_the_module: str, home: Path) -> None:
    assert Path(home_of_the_module).parent == home.parent
    assert home_of_the_module != str(home)
