"""git's configuration, kept from one run to the next: never other than git would tell it now."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checkpoint.git.command import Git
from checkpoint.git.environment import clean
from checkpoint.git.settings import parse_settings, settings_of
from checkpoint.location import find
from tests.helpers.repositories import git, make_repository


class Asked:
    """A repository whose settings are asked for, and a note of what git was started for."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.work = make_repository(folder / "work")
        self.kept = folder / "state"
        self.kept.mkdir(mode=0o700)
        self.trace = folder / "trace"
        self.global_file = Path(os.environ["GIT_CONFIG_GLOBAL"])
        patch.setenv("GIT_TRACE2_EVENT", str(self.trace))

    def settings(self) -> list[tuple[str, str, str]]:
        location, environ = find(str(self.work)), dict(os.environ)
        found = settings_of(Git(("-C", location.top), clean(environ)), location, environ, str(self.kept))
        return [(each.key, each.value, each.scope) for each in found]

    def now(self) -> list[tuple[str, str, str]]:
        """As git tells it."""
        data = Git(("-C", str(self.work)), clean(os.environ)).run("config", "--list", "-z", "--show-scope")
        return [(each.key, each.value, each.scope) for each in parse_settings(data)]

    def asks(self) -> int:
        """How often git is started for the settings now."""
        before = self._starts()
        self.settings()
        return self._starts() - before

    def _starts(self) -> int:
        return self.trace.read_text().count('"event":"start"') if self.trace.exists() else 0

    def settle(self) -> None:
        """Asks until the settings are kept: files that have only just been written are not trusted to tell."""
        for _ in range(100):
            if not self.asks():
                return
            time.sleep(0.03)
        pytest.fail("never kept")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(tmp_path, monkeypatch)


def test_git_is_asked_once(asked: Asked) -> None:
    asked.settle()
    assert asked.asks() == 0
    assert asked.settings() == asked.now()


CHANGES: dict[str, Callable[[Asked], object]] = {
    "here": lambda asked: git(asked.work, "config", "user.name", "Grace"),
    "in place": lambda asked: (asked.work / ".git/config").write_text("[user]\n\tname = Grace\n"),
    "everywhere": lambda asked: git(asked.work, "config", "--global", "user.name", "Grace"),
    "of this work tree": lambda asked: (
        git(asked.work, "config", "extensions.worktreeConfig", "true")
        or git(asked.work, "config", "--worktree", "user.name", "Grace")
    ),
    "an include": lambda asked: git(asked.work, "config", "include.path", str(asked.work / "more")),
    "an include for a branch": lambda asked: git(asked.work, "config", "includeIf.onbranch:x.path", "more"),
    "gone": lambda asked: asked.global_file.unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_seen(asked: Asked, change: str) -> None:
    asked.settle()
    CHANGES[change](asked)
    assert asked.settings() == asked.now()


def test_what_the_environment_says_is_seen(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.settle()
    for name, value in {"COUNT": "1", "KEY_0": "user.name", "VALUE_0": "Grace"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert ("user.name", "Grace", "command") in asked.settings()
    monkeypatch.delenv("GIT_CONFIG_COUNT")
    assert asked.settings() == asked.now()


@pytest.mark.parametrize("file", ["home/.gitconfig", "home/.config/git/config", "xdg/git/config", "system"])
def test_files_that_come_into_being_are_seen(
    asked: Asked, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    if file.startswith("xdg"):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    else:
        monkeypatch.delenv("XDG_CONFIG_HOME")
    if file == "system":
        monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "system"))
    asked.settle()
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("[user]\n\tname = Grace\n")
    assert "Grace" in {value for _, value, _ in asked.settings()}


def test_an_included_file_is_seen_whatever_becomes_of_it(asked: Asked) -> None:
    more = asked.work / "more"
    more.write_text("[user]\n\tname = Grace\n")
    git(asked.work, "config", "include.path", str(more))
    for _ in range(2):
        asked.settings()
        time.sleep(0.06)  # by then it would be kept
    more.write_text("[user]\n\tname = Edith\n")
    assert ("user.name", "Edith", "local") in asked.settings()
    assert not any(asked.kept.iterdir())


SECRETS = {
    "http.extraHeader": "Authorization: Basic hunter2",
    "remote.origin.url": "https://ada:hunter2@example.org/x.git",
    "url.https://hunter2@example.org/.insteadOf": "hub:",
    "sendemail.smtpPass": "hunter2",
    "credential.helper": "!f() { echo password=hunter2; }; f",
    "http.proxy": "socks5://ada:hunter2@example.org",
}


@pytest.mark.parametrize("key", SECRETS)
def test_no_secret_is_written_down_once_more(asked: Asked, key: str) -> None:
    git(asked.work, "config", key, SECRETS[key])
    for _ in range(3):
        asked.settings()
        time.sleep(0.06)  # by then it would be kept
    assert not any(asked.kept.iterdir())


@pytest.mark.parametrize("damage", [b"", b"not marshal", b"\0" * 200])
def test_what_is_damaged_is_asked_for_again(asked: Asked, damage: bytes) -> None:
    asked.settle()
    (kept,) = asked.kept.iterdir()
    kept.write_bytes(damage)
    assert asked.settings() == asked.now()


def test_a_file_that_was_written_this_instant_is_not_trusted(asked: Asked) -> None:
    asked.settle()
    (asked.work / ".git/config").write_text("[user]\n\tname = Bob\n")
    before = next(asked.kept.iterdir()).stat()
    assert ("user.name", "Bob", "local") in asked.settings()
    assert next(asked.kept.iterdir()).stat() == before


def test_another_repository_in_the_same_place_is_another(asked: Asked) -> None:
    asked.settle()
    (asked.work / ".git").rename(asked.work / "old.git")
    git(asked.work, "init", "-q")
    assert asked.settings() == asked.now()
