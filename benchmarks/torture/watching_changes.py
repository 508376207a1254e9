"""What happens to folders that are watched: each change with the teams that it is about."""

import shutil
from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.torture.watching_scene import DONE, FLOODED, NOT_YET, PARTS, Watched

_DEEP = 200


class Change(NamedTuple):
    """A change, and the teams whose verdicts it changes.

    `stopped`: nobody watches while it happens. Before it all is left alone for `quiet` seconds, so that no event of an
    earlier one can give it away.
    """

    name: str
    teams: Sequence[str]
    make: Callable[[Watched], object]
    stopped: bool = False
    quiet: float = 0.0


def changes(files: int) -> list[Change]:
    """In the order in which they are made; so many files are delivered at once."""
    return [
        _flooding(files),
        Change("a proof replaced in a folder that came with them", FLOODED[:1], _replace_proof),
        Change("a folder deleted and made anew", ("anew",), _make_anew),
        Change("a proof into it", ("anew",), lambda watched: watched.proof("anew").write_text(DONE)),
        Change("a folder renamed", ("moved",), _move),
        Change("renamed back", ("moved",), _move_back),
        Change("a link replaced", ("linked",), _replace_link),
        Change("a proof behind the new link", ("linked",), lambda watched: watched.proof("linked").write_text(DONE)),
        Change(f"{_DEEP} deep folders", ("deep",), _deepen),
        Change("a file written through memory", ("memory",), _write_memory, quiet=15.0),
    ]


def at_once(files: int) -> list[Change]:
    """Less of it, and most of that together."""

    def others(watched: Watched) -> None:
        for make in (_make_anew, _move, _replace_link, _deepen):
            make(watched)

    return [_flooding(files), Change("four others at once", ("anew", "moved", "linked", "deep"), others)]


def _flooding(files: int) -> Change:
    return Change(f"{files:,} files while stopped", FLOODED, lambda watched: _flood(watched, files), stopped=True)


def _flood(watched: Watched, files: int) -> None:
    """Into folders that are watched; the proofs last, into folders of which no event tells any more."""
    for number in range(files - len(FLOODED)):
        folder = watched.folder(FLOODED[number % len(FLOODED)]) / PARTS
        (folder / f"{number}.txt").write_text(NOT_YET)
    for team in FLOODED:
        watched.proof(team).parent.mkdir()
        watched.proof(team).write_text(DONE)


def _replace_proof(watched: Watched) -> None:
    """By what is none, as an editor does it."""
    proof = watched.proof(FLOODED[0])
    new = proof.with_name("new")
    new.write_text(NOT_YET)
    new.replace(proof)


def _make_anew(watched: Watched) -> None:
    shutil.rmtree(watched.folder("anew"))
    watched.folder("anew").mkdir()


def _move(watched: Watched) -> None:
    watched.folder("moved").rename(watched.top / "away")


def _move_back(watched: Watched) -> None:
    (watched.top / "away").rename(watched.folder("moved"))


def _replace_link(watched: Watched) -> None:
    """As releases are switched: the new link takes the name of the old one."""
    new = watched.releases / "next"
    new.symlink_to("2")
    new.replace(watched.releases / "current")


def _deepen(watched: Watched) -> None:
    for number in range(_DEEP):
        folder = watched.folder("deep") / f"d{number}/a/b/c"
        folder.mkdir(parents=True)
        (folder / "proof.txt").write_text(DONE)


def _write_memory(watched: Watched) -> None:
    watched.memory[:4] = NOT_YET[:4].encode()
    watched.memory.flush()
