"""What a command is shown of the machine, by what it finds there."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from checkpoint.sandbox import EMPTY, View, inside, objection, prepare, tools, written
from checkpoint.scratch import remove
from checkpoint.shell import shell
from tests.helpers.programs import Program
from tests.helpers.sandboxes import DEEP, needs_layers, needs_sandbox


@pytest.fixture
def view(tmp_path: Path) -> View:
    """A home with a key in it, a repository below that home with one folder, and the view of them."""
    folders = home, top, scratch = tmp_path / "home", tmp_path / "home/shop", tmp_path / "scratch"
    for folder in (*folders, home / ".ssh", top / "out"):
        folder.mkdir()
    (home / ".ssh/id_ed25519").write_text("a key")
    (top / "plan.md").write_text("a plan")
    made = View(folder=str(top / "out"), scratch=str(scratch), home=str(home), hidden=(str(home),), layered=(str(top),))
    prepare(made)
    return made


def said(view: View, command: str, *, layers: bool = True) -> str:
    """What the command says, both streams."""
    return shell(command, cwd=view.folder, inside=inside(view, layers=layers), seconds=60).stdout.decode()


@pytest.fixture(params=[pytest.param(True, marks=needs_layers), pytest.param(False, marks=needs_sandbox)])
def layers(request: pytest.FixtureRequest) -> bool:
    """With a layer above the repository, and without."""
    found: bool = request.param
    return found


def test_it_works_here_or_says_why(view: View, layers: bool) -> None:
    assert objection(view, layers=layers) == ""


def test_a_command_ends_as_it_does_outside(view: View, layers: bool) -> None:
    assert shell("exit 7", cwd=view.folder, inside=inside(view, layers=layers)).status == 7


def test_it_runs_in_its_folder_and_reads_the_repository(view: View, layers: bool) -> None:
    assert said(view, "pwd; cat ../plan.md", layers=layers) == f"{view.folder}\na plan"


def test_the_home_is_empty_and_its_own(view: View, layers: bool) -> None:
    assert said(view, f"ls -A {view.home}", layers=layers) == "shop\n"
    assert "No such file" in said(view, f"cat {view.home}/.ssh/id_ed25519", layers=layers)
    assert said(view, f"echo x > {view.home}/a; cat {view.home}/a", layers=layers) == "x\n"
    assert not (Path(view.home) / "a").exists()


def test_temporary_folders_and_sockets_are_not_shown(view: View, tmp_path: Path, layers: bool) -> None:
    (tmp_path / "beside").write_text("x")
    listed = said(view, f"ls {tmp_path} /run /var/tmp; echo x > /tmp/a && cat /tmp/a", layers=layers)
    assert sorted(listed.split()) == sorted([f"{tmp_path}:", "home", "/run:", "/var/tmp:", "x"])


@needs_layers
def test_what_it_writes_into_the_repository_the_next_one_sees_and_nobody_else(view: View) -> None:
    top = Path(view.layered[0])
    assert (
        said(view, "echo forged > ../plan.md; mkdir new; echo x > new/a; rm -f nothing; cat ../plan.md") == "forged\n"
    )
    assert said(view, "cat ../plan.md new/a") == "forged\nx\n"
    assert (top / "plan.md").read_text() == "a plan"
    assert list((top / "out").iterdir()) == []
    assert written(view, 10) == ["out/new/a", "plan.md"]
    assert len(written(view, 1)) == 1


@needs_sandbox
def test_without_a_layer_the_repository_is_read_only(view: View) -> None:
    assert "Read-only file system" in said(view, "echo forged > ../plan.md", layers=False)
    assert (Path(view.layered[0]) / "plan.md").read_text() == "a plan"


def test_the_system_is_read_only(view: View, layers: bool) -> None:
    assert "Read-only file system" in said(view, "touch /etc/x", layers=layers)


def test_what_may_be_written_is_written(view: View, layers: bool) -> None:
    allowed = replace(view, writable=(view.folder,))
    prepare(allowed)
    assert said(allowed, "echo x > a; cat a", layers=layers) == "x\n"
    assert (Path(view.folder) / "a").read_text() == "x\n"


def test_what_may_be_read_is_read_and_no_more(view: View, layers: bool) -> None:
    kept = Path(view.home) / "sdk"
    kept.mkdir()
    (kept / "tool").write_text("a tool")
    allowed = replace(view, readable=(str(kept),))
    assert said(allowed, f"cat {kept}/tool", layers=layers) == "a tool"
    assert "Read-only file system" in said(allowed, f"touch {kept}/a", layers=layers)


def test_a_file_that_holds_a_secret_cannot_be_read(view: View, layers: bool) -> None:
    secret = Path(view.folder) / "token"
    secret.write_text("xoxb-1")
    assert (
        said(replace(view, blank=(str(secret),)), "cat token; echo", layers=layers).strip()
        == "cat: token: Permission denied"
    )


def test_other_processes_are_not_seen(view: View, layers: bool) -> None:
    pids = said(view, "echo /proc/[0-9]*", layers=layers).split()
    assert 1 <= len(pids) < 10
    assert "CHECKPOINT_COMMAND" in said(view, "tr '\\0' '\\n' < /proc/1/environ", layers=layers)


@pytest.fixture
def port() -> Iterator[int]:
    """Somebody who listens on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_there_is_no_network_unless_it_is_given(view: View, port: int, layers: bool) -> None:
    dial = f"{sys.executable} -c 'import socket; socket.create_connection((\"127.0.0.1\", {port})); print(1)' 2>&1"
    own = tools((), (*view.hidden, *EMPTY), "", (sys.prefix, sys.base_prefix))
    seeing = replace(view, readable=own)
    assert "ConnectionRefusedError" in said(seeing, dial, layers=layers)
    assert said(replace(seeing, network=True), dial, layers=layers) == "1\n"


def test_nothing_of_it_goes_on(view: View, layers: bool) -> None:
    daemon = "(env -i setsid sh -c 'exec sleep 600' > /dev/null 2>&1 &) ; echo /proc/[0-9]*"
    assert said(view, daemon, layers=layers)
    assert (
        "600" not in shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 60[0]'", cwd="/").stdout.decode()
    )


def test_the_kernels_settings_are_not_roots_to_change(view: View, layers: bool) -> None:
    settings = "/proc/sys/kernel/core_pattern /proc/sys/vm/panic_on_oom"
    assert said(view, f"for path in {settings}; do (: >> $path) 2>/dev/null && echo $path; done", layers=layers) == ""


def test_a_folder_in_what_is_shown_can_be_hidden(view: View, layers: bool) -> None:
    (Path(view.folder) / "ours").mkdir()
    (Path(view.folder) / "ours/approvals.json").touch()
    assert said(replace(view, empty=(f"{view.folder}/ours",)), "ls -A . ours", layers=layers) == ".:\nours\n\nours:\n"


@needs_layers
def test_folders_in_folders_without_end_are_written_too(view: View) -> None:
    assert said(view, DEEP) == ""
    assert written(view, 10) == []
    remove(view.scratch)  # pytest could not


@needs_sandbox
def test_it_cannot_leave_its_read_only_root_though_it_is_root(view: View) -> None:
    assert said(view, "mount -o remount,rw,bind / 2>/dev/null && echo out") == ""


ODD = ("a,b", "a:b", 'a"b', "a\\b", "a b", "-a", "a\nb")


@needs_layers
@pytest.mark.parametrize("name", ODD)
def test_a_repository_of_any_name_has_a_layer(view: View, name: str) -> None:
    odd = Path(view.home) / name
    odd.mkdir()
    named = replace(view, layered=(str(odd),), folder=str(odd), scratch=f"{view.scratch}-of-it")
    prepare(named)
    assert objection(named, layers=True) == ""
    assert said(named, "echo x > a; cat a") == "x\n"
    assert not list(odd.iterdir())


@pytest.mark.parametrize("name", ODD[:4])
def test_scratch_space_that_mount_cannot_be_told_has_none(view: View, name: str) -> None:
    assert "cannot be told" in objection(replace(view, scratch=f"{view.scratch}/{name}"), layers=True)


@needs_sandbox
def test_a_machine_that_forbids_it_is_told_in_a_line(
    view: View, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.joinpath("bin").mkdir()
    program = Program(tmp_path / "bin", "bwrap", "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert objection(view, layers=False) == "bwrap: setting up uid map: Permission denied"
    assert program.calls()


def test_a_machine_without_it_says_so(view: View, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert objection(view, layers=False) == "bubblewrap is not installed"


def test_of_what_is_hidden_the_programs_are_shown(tmp_path: Path) -> None:
    for name in ("a/.local/bin", "a/.ssh", "a/.cargo/bin", "b/own/bin", "a/.pyenv", "b/venv/bin", "c/bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "b/venv/pyvenv.cfg").touch()
    home, other = tmp_path / "a", tmp_path / "b"
    path = ":".join(
        ("/usr/bin", *(f"{tmp_path}/{name}" for name in ("a", "b/own/bin", "b/venv/bin", "c/bin")), "relative")
    )
    found = tools((str(home),), (str(home), str(other)), path, (f"{home}/.pyenv", "/"))
    expected = ("a/.local/bin", "a/.pyenv", "a/.cargo/bin", "b/own/bin", "b/venv")
    assert found == tuple(f"{tmp_path}/{name}" for name in expected)
