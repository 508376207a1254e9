"""What is known of folders without looking at them, by who watches them all the time."""

from __future__ import annotations

import msgspec


class Hints(msgspec.Struct, frozen=True):
    """The states of teams' folders, each by the folder's absolute, normal path (as in `Proof.roots`).

    A state is the `checkpoint.glance.digest` of the folder: what a glance at it would give, without one. While it is
    the same, nothing in the folder was written, made, moved or removed: what was proven of the folder alone, by a run
    that was given this state, stands for a run that is given it again, in whatever process.

    It is of before the run that is given it, and no event since then has told of a change. What changes during the run
    may be missing from it, and is in the state that the next run is given.

    A folder without a state has to be looked at: it is not watched, there is none, somebody was at work in it in the
    last two seconds, another team's folder lies in it, or it holds what is not watched (`node_modules`, `__pycache__`,
    backups). Nothing is said of what lies outside of the folders: refs, references, the repository, the clock.

    Where the system tells of no event, as for writes through memory and on network disks, a state is as old as the last
    look at everything: a minute, or more where that takes long. Before a run of the schedule all is looked at.
    """

    states: dict[str, bytes] = {}

    def state(self, folder: str) -> bytes:
        """The folder's state; empty where it has to be looked at."""
        return self.states.get(folder, b"")


NOTHING = Hints()
"""Who watches nothing knows nothing."""
