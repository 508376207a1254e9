"""The lock file is in step with pyproject.toml: `make lock` was run after the last change."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "tests" / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENTRY = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<rest>.*(?:\\\n.*|\n    .*)*)", re.MULTILINE)
LOCKED = {match["name"]: match["version"] for match in ENTRY.finditer(LOCK)}
DECLARED = [
    Requirement(line)
    for line in (
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    )
]


@pytest.mark.parametrize("requirement", DECLARED, ids=str)
def test_what_is_declared_is_locked(requirement: Requirement) -> None:
    locked = LOCKED[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(locked, prereleases=True)


def test_what_is_locked_for_its_own_sake_is_declared() -> None:
    direct = {match["name"] for match in ENTRY.finditer(LOCK) if "(pyproject.toml" in match["rest"]}
    assert direct == {canonicalize_name(requirement.name) for requirement in DECLARED}


def test_every_version_has_its_hashes_and_no_registry_is_named() -> None:
    assert all(match["rest"].count("--hash=sha256:") for match in ENTRY.finditer(LOCK))
    assert "://" not in LOCK
