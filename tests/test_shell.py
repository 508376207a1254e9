"""Command lines of a plan: what they get, what they may use up, and that nothing of theirs goes on."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checkpoint import process
from checkpoint.errors import ProcessError
from checkpoint.shell import PROCESSES, shell
from tests.helpers.processes import has_ended, running

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and subreapers")
READY = "while [ ! -e pid ]; do sleep 0.01; done"
DAEMON = "sh -c 'echo $$ > pid.new; mv pid.new pid; exec sleep 600' > /dev/null 2>&1 < /dev/null &"
AWAY = {
    "in a session of its own": f"setsid {DAEMON}",
    "with a clean environment": f"env -i {DAEMON}",
    "forked twice, all at once": f"(env -i setsid {DAEMON}) &",
}


def pid_in(folder: Path) -> int:
    return int((folder / "pid").read_text())


def test_streams_are_one_in_their_order(tmp_path: Path) -> None:
    done = shell("echo a; echo b >&2; echo c; pwd", cwd=str(tmp_path))
    assert done.stdout == f"a\nb\nc\n{tmp_path}\n".encode()


def test_quotes_and_dollars_arrive_as_written(tmp_path: Path) -> None:
    assert shell("""printf '%s|' "$0" 'it'"'"'s' "$((1+1))" """, cwd=str(tmp_path)).stdout == b"/bin/sh|it's|2|"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"cannot run in .*/nowhere"):
        shell("true", cwd=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(("command", "status"), [("exit 7", 7), ("kill -9 $$", -9), ("kill -TERM $$", -15)])
def test_it_ends_as_the_command_does(command: str, status: int) -> None:
    assert shell(command, cwd="/").status == status


def test_it_sees_no_secrets_and_no_git() -> None:
    secrets = {"GIT_DIR": "x", "MY_API_KEY": "x", "slack_token": "x", "DB_PASSWORD": "x"}
    seen = shell("env", cwd="/", env={"PATH": os.environ["PATH"], "LANG": "C", **secrets}).stdout.decode()
    names = {line.partition("=")[0] for line in seen.splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "LANG", "CHECKPOINT_COMMAND"}


@needs_linux
def test_it_finds_no_secrets_in_the_process_that_started_it() -> None:
    env = {"PATH": os.environ["PATH"], "SLACK_TOKEN": "xoxb-1"}
    assert b"xoxb-1" not in shell("cat /proc/$PPID/environ", cwd="/", env=env).stdout


def test_it_leaves_no_core_file_behind() -> None:
    assert shell("ulimit -c", cwd="/").stdout == b"0\n"


def test_a_file_has_a_limit(tmp_path: Path) -> None:
    program = "import os; os.truncate('large', 20 << 30)"
    done = shell(f'touch large; {sys.executable} -c "{program}"', cwd=str(tmp_path))
    assert done.status != 0
    assert (tmp_path / "large").stat().st_size == 0


def test_a_process_has_a_limit_of_cpu_time() -> None:
    cores = os.cpu_count() or 1
    assert shell("ulimit -t", cwd="/", seconds=2.5).stdout == b"%d\n" % (3 * cores)


@needs_linux
def test_processes_have_a_limit() -> None:
    found = int(shell("ulimit -u 2> /dev/null || ulimit -p", cwd="/").stdout)
    there = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
    assert PROCESSES < found < PROCESSES + there + 10_000  # others come and go


@needs_linux
def test_it_is_the_first_to_go_where_memory_is_short() -> None:
    assert shell("cat /proc/self/oom_score_adj", cwd="/").stdout == b"1000\n"


def test_a_child_that_writes_for_ever_does_not_hold_us() -> None:
    done = shell("yes & echo said", cwd="/", seconds=60)
    assert (done.status, done.timed_out) == (0, False)


@needs_linux
@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
def test_what_it_daemonised_is_ended_too(tmp_path: Path, away: str) -> None:
    done = shell(f"{away} {READY}", cwd=str(tmp_path), seconds=60)
    assert (done.status, done.timed_out) == (0, False)
    assert has_ended(pid_in(tmp_path))


@needs_linux
@pytest.mark.parametrize("deaf", ["", "trap '' TERM; "])
def test_what_it_daemonised_is_ended_at_its_time_limit(tmp_path: Path, deaf: str) -> None:
    done = shell(f"{deaf}{AWAY['forked twice, all at once']} {READY}; sleep 600", cwd=str(tmp_path), seconds=1)
    assert done.timed_out
    assert has_ended(pid_in(tmp_path))


def test_a_command_that_ends_when_told_says_so_itself() -> None:
    done = shell("trap 'echo bye; exit 7' TERM; sleep 600 & wait", cwd="/", seconds=0.5)
    assert (done.timed_out, done.status, done.stdout) == (True, 7, b"bye\n")


@needs_linux
def test_it_ends_with_the_process_that_runs_it(tmp_path: Path) -> None:
    command = f"{AWAY['with a clean environment']} {READY}; touch ready; sleep 600"
    program = f"from checkpoint.shell import shell; shell({command!r}, cwd={str(tmp_path)!r})"
    other = process.start([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    waited = threading.Thread(target=other.wait)
    waited.start()
    until((tmp_path / "ready").exists)
    os.kill(other.pid, signal.SIGKILL)
    waited.join()
    assert has_ended(pid_in(tmp_path))


@needs_linux
def test_a_supervisor_that_was_killed_is_swept_after(tmp_path: Path) -> None:
    shell(f"setsid {DAEMON} {READY}; kill -9 $PPID; sleep 600", cwd=str(tmp_path), seconds=60)
    assert has_ended(pid_in(tmp_path))


@needs_linux
def test_many_processes_are_ended_at_once() -> None:
    word = f"59{time.monotonic_ns()}"
    done = shell(f"i=0; while [ $i -lt 100 ]; do setsid sleep {word} & i=$((i+1)); done", cwd="/", seconds=60)
    assert done.status == 0
    assert running(word) == []


def test_two_commands_do_not_end_each_other(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    other = process.start(["cat", str(tmp_path / "gate")])
    shell("true", cwd=str(tmp_path))
    (tmp_path / "gate").write_text("alive")
    assert other.wait().stdout == b"alive"


def test_no_descriptor_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        shell("true", cwd="/")
    assert len(os.listdir("/proc/self/fd")) == before


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
