"""A home of its own for what runs in this process: nothing of the person's is read, and nobody of theirs is told.

with at_home(folder / "home", CHECKPOINT_NOTIFY="file"):
    scene = published(folder)
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KEPT = ("PATH", "LANG", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV")
_GITCONFIG = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"


@contextmanager
def at_home(folder: Path, **more: str) -> Iterator[Path]:
    """The environment of this process is that of a person at home in this folder, until the context ends."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitconfig").write_text(_GITCONFIG)
    before = dict(os.environ)
    own = {
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": str(folder / ".gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "CHECKPOINT_TERMINALS": "",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    try:
        os.environ.clear()
        os.environ.update({name: before[name] for name in _KEPT if name in before} | own | more)
        yield folder
    finally:
        os.environ.clear()
        os.environ.update(before)
