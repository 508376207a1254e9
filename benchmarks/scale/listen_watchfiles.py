"""A bare loop of watchfiles: `python -m benchmarks.scale.listen_watchfiles FOLDER…`."""

import sys
import threading
from collections.abc import Sequence

from watchfiles import watch

from benchmarks.scale.listening import BURST, Listener


def main(folders: Sequence[str]) -> None:
    listener, seen, begun = Listener(), set[str](), threading.Event()

    def listen() -> None:
        for changes in watch(*folders, watch_filter=None, rust_timeout=200, yield_on_timeout=True):
            begun.set()
            seen.update(path for _, path in changes)
            if changes:
                listener.heard()

    threading.Thread(target=listen, daemon=True).start()
    begun.wait()
    listener.converse(lambda: sum(f"/{BURST}" in path for path in seen))


if __name__ == "__main__":
    main(sys.argv[1:])
