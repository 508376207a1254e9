"""`checkpoint serve` as a process: what signals do to it, what it prints, and that two of them do the work of one."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from checkpoint.documents import Served
from checkpoint.schedule import Schedule
from tests.helpers.repositories import write
from tests.helpers.scenes import API, PAGE, PLAN, SEARCH, Scene, decoded, published
from tests.orchestrator.test_person import AS_NOBODY, NOBODY, ROOT, can_become_nobody

PATIENCE = 30.0
COMMAND = (sys.executable, "-m", "checkpoint", "serve")
SCHEDULED = PLAN.replace("checkpoint: 1", 'checkpoint: 1\nschedule: "* * * * *"')


class Serving:
    """The command at work, and what it has said so far."""

    def __init__(
        self, work: Path, *options: str, before: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> None:
        self.said: list[Served] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [*before, *COMMAND, "--json", "-C", str(work), *options],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, event: str, text: str = "", times: int = 1) -> Served:
        """Waits until it has said this so many times; the last one."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._found(event, text)) >= times, PATIENCE), self.said
            return self._found(event, text)[times - 1]

    def count(self, event: str) -> int:
        return len(self._found(event, ""))

    def end(self, number: int) -> tuple[int, str]:
        """Sends it a signal; its status, and what it wrote to standard error."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        status = self.process.wait(PATIENCE)
        self._reader.join()
        assert self.process.stderr
        with self.process.stderr as errors:
            return status, errors.read()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        assert self.ended()[0] == -signal.SIGKILL

    def _found(self, event: str, text: str) -> list[Served]:
        return [each for each in self.said if each.event == event and text in each.text]

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                with self._changed:
                    self.said.append(decoded(line, Served))
                    self._changed.notify_all()


@contextmanager
def serving(
    scene: Scene, *options: str, before: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> Iterator[Serving]:
    """The command at work in a scene, which is told to end afterwards where it has not, and must end well."""
    begun = Serving(scene.work, *options, before=before, env=env)
    try:
        yield begun
        if begun.process.poll() is None:
            assert begun.end(signal.SIGTERM) == (0, "")
    finally:
        begun.process.kill()


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds, and fails where it takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """A terminal that accepts messages: the lines that it has been told."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.fchmod(slave, 0o620)
    monkeypatch.setenv("CHECKPOINT_TERMINALS", os.ttyname(slave))

    received = bytearray()

    def receive() -> None:
        with suppress(OSError):  # the other side is closed
            while data := os.read(master, 65536):
                received.extend(data)

    def lines() -> list[str]:
        os.write(slave, b"\x04")
        wait_until(lambda: received.endswith(b"\x04"))
        return received.decode().replace("\x04", "").split("\r\n")

    reader = threading.Thread(target=receive)
    reader.start()
    yield lines
    os.close(slave)
    reader.join()
    os.close(master)


def test_the_checkpoint_at_hand_is_ended_before_a_signal_ends_it(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    scene = published(tmp_path, PLAN.replace("`api.json` contains `paths`", f"`$ touch {begun} && sleep 2` passes"))
    scene.deliver(API)
    scene.approve()
    with serving(scene) as server:
        wait_until(begun.exists)
        assert scene.commits == 1
        assert server.end(signal.SIGTERM) == (0, "")
    assert [each.event for each in server.said if each.event != "told"] == [
        *("serving", "changed", "checkpoint", "stopped")
    ]
    assert "[x] **B1**" in scene.plan


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_signals_end_it_as_well(tmp_path: Path, number: int) -> None:
    with serving(published(tmp_path)) as server:
        server.until("serving")
        assert server.end(number) == (0, "")
        assert server.said[-1].event == "stopped"


def test_a_kill_makes_nothing_be_told_twice_or_never(tmp_path: Path, told: Callable[[], list[str]]) -> None:
    scene = published(tmp_path)
    for delivered in ({}, API, SEARCH):
        scene.deliver(delivered)
        with serving(scene) as server:
            server.until("checkpoint")
            server.kill()
    scene.deliver(PAGE)
    with serving(scene) as server:
        server.until("checkpoint")
    titles = [line for line in told() if line.startswith("Shop: ")]
    assert len(titles) == len(set(titles))
    earlier = sum(int(line.split()[2]) for line in told() if line.startswith("stands for "))
    assert len(titles) + earlier >= sum(run.result == "published" for run in scene.json("log").checkpoints)


def test_a_line_of_a_crontab_takes_what_is_due_and_says_nothing(tmp_path: Path, home: Path) -> None:
    scene = published(tmp_path)
    # cron hands on nothing of this environment, and by itself a notice goes to every terminal of whoever runs this.
    write(home, {".config/checkpoint/config.toml": 'terminals = ""\n'})
    shown = subprocess.run(
        [*COMMAND, "--install", "crontab", "-C", str(scene.work)], capture_output=True, text=True, check=True
    )
    command = shown.stdout.splitlines()[0].split(" ", 5)[5]
    cron = {"HOME": os.environ["HOME"], "LOGNAME": "ada", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    counts = []
    for delivered in ({}, {}, API):
        scene.deliver(delivered)
        done = subprocess.run(
            ["/bin/sh", "-c", command], env=cron, cwd="/", capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        counts.append(scene.commits)
    assert counts == [2, 2, 3]


def test_two_of_them_publish_and_tell_what_changed_once(tmp_path: Path, told: Callable[[], list[str]]) -> None:
    scene = published(tmp_path)
    scene.now()
    with serving(scene) as one, serving(scene) as other:
        one.until("serving")
        other.until("serving")
        before = one.count("checkpoint"), other.count("checkpoint")
        scene.deliver(API)
        wait_until(lambda: scene.commits == 3)
        one.until("checkpoint", times=before[0] + 1)
        other.until("checkpoint", times=before[1] + 1)
    assert scene.commits == 3
    assert len([line for line in told() if line.startswith("Shop: backend 1/2")]) == 1


def test_two_of_them_make_up_for_a_slot_once(tmp_path: Path, told: Callable[[], list[str]]) -> None:
    schedule = Schedule("* * * * *")
    scene = published(tmp_path, SCHEDULED)
    scene.now("--slot", schedule.slot(time.time() - 300))
    scene.deliver(API)
    with serving(scene, "--no-watch") as one, serving(scene, "--no-watch") as other:
        one.until("serving")
        other.until("serving")
        wait_until(lambda: one.count("checkpoint") + other.count("checkpoint") > 0)
    slots = [
        each.slot for each in scene.json("log").checkpoints if each.result == "published" and each.trigger == "cron"
    ]
    assert len(slots) == 1
    assert scene.commits == 3
    assert len([line for line in told() if line.startswith("Shop: backend 1/2")]) == 1


@pytest.mark.skipif(not can_become_nobody(), reason="only root can become somebody else, with a public interpreter")
def test_as_an_unprivileged_user() -> None:
    # Not below pytest's own folder, which another run of pytest closes to everybody else again.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        scene = published(folder)
        home = folder / "home"
        home.mkdir()
        for path in (folder, *folder.rglob("*")):
            os.lchown(path, NOBODY, NOBODY)
        places = {name: "" for name in os.environ if name.startswith("XDG_")}
        env = places | {"HOME": str(home), "GIT_CONFIG_GLOBAL": "/dev/null"}
        with serving(scene, before=AS_NOBODY, env=env) as server:
            server.until("serving")
            scene.deliver(PAGE)
            server.until("checkpoint", "frontend 1/2")
        assert {path.stat().st_uid for path in home.rglob("*")} == {NOBODY}
