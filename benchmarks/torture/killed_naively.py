"""The naive way: git as everybody uses it, in the person's own work tree.

python -m benchmarks.torture.killed_naively   (in the work tree)
"""

import subprocess
from pathlib import Path

from benchmarks.torture.naive_edit import rewritten
from benchmarks.torture.states import delivered


def git(*words: str) -> int:
    return subprocess.run(["git", *words], check=True).returncode


def main() -> None:
    """Pulls, writes what was found into the plan, commits where that says anything new, and pushes."""
    has_remote = bool(subprocess.run(["git", "remote"], check=True, capture_output=True).stdout)
    if has_remote:
        git("pull", "-q")
    plan = Path("plan.md")
    plan.write_text(rewritten(plan.read_text(), delivered(Path())))
    git("add", "plan.md")
    if subprocess.run(["git", "diff", "--cached", "--quiet"], check=False).returncode:
        git("commit", "-q", "-m", "checkpoint")
    if has_remote:
        git("push", "-q")


if __name__ == "__main__":
    main()
