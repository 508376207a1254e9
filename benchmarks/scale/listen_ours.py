"""The watch of `checkpoint serve`, and its looks: `python -m benchmarks.scale.listen_ours FOLDER…`."""

import sys
import threading
from collections.abc import Sequence

from benchmarks.scale.listening import BURST, Listener
from checkpoint.triggers.glances import Glances
from checkpoint.triggers.scope import Scope
from checkpoint.triggers.watch import Watch


def main(folders: Sequence[str]) -> None:
    listener, glances, begun = Listener(), Glances(), threading.Event()
    scope = Scope(tuple(folders), (), (), (), (), (), "", None)

    def heard() -> None:
        if begun.is_set():
            listener.heard()
        begun.set()  # it also calls when it has begun to watch

    def count() -> int:
        """What a look finds, at the places that were heard of."""
        world = glances.world(scope, {}, b"")
        return sum(f"/{BURST}" in path for top in folders for path in world.entries(top) or ())

    watch = Watch(heard, lambda text: print(text, file=sys.stderr), glances.touches)
    watch.follow(folders)
    begun.wait()
    glances.world(scope, {}, b"")
    listener.converse(count)
    watch.close()


if __name__ == "__main__":
    main(sys.argv[1:])
