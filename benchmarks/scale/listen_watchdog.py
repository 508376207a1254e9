"""watchdog, with as little as it needs: `python -m benchmarks.scale.listen_watchdog FOLDER…`."""

import sys
from collections.abc import Sequence
from os.path import commonpath

from watchdog.events import FileSystemEvent, FileSystemEventHandler  # type: ignore[import-not-found]
from watchdog.observers import Observer  # type: ignore[import-not-found]

from benchmarks.scale.listening import BURST, Listener


class Handler(FileSystemEventHandler):  # type: ignore[misc]
    """Passes on what it is told, but not that files were opened or closed."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.seen = set[str]()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("created", "modified"):
            self.seen.add(str(event.src_path))
            self.listener.heard()


def main(folders: Sequence[str]) -> None:
    handler = Handler(Listener())
    observer = Observer()
    observer.schedule(handler, commonpath(folders), recursive=True)
    observer.start()
    handler.listener.converse(lambda: sum(f"/{BURST}" in path for path in handler.seen))
    observer.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
