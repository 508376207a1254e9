"""Temporary folders that commands have worked in, removed whatever lies in them."""

import os
from pathlib import Path

import pytest

from checkpoint.scratch import make, remove
from checkpoint.shell import shell
from tests.helpers.sandboxes import DEEP


@pytest.fixture
def folder() -> str:
    return make()


def test_it_is_the_users_alone(folder: str) -> None:
    assert os.stat(folder).st_mode & 0o777 == 0o700
    remove(folder)


def test_one_that_is_gone_is_removed(folder: str) -> None:
    remove(folder)
    remove(folder)
    assert not os.path.lexists(folder)


@pytest.mark.parametrize(
    "left",
    [
        DEEP,
        "mkdir -p a/b c; touch a/b/file; mkfifo pipe; chmod 0 a/b a c .",
        "mkdir -p 1/2 2/1 3; touch 2/1/3",
        "touch ./-rf ' ' $(printf '\\377')",
    ],
)
def test_whatever_lies_in_it(folder: str, left: str) -> None:
    assert shell(left, cwd=folder).status == 0
    remove(folder)
    assert not os.path.lexists(folder)


def test_what_links_lead_to_stays_as_it_is(folder: str, tmp_path: Path) -> None:
    (tmp_path / "key").touch(0o600)
    (tmp_path / "kept").mkdir(0o755)
    shell(f"mkdir shut; ln -s {tmp_path}/key shut/key; ln -s {tmp_path}/kept kept; chmod 0 shut", cwd=folder)
    remove(folder)
    assert not os.path.lexists(folder)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o755
