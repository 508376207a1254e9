"""Credentials: read from where the user put them, refused where anybody else could have put or read them."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from checkpoint.credentials import read
from checkpoint.errors import ConfigurationError

SECRET = "xoxb-31337-swordfish"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the secret, as it should be."""
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text(f"{SECRET}\n")
    return path


def refused(reference: str, **environ: str) -> str:
    """What the error says, all of it; none of the secret is in it."""
    with pytest.raises(ConfigurationError) as caught:
        read(reference, environ)
    said = f"{caught.value.what}: {caught.value.why} → {caught.value.mend}"
    assert "swordfish" not in said
    assert caught.value.mend
    return said


def test_a_file_of_the_users_own_is_read(file: Path) -> None:
    assert read(f"file:{file}", {}) == SECRET


def test_the_home_may_be_meant(file: Path, home: Path) -> None:
    shutil.copy(file, home / ".token")
    assert read("file:~/.token", {}) == SECRET


def test_a_variable_is_read() -> None:
    assert read("env:TOKEN", {"TOKEN": f" {SECRET}\n"}) == SECRET


def test_a_secret_may_have_several_lines(file: Path) -> None:
    file.write_text("\n# mine\njson://host/a\n\njson://host/b\n")
    assert read(f"file:{file}", {}).splitlines() == ["# mine", "json://host/a", "", "json://host/b"]


def test_a_byte_order_mark_is_no_part_of_it(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + SECRET.encode())
    assert read(f"file:{file}", {}) == SECRET


@pytest.mark.parametrize("reference", ["", "env:", "file:", "file", "swordfish", "vault:swordfish", "FILE:/swordfish"])
def test_what_names_no_secret_is_refused_and_not_quoted(reference: str) -> None:
    assert "`file:PATH` or `env:NAME`" in refused(reference)


def test_a_variable_that_is_not_set_or_blank_is_refused() -> None:
    assert "env:TOKEN is empty" in refused("env:TOKEN")
    assert "env:TOKEN is empty" in refused("env:TOKEN", TOKEN=" \n")


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_file_that_is_open_to_others_is_refused(file: Path, open_to: int) -> None:
    file.chmod(open_to)
    assert f"is open to others: its mode is {open_to:04o} → chmod 600 '{file}'" in refused(f"file:{file}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_somebody_elses_file_is_refused(file: Path) -> None:
    os.chown(file, 12345, -1)
    assert "belongs to somebody else" in refused(f"file:{file}")


CONTENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\t\n", "is empty"),
    "not UTF-8": (b"swordfish\xff", "is no text"),
    "a zero byte": (b"sword\0swordfish", "is no text"),
    "too large": (b"swordfish" * 10_000, "is too large"),
}


@pytest.mark.parametrize(("content", "said"), CONTENTS.values(), ids=CONTENTS.keys())
def test_a_file_with_anything_but_a_secret_is_refused(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    assert said in refused(f"file:{file}")


OTHERS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "a link to it": (lambda path, file: path.symlink_to(file), "is a link"),
    "a link in a circle": (lambda path, file: path.symlink_to(path), "is a link"),
    "a link to nothing": (lambda path, file: path.symlink_to("nowhere"), "is a link"),
    "a pipe that nobody writes to": (lambda path, file: os.mkfifo(path, 0o600), "is no regular file"),
    "a folder": (lambda path, file: path.mkdir(0o700), "is no regular file"),
    "nothing": (lambda path, file: None, "cannot be read: No such file"),
}


@pytest.mark.parametrize(("make", "said"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_file_is_refused_at_once(
    file: Path, tmp_path: Path, make: Callable[[Path, Path], object], said: str
) -> None:
    make(tmp_path / "other", file)
    assert said in refused(f"file:{tmp_path / 'other'}")


def test_a_device_that_never_ends_is_refused() -> None:
    assert "is no regular file" in refused("file:/dev/zero")


@pytest.mark.parametrize("path", ["token", "./token", "a/../token", "~nobody-of-that-name/token"])
def test_a_relative_path_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(file.parent)
    assert "is relative" in refused(f"file:{path}")


def test_a_path_with_a_zero_in_it_is_refused() -> None:
    assert "cannot be read" in refused("file:/tmp/a\0b")
