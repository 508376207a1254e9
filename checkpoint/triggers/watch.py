"""Wakes who looks, soon after something changed. No more than a hint: what it misses, the next look finds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import closing

from checkpoint.triggers.listening import listen
from checkpoint.triggers.reach import Reach, reach
from checkpoint.triggers.touches import Touches
from checkpoint.validation.content import visible

_SECONDS_A_FOLDER = 0.001
"""To wait before all folders are watched anew, which takes a twentieth of it."""

_STALLED = 1.0
"""Seconds between two turns after which this process was stopped, or starved: more may have happened than is kept."""
_MANY = 5000
"""Paths at once, at which the same holds: the system keeps some 16,000 events."""
_AGAIN = 60.0
"""Seconds after which the next try is made where nothing can be watched."""

_PARTLY = "only some of the folders can be watched"
_NOTHING = "nothing can be watched"
_MORE_FOLDERS = "to watch more: sysctl fs.inotify.max_user_watches=1048576"
_MORE_WATCHERS = "to watch: sysctl fs.inotify.max_user_instances=1024, or a higher `ulimit -n`"


class Watch:
    """Watches folders and files in a thread of its own, which calls `wake`, often once for many changes.

    It also calls it when it has begun to watch, for what may have changed until then. `problem` is told, once, what
    keeps it from watching everything, and how to mend that. Both are called in that thread and must not raise.
    `touches` hears of all that happens, also of what is no reason to wake anybody.
    """

    def __init__(
        self, wake: Callable[[], None], problem: Callable[[str], None], touches: Touches | None = None
    ) -> None:
        self._wake = wake
        self._problem = problem
        self._touches = touches or Touches()
        self._told: set[str] = set()
        self._wanted: tuple[frozenset[str], frozenset[str], frozenset[str]] = (frozenset(), frozenset(), frozenset())
        self._turn = threading.Event()
        self._is_in_doubt = False
        self._is_closed = False
        self._was_refused = False
        self.armed = Reach()
        """What is being watched now."""
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def follow(self, folders: Iterable[str], files: Iterable[str] = (), roots: Iterable[str] = ()) -> None:
        """From now on watches everything below these folders, and these files, and nothing else.

        Paths are absolute, and may be missing as yet. Below the roots nothing is watched beyond a link. The same ones
        again: nothing happens.
        """
        wanted = (frozenset(folders), frozenset(files), frozenset(roots))
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._turn.set()
        self._touches.hears_all(hears=False)  # afterwards: else the thread, about to hear all, might have the last word
        if self._thread.ident is None:
            self._thread.start()

    def rearm(self) -> None:
        """Finds folders, within about a second, whose replacement went unnoticed. To be called at each look."""
        self._is_in_doubt = True

    def close(self) -> None:
        """Ends the thread. Nothing is called any more after that."""
        self._is_closed = True
        self._turn.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._turn.clear()  # before the rest is read, so that no change of it goes unseen
            if self._is_closed:
                return
            self._is_in_doubt = False
            self._touches.hears_all(hears=False)
            self._attend(reach(*self._wanted))

    def _attend(self, armed: Reach) -> None:
        """Watches until that has to be begun anew."""
        try:
            self._listen_to_all(armed)
        except RuntimeError as error:  # WatchfilesRustInternalError, which has no public name
            # What it says of a name that is no UTF-8, it says for ever: only a new watcher helps.
            if "Error creating" in str(error):
                self._tell(_NOTHING, error, _MORE_WATCHERS)
                self._turn.wait(_AGAIN)
            else:
                self._wake()
                self._turn.wait(_pause(armed))

    def _listen_to_all(self, armed: Reach) -> None:
        try:
            self._listen(armed, to_some=False)
        except (FileNotFoundError, PermissionError):
            self._listen(armed, to_some=True)  # one of them vanished just now
        except OSError as error:
            self._turn.wait(_pause(armed))  # what was watched until now is given back by a thread of its own
            if self._was_refused:
                self._tell(_PARTLY, error, _MORE_FOLDERS)
                self._listen(armed, to_some=True)
            self._was_refused = True

    def _listen(self, armed: Reach, *, to_some: bool) -> None:
        """Passes hints on until other folders have to be watched. Raises OSError where one cannot be, unless `to_some`.

        `to_some` ignores all errors of that kind.
        """
        began = last = time.monotonic()
        is_outgrown = False
        with closing(listen(armed.folders, self._turn, to_some=to_some)) as turns:
            for paths in turns:
                now = time.monotonic()
                is_new = self.armed is not armed
                is_full = len(paths) > _MANY or (now - last > _STALLED and not is_new)
                self.armed, last = armed, now
                self._tell_touches(paths, begins=is_new and not to_some, is_full=is_full)
                heeded = [path for path in paths if armed.concerns(path)]
                if heeded or is_new or is_full:
                    self._wake()
                is_outgrown |= any(map(armed.is_outgrown_by, heeded)) or self._is_outgrown(armed)
                if is_outgrown and now >= began + _pause(armed):
                    return

    def _tell_touches(self, paths: Collection[str], *, begins: bool, is_full: bool) -> None:
        self._touches.heard(paths)
        if begins and not self._turn.is_set():
            self._touches.hears_all(hears=True)
        if is_full:
            self._touches.doubt()

    def _is_outgrown(self, armed: Reach) -> bool:
        """Whether there was a doubt, and it was right."""
        was_in_doubt, self._is_in_doubt = self._is_in_doubt, False
        return was_in_doubt and reach(*self._wanted) != armed

    def _tell(self, what: str, why: Exception, mend: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._problem(f"{what}, the rest is found by looks at all of them ({visible(str(why))[:200]}); {mend}")


def _pause(armed: Reach) -> float:
    return max(0.5, len(armed.folders) * _SECONDS_A_FOLDER)
