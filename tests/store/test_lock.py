"""The lock: one holder, named to the others, and never stale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from checkpoint.errors import Busy
from checkpoint.store import Store

HOLD = """
import subprocess, sys
from checkpoint.store import Store
with Store(sys.argv[1]).lock():
    subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print("held", flush=True)
    sys.stdin.read()
"""

COUNT = """
import sys
from checkpoint.store import Store
store = Store(sys.argv[1])
for _ in range(20):
    with store.lock(60.0):
        with open(sys.argv[2]) as file:
            number = int(file.read())
        with open(sys.argv[2], "w") as file:
            file.write(str(number + 1))
"""


def start(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def test_a_held_lock_names_its_holder(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    with store, store.lock(), pytest.raises(Busy) as caught, store.lock():
        pass
    assert caught.value.exit_code == 75
    assert f"process {os.getpid()} on {os.uname().nodename} since 2" in caught.value.why


def test_a_lock_is_free_after_its_block_also_on_an_error(tmp_path: Path) -> None:
    with Store(str(tmp_path / "store")) as store:
        with pytest.raises(ZeroDivisionError), store.lock():
            raise ZeroDivisionError
        with store.lock():
            pass


def test_a_killed_holder_leaves_no_lock_although_its_child_lives_on(tmp_path: Path) -> None:
    with Store(str(tmp_path / "store")) as store, start(HOLD, str(tmp_path / "store")) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Busy, match="another run"), store.lock():
            pass
        holder.kill()
        with store.lock(20.0):
            assert _is_alive(holder.pid)
        os.killpg(holder.pid, 9)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_processes_that_wait_for_each_other_never_overlap(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    processes = [start(COUNT, str(tmp_path / "store"), str(counter)) for _ in range(3)]
    assert [process.communicate()[0] for process in processes] == [b""] * 3
    assert counter.read_text() == "60"
