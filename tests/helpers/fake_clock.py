"""A wall clock that is set while programs run: by libfaketime, which each of them has to be started with.

Their monotonic clock, their waiting and the dates of files stay as they are, so it is as if somebody had set the clock
of the machine.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

MISSING = "the command faketime is not installed (Debian: faketime)"


def is_available() -> bool:
    return shutil.which("faketime") is not None


class FakeClock:
    """One clock for all who are started with `env`; it is set to `moment` (seconds since the epoch), and goes on."""

    def __init__(self, file: Path, moment: float) -> None:
        self._file = file
        self._ahead = 0.0
        self.env: Mapping[str, str] = {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        self.show(moment)

    @property
    def now(self) -> float:
        """What it shows, in seconds since the epoch."""
        return time.time() + self._ahead

    def show(self, moment: float) -> None:
        """Sets it."""
        self._ahead = moment - time.time()
        written = self._file.with_suffix(".new")
        written.write_text(f"{self._ahead:+.3f}\n")
        os.replace(written, self._file)  # whoever reads it meanwhile must find a number

    def step(self, seconds: float) -> None:
        """Sets it forward, or back."""
        self.show(self.now + seconds)


def forget(pid: int) -> None:
    """Removes what libfaketime leaves of a process that was killed."""
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        Path("/dev/shm", name).unlink(missing_ok=True)


def _library() -> str:
    words = ("faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD")
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
