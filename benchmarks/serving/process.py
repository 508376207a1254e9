"""`checkpoint serve` as a process: started, killed at once with its group, started again, and all that it said."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

SECONDS = 60.0


class Said(NamedTuple):
    """One line that it said, and when that was heard, in seconds since the epoch."""

    at: float
    document: dict[str, Any]


class Serving:
    """A server in a folder. `starts` and `kills` are moments in seconds since the epoch.

    What git it started belongs to sessions of their own, and lives on after a kill, as it would for anybody.
    """

    def __init__(self, program: Path, work: Path, env: Mapping[str, str], log: Path, *options: str) -> None:
        self.said: list[Said] = []
        self.starts: list[float] = []
        self.kills: list[float] = []
        self._words = [str(program), "serve", "--json", *options]
        self._work = work
        self._env = env
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._heard = threading.Condition()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self.starts.append(time.time())
        with self._log.open("a") as errors:
            self._process = subprocess.Popen(
                self._words,
                cwd=self._work,
                env=self._env,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """Raises RuntimeError where it has ended by itself."""
        if not self.runs:
            raise RuntimeError(f"the server has ended by itself: see {self._log}")
        self.kills.append(time.time())
        os.killpg(self.pid, signal.SIGKILL)
        self._end()

    def stop(self) -> int:
        """Asks it to end, as a supervisor does; its status. Raises TimeoutExpired where it does not."""
        assert self._process is not None
        self._process.terminate()
        return self._end()

    def wait_for(self, event: str, seconds: float = SECONDS) -> Said:
        """The next time that it says this, from now on. Raises TimeoutError."""
        with self._heard:
            known = len(self.said)
            if not self._heard.wait_for(
                lambda: any(each.document["event"] == event for each in self.said[known:]), seconds
            ):
                raise TimeoutError(f"it did not say `{event}` within {seconds:g} s")
            return next(each for each in self.said[known:] if each.document["event"] == event)

    def _end(self) -> int:
        assert self._process is not None
        assert self._reader is not None
        status = self._process.wait(SECONDS)
        self._reader.join(SECONDS)
        return status

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines, self._log.open("a", buffering=1) as log:
            for line in lines:
                with contextlib.suppress(ValueError), self._heard:  # a kill may cut a line in two
                    self.said.append(Said(time.time(), json.loads(line)))
                    self._heard.notify_all()
                log.write(f"{time.time():.3f} {line}")


@contextmanager
def served(program: Path, work: Path, env: Mapping[str, str], log: Path, *options: str) -> Iterator[Serving]:
    """A server at work, which is stopped afterwards."""
    serving = Serving(program, work, env, log, *options)
    serving.start()
    try:
        serving.wait_for("serving")
        yield serving
    finally:
        if serving.runs:
            serving.stop()
