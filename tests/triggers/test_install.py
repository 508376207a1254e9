"""What is installed, where, under which name, and what is left alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkpoint.errors import Stalled
from checkpoint.triggers.install import has_systemd, install, installation
from checkpoint.triggers.service import Service, program_of, service_of

SERVICE = Service(("/usr/bin/checkpoint",), "/home/me/api", "plan.md")
PATHS = st.text("ab/-. é\udcff", max_size=300) | st.text(st.characters(exclude_characters="\0", codec="utf-8"))


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": "/usr/bin:/bin"}


@pytest.fixture
def strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("strict_umask")
def test_both_units_are_written_and_can_be_read_by_all(home: Path, environ: dict[str, str]) -> None:
    what = installation(SERVICE, environ, systemd=True)
    install(what, environ)
    install(what, environ)
    folder = home / ".config/systemd/user"
    assert {str(path): path.read_text() for path in folder.iterdir()} == what.files
    assert {path.name for path in folder.iterdir()} == {f"{SERVICE.name}.service", f"{SERVICE.name}.timer"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_units_lie_where_the_configuration_does(environ: dict[str, str]) -> None:
    what = installation(SERVICE, environ | {"XDG_CONFIG_HOME": "/srv/config"}, systemd=True)
    assert {os.path.dirname(path) for path in what.files} == {"/srv/config/systemd/user"}
    assert what.steps[1] == f"systemctl --user enable --now {SERVICE.name}.timer"
    assert all(f"# {path}\n{text}" in what.text for path, text in what.files.items())


def test_a_new_version_of_ours_replaces_the_old(environ: dict[str, str]) -> None:
    install(installation(SERVICE, environ, systemd=True), environ)
    newer = msgspec.structs.replace(SERVICE, program=("/opt/new/checkpoint",))
    what = installation(newer, environ, systemd=True)
    install(what, environ)
    assert all(Path(path).read_text() == text for path, text in what.files.items())


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_is_not_ours_stays_and_nothing_is_written(kind: str, environ: dict[str, str]) -> None:
    what = installation(SERVICE, environ, systemd=True)
    first, last = map(Path, what.files)
    last.parent.mkdir(parents=True)
    if kind == "file":
        last.write_text("[Unit]\n")
    elif kind == "link":
        last.symlink_to("/dev/null")
    else:
        last.mkdir()
    with pytest.raises(Stalled) as refused:
        install(what, environ)
    assert f"mv '{last}' '{last}.old'" in refused.value.mend
    assert list(last.parent.iterdir()) == [last]
    assert not first.exists()


def test_a_folder_that_cannot_be_made_is_said(home: Path, environ: dict[str, str]) -> None:
    (home / ".config").write_text("")
    with pytest.raises(Stalled, match="cannot be used"):
        install(installation(SERVICE, environ, systemd=True), environ)


def test_without_systemd_it_is_a_line_of_the_crontab(environ: dict[str, str]) -> None:
    what = installation(SERVICE, environ, systemd=False)
    assert (what.files, what.steps) == ({}, ())
    assert what.text == f"{what.line}\n"
    assert what.line.startswith("*/5 * * * * /usr/bin/checkpoint -C /home/me/api")


@pytest.mark.parametrize(("booted", "installed", "expected"), [(1, 1, True), (0, 1, False), (1, 0, False)])
def test_systemd_is_there_where_it_runs_and_can_be_spoken_to(
    tmp_path: Path, booted: int, installed: int, expected: bool
) -> None:
    if installed:
        (tmp_path / "systemctl").touch(0o755)
    folder = tmp_path if booted else tmp_path / "nowhere"
    assert has_systemd({"PATH": str(tmp_path)}, str(folder)) == expected


@given(st.lists(st.tuples(PATHS, PATHS), min_size=2, max_size=5, unique=True))
@example([("/a/b", "c"), ("/a", "b/c"), ("/a", "b-c"), ("/a-b", "c")])
def test_no_two_plans_have_one_name(plans: list[tuple[str, str]]) -> None:
    names = {Service(("checkpoint",), *plan).name for plan in plans}
    assert len(names) == len(plans)
    assert all(name.isascii() and len(name) < 100 and " " not in name and "/" not in name for name in names)


@pytest.mark.parametrize(
    ("top", "plan", "readable"),
    [
        ("/home/me/api", "plan.md", "checkpoint-home-me-api-plan.md-"),
        ("/home/me/my api", "docs/plan.md", "checkpoint-home-me-my-api-docs-plan.md-"),
        ("/", "é", "checkpoint-"),
    ],
)
def test_a_name_tells_which_plan_it_is(top: str, plan: str, readable: str) -> None:
    name = Service(("checkpoint",), top, plan).name
    assert name.startswith(readable)
    assert len(name) == len(readable) + 12


def test_a_service_takes_along_where_things_are_and_no_secret() -> None:
    environ = {"PATH": "/bin", "XDG_STATE_HOME": "/state", "XDG_DATA_HOME": "", "SLACK_TOKEN": "x", "HOME": "/home/me"}
    service = service_of("/home/me/api", "plan.md", environ, ("checkpoint",))
    assert service.environ == (("PATH", "/bin"), ("XDG_STATE_HOME", "/state"))


def test_a_service_publishes_where_it_was_told_to() -> None:
    service = service_of("/home/me/api", "plan.md", {}, ("checkpoint",), "checkpoint/status")
    assert service.argv == (
        *("checkpoint", "-C", "/home/me/api", "--plan", "plan.md"),
        *("serve", "--branch", "checkpoint/status"),
    )
    assert service_of("/home/me/api", "plan.md", {}, ("checkpoint",)).argv[-1] == "serve"


def test_the_program_is_the_one_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script, other = tmp_path / "checkpoint", tmp_path / "__main__.py"
    for path in (script, other):
        path.touch(0o755)
    (tmp_path / "folder" / "checkpoint").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert program_of(str(script), "/usr/bin/python3") == (str(script),)
    assert program_of("./checkpoint", "/usr/bin/python3") == (str(script),)
    assert program_of(str(other), "/usr/bin/python3") == ("/usr/bin/python3", "-P", "-m", "checkpoint")
    assert program_of(str(tmp_path / "folder" / "checkpoint"), "/usr/bin/python3")[0] == "/usr/bin/python3"
    assert program_of("checkpoint-gone", "/usr/bin/python3")[0] == "/usr/bin/python3"
