"""Every test gets a home, an environment and an identity of its own; the person's are out of reach."""

import itertools
import os
import pwd
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
PINNED_DATE = "2026-01-02T03:04:05+00:00"
GITCONFIG = """[user]
\tname = Ada Lovelace
\temail = ada@example.org
[init]
\tdefaultBranch = main
"""

settings.register_profile("quick", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=2000)
settings.load_profile("quick")

os.environ["TZ"] = "UTC"
time.tzset()


class RealHomeTouchedError(AssertionError):
    """A test reached for something in the home of the person who runs it."""


REAL_HOME = os.path.realpath(pwd.getpwuid(os.getuid()).pw_dir)
_PLACES = {
    os.path.realpath(place) for place in (str(ROOT), tempfile.gettempdir(), sys.prefix, sys.base_prefix, *sys.path)
}
_ALLOWED = tuple(place + os.sep for place in _PLACES - {"/", REAL_HOME})
_EVENTS = {"open", "sqlite3.connect"} | {
    f"os.{verb}" for verb in ("chmod", "chown", "link", "listdir", "mkdir", "remove", "rename", "rmdir", "scandir")
}


def _guard_real_home(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS:
        return
    for argument in arguments[:2]:
        if isinstance(argument, str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(argument)) + os.sep
            if path.startswith(REAL_HOME + os.sep) and not path.startswith(_ALLOWED):
                raise RealHomeTouchedError(f"{event} {path}")


if REAL_HOME != "/":
    sys.addaudithook(_guard_real_home)

_LEAKS = ("CHECKPOINT_", "GIT_", "GPG_", "SSH_", "TMUX", "XDG_")
_LEAKING = ("CI", "COLUMNS", "EDITOR", "FORCE_COLOR", "LINES", "NO_COLOR", "PYTHONHOME", "PYTHONPATH", "VISUAL")


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Fresh, empty folders, one after the other."""
    top = tmp_path_factory.mktemp("homes")
    return (top / str(number) for number in itertools.count())


@pytest.fixture(scope="session", autouse=True)
def shared_home(homes: Iterator[Path]) -> Iterator[Path]:
    """The home of fixtures that several tests share: those are set up before a test has its own."""
    with pytest.MonkeyPatch.context() as patch:
        yield _move_into(next(homes), patch)


@pytest.fixture(autouse=True)
def home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of this test, and the environment that goes with it."""
    return _move_into(next(homes), monkeypatch)


def _move_into(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    folder.mkdir()
    (folder / ".gitconfig").write_text(GITCONFIG)
    for name in list(os.environ):
        if name.startswith(_LEAKS) or name in _LEAKING:
            patch.delenv(name)
    for name, value in _environment(folder).items():
        patch.setenv(name, value)
    return folder


def _environment(folder: Path) -> dict[str, str]:
    people = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _PERSON.items()}
    return people | {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_DATA_HOME": str(folder / ".local/share"),
        "XDG_STATE_HOME": str(folder / ".local/state"),
        "GIT_CONFIG_GLOBAL": str(folder / ".gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "CHECKPOINT_SANDBOX": "off",
        "CHECKPOINT_TERMINALS": "",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


_PERSON = {"NAME": "Ada Lovelace", "EMAIL": "ada@example.org", "DATE": PINNED_DATE}
