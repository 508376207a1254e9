"""One supervisor for all commands of a run: how many there are, and what becomes of commands when one is killed."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from checkpoint.process import Result
from checkpoint.shell import Shell
from tests.helpers.process_trees import until
from tests.helpers.processes import end, has_ended

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and subreapers")
SUPERVISOR = "cut -d' ' -f4 /proc/$PPID/stat"
"""Says which process has forked the keeper."""
DAEMON = "env -i setsid sh -c 'echo $$ > pid.new; mv pid.new pid; exec sleep 600' > /dev/null 2>&1 < /dev/null &"
READY = "while [ ! -e pid ]; do sleep 0.01; done"


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell() as made:
        made.start()
        yield made


def begun(shell: Shell, command: str, folder: Path) -> Callable[[], Result]:
    """Runs the command in a thread of its own, for whoever asks for its result later."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(shell.run, command, cwd=str(folder), seconds=60)
    pool.shutdown(wait=False)
    return future.result


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_however_many_commands_there_are_one_supervisor_is_started(shell: Shell) -> None:
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda number: shell.run(f"{SUPERVISOR}; exit {number}", cwd="/"), range(40)))
    assert len({each.stdout for each in said}) == 1
    assert [each.status for each in said] == [*range(40)]


def test_commands_run_at_once(shell: Shell, tmp_path: Path) -> None:
    first = begun(shell, "touch a; until [ -e b ]; do sleep 0.01; done", tmp_path)
    second = begun(shell, "touch b; until [ -e a ]; do sleep 0.01; done", tmp_path)
    assert (first().status, second().status) == (0, 0)


def test_nothing_of_the_supervisor_is_left(tmp_path: Path) -> None:
    with Shell() as shell:
        pid = int(shell.run(SUPERVISOR, cwd="/").stdout)
        running = begun(shell, "trap '' TERM; touch ready; sleep 600", tmp_path)
        until((tmp_path / "ready").exists, "it is ready")
        shell.tell()
        assert running().status == -9
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_all_that_run_are_told_to_end(shell: Shell, tmp_path: Path) -> None:
    running = [begun(shell, f"trap 'exit {n}' TERM; touch {n}; sleep 600 & wait", tmp_path) for n in (3, 4)]
    until(lambda: len(os.listdir(tmp_path)) == 2, "both are ready")
    shell.tell()
    assert [each().status for each in running] == [3, 4]


def test_nothing_of_a_command_goes_on_beside_the_next(shell: Shell, tmp_path: Path) -> None:
    shell.run(f"{DAEMON} {READY}", cwd=str(tmp_path), seconds=60)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_what_begins_after_all_were_told_is_told_too(shell: Shell) -> None:
    shell.tell()
    assert shell.run("sleep 600", cwd="/", seconds=600).status == -15


def test_what_a_killed_keeper_leaves_is_ended_whatever_its_environment(shell: Shell, tmp_path: Path) -> None:
    done = shell.run(f"{DAEMON} {READY}; kill -9 $PPID; sleep 600", cwd=str(tmp_path), seconds=60)
    assert done.status == -9
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_who_kills_its_keeper_harms_no_other_command(shell: Shell, tmp_path: Path) -> None:
    other = begun(shell, "touch ready; until [ -e go ]; do sleep 0.01; done; echo said", tmp_path)
    until((tmp_path / "ready").exists, "it is ready")
    assert shell.run("kill -9 $PPID; sleep 600", cwd="/", seconds=60).status == -9
    (tmp_path / "go").touch()
    assert (other().status, other().stdout) == (0, b"said\n")


def test_after_a_killed_supervisor_there_is_another_one(shell: Shell, tmp_path: Path) -> None:
    before = shell.run(SUPERVISOR, cwd="/").stdout
    killed = shell.run(f"{DAEMON} {READY}; kill -9 $({SUPERVISOR}); sleep 600", cwd=str(tmp_path), seconds=60)
    assert killed.status == -15  # its keeper has told it to end
    assert has_ended(int((tmp_path / "pid").read_text()))
    # One that is handed over while the old one is still dying ends with it, as any command does that is killed.
    until(lambda: shell.run(SUPERVISOR, cwd="/").status == 0, "there is another one")
    again = shell.run(SUPERVISOR, cwd="/")
    assert (again.status, again.stdout == before) == (0, False)


def test_a_supervisor_that_is_told_to_end_ends_all_of_it(shell: Shell, tmp_path: Path) -> None:
    pid = int(shell.run(SUPERVISOR, cwd="/").stdout)
    running = begun(shell, f"{DAEMON} {READY}; touch ready; sleep 600", tmp_path)
    until((tmp_path / "ready").exists, "it is ready")
    os.kill(pid, signal.SIGTERM)
    assert running().status == -15
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_a_copy_of_the_process_has_a_supervisor_of_its_own(shell: Shell, tmp_path: Path) -> None:
    ours = shell.run(SUPERVISOR, cwd="/").stdout
    copy = os.fork()
    if not copy:
        try:
            (tmp_path / "theirs").write_bytes(shell.run(SUPERVISOR, cwd="/").stdout)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(copy, 0)
    theirs = (tmp_path / "theirs").read_bytes()
    assert theirs.strip().isdigit()
    assert theirs != ours
    assert has_ended(int(theirs))
    assert shell.run(SUPERVISOR, cwd="/").stdout == ours


def test_a_command_sees_no_descriptor_of_another_one(shell: Shell, tmp_path: Path) -> None:
    other = begun(shell, "touch ready; until [ -e go ]; do sleep 0.01; done", tmp_path)
    until((tmp_path / "ready").exists, "it is ready")
    listed = shell.run("ls /proc/self/fd", cwd="/").stdout.split()
    (tmp_path / "go").touch()
    other()
    assert listed == [b"0", b"1", b"2", b"3"]  # the last is the listing itself


def test_a_keeper_has_what_it_orphans_as_children_and_reaps_it(shell: Shell, tmp_path: Path) -> None:
    running = begun(shell, "(sleep 600 &) ; (true &) ; echo $PPID > keeper; read x < /dev/zero", tmp_path)
    until(lambda: (tmp_path / "keeper").exists() and bool((tmp_path / "keeper").read_text()), "it is ready")
    keeper = int((tmp_path / "keeper").read_text())
    until(lambda: len(children(keeper)) == 2, "the orphan that ended is reaped, and the other one has come")
    end(keeper)
    assert running().status == -9


def test_the_thread_that_waits_is_not_the_one_that_starts(tmp_path: Path) -> None:
    with Shell() as shell:
        shell.start()
        before = shell.run(SUPERVISOR, cwd="/").stdout
        thread = threading.Thread(target=shell.run, args=("true",), kwargs={"cwd": "/"})
        thread.start()
        thread.join()
        assert shell.run(SUPERVISOR, cwd="/").stdout == before
