"""What can be seen from outside while a server is at work, and when: commits on the remote, states of a file."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from checkpoint.location import read_ref

_STEP = 0.01


class Observer:
    """Looks a hundred times a second, in a thread of its own; as a context it starts and ends that.

    `commits` maps what main of the remote was to when that was first seen; `contents` are the states of the file, also
    where one was written again; `beside` is called at each look.
    """

    def __init__(self, remote: Path, file: Path, beside: Callable[[], object]) -> None:
        self.commits: dict[str, float] = {}
        self.contents: list[str] = []
        self._remote = str(remote)
        self._file = file
        self._beside = beside
        self._stamp: tuple[int, int] | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Observer":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ends.wait(_STEP):
            self._look()
        self._look()

    def _look(self) -> None:
        commit = read_ref(self._remote, "refs/heads/main")
        if commit:
            self.commits.setdefault(commit, time.time())
        try:
            found = self._file.stat()
            if (found.st_ino, found.st_mtime_ns) != self._stamp:
                self._stamp = (found.st_ino, found.st_mtime_ns)
                self.contents.append(self._file.read_text())
        except FileNotFoundError:
            pass
        self._beside()
