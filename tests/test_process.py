"""Other programs: their output, their limits, and their end."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint import process
from checkpoint.errors import ProcessError
from tests.helpers.processes import has_ended

PYTHON = sys.executable


def test_status_and_both_streams() -> None:
    done = process.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (done.status, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert not done.timed_out
    assert not done.truncated


@given(st.binary(max_size=300_000))
def test_what_goes_in_comes_out(data: bytes) -> None:
    assert process.run(["cat"], input=data).stdout == data


def test_more_input_and_output_than_pipes_hold() -> None:
    data = os.urandom(5 * process.MEBIBYTE)
    assert process.run(["cat"], input=data).stdout == data


def test_a_program_that_does_not_read_its_input() -> None:
    assert process.run(["true"], input=b"x" * process.MEBIBYTE).status == 0


def test_there_is_no_input_unless_given() -> None:
    assert process.run(["cat"]).stdout == b""


def test_output_beyond_the_limit_is_cut_in_the_middle() -> None:
    program = "print('head'); print('x' * 5_000_000); print('tail')"
    done = process.run([PYTHON, "-c", program], limit=1000)
    assert done.truncated
    assert done.stdout.startswith(b"head\nxxx")
    assert done.stdout.endswith(b"xxx\ntail\n")
    assert b"\n[4999011 bytes left out]\n" in done.stdout


@given(st.lists(st.binary(max_size=50), max_size=20), st.integers(2, 60))
def test_head_and_tail_are_kept_whatever_the_pieces(pieces: list[bytes], limit: int) -> None:
    kept = process.Kept(limit)  # the pieces are the kernel's choice otherwise
    for piece in pieces:
        kept.add(piece)
    whole, half = b"".join(pieces), limit // 2
    found = kept.all()
    if len(whole) <= 2 * half:
        assert found == whole
    else:
        assert found == whole[:half] + b"\n[%d bytes left out]\n" % (len(whole) - 2 * half) + whole[-half:]


def test_a_program_out_of_time_is_ended_with_its_group(tmp_path: Path) -> None:
    command = "trap '' TERM; sleep 600 & echo $! > pid; wait; sleep 600"
    done = process.run(["/bin/sh", "-c", command], cwd=str(tmp_path), seconds=0.3)
    assert done.timed_out
    assert done.status == -signal.SIGKILL
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_a_program_that_ends_when_told_says_so_itself() -> None:
    done = process.run(["/bin/sh", "-c", "trap 'echo bye; exit 7' TERM; sleep 600 & wait"], seconds=0.3)
    assert (done.timed_out, done.status, done.stdout) == (True, 7, b"bye\n")


def test_a_child_that_holds_the_output_open_does_not_hold_us(tmp_path: Path) -> None:
    done = process.run(["/bin/sh", "-c", "echo said; sleep 600 & echo $! > pid"], cwd=str(tmp_path), seconds=60)
    child = int((tmp_path / "pid").read_text())
    os.kill(child, signal.SIGKILL)
    assert (done.status, done.stdout, done.timed_out) == (0, b"said\n", False)


def test_work_goes_on_beside_a_started_program(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    running = process.start(["cat", str(tmp_path / "gate")])
    (tmp_path / "gate").write_text("through")
    assert running.wait().stdout == b"through"


def test_a_cancelled_program_is_gone() -> None:
    running = process.start(["sleep", "600"])
    running.cancel()
    assert has_ended(running.pid)


def test_a_missing_program_is_named_with_a_mend() -> None:
    with pytest.raises(ProcessError) as caught:
        process.run(["no-such-program-at-all"])
    assert caught.value.what == "no-such-program-at-all cannot be run"
    assert "install no-such-program-at-all" in caught.value.mend


def test_a_missing_folder_is_not_taken_for_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"cannot run in .*/nowhere"):
        process.run(["true"], cwd=str(tmp_path / "nowhere"))


def test_no_descriptor_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        process.run(["cat"], input=b"x")
    assert len(os.listdir("/proc/self/fd")) == before
