"""Watching as people write it first: a bare loop of watchfiles, which looks into each file that it is told of.

`python -m benchmarks.torture.by_watchfiles FILE FOLDER...`: keeps in the file how many paths it was told of, and which
of them say `done`, until it is killed. Of a folder that is gone it forgets all that was below.
"""

import json
import os
import sys
from pathlib import Path

from watchfiles import Change, watch


def main() -> None:
    file, *folders = sys.argv[1:]
    told: set[str] = set()
    found = (f"{where}/{name}" for top in folders for where, _, names in os.walk(top) for name in names)
    done = {path for path in found if _says_done(path)}
    for changes in watch(*folders, debounce=200, yield_on_timeout=True, rust_timeout=500):
        for kind, path in changes:
            told.add(path)
            done -= {each for each in done if each == path or each.startswith(f"{path}/")}
            if kind is not Change.deleted and _says_done(path):
                done.add(path)
        _write(Path(file), told, done)


def _says_done(path: str) -> bool:
    try:
        return "done" in Path(path).read_text()
    except OSError:
        return False


def _write(file: Path, told: set[str], done: set[str]) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps({"told": len(told), "done": sorted(done)}))
    new.replace(file)


if __name__ == "__main__":
    main()
