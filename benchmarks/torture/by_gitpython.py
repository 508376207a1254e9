"""A checkpoint as people write it first: pull, look, rewrite, commit, push, with GitPython.

`python -m benchmarks.torture.by_gitpython CLONE`; status 1 where GitPython raises.
"""

import sys
from pathlib import Path

import git

from benchmarks.torture.naive_edit import rewritten
from benchmarks.torture.states import delivered


def main() -> None:
    folder = Path(sys.argv[1])
    repository = git.Repo(folder)
    repository.remotes.origin.pull()
    plan = folder / "plan.md"
    plan.write_text(rewritten(plan.read_text(), delivered(folder)))
    repository.index.add(["plan.md"])
    repository.index.commit("checkpoint")
    repository.remotes.origin.push()


if __name__ == "__main__":
    main()
