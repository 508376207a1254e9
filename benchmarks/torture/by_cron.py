"""A checkpoint as people give it to cron on each machine: nothing is lost, and each machine does it.

`python -m benchmarks.torture.by_cron CLONE`: takes the newest plan, writes into it, pushes, begins anew where somebody
was faster, and posts to Slack. Commit and message name the checkpoint, so that both can be counted.
"""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.torture.naive_edit import rewritten
from benchmarks.torture.states import delivered

TRIES = 200


def main() -> None:
    folder, name = Path(sys.argv[1]), os.urandom(8).hex()
    for _ in range(TRIES):
        git(folder, "fetch", "-q")
        git(folder, "reset", "-q", "--hard", "origin/main")
        plan = folder / "plan.md"
        plan.write_text(rewritten(plan.read_text(), delivered(folder)))
        git(folder, "commit", "-qam", f"checkpoint\n\nCheckpoint-Id: {name}")
        if not git(folder, "push", "-q", "origin", "HEAD:main", check=False):
            break
        time.sleep(random.uniform(0.0, 0.3))
    post({"channel": "#plans", "text": "a checkpoint", "metadata": {"event_type": "a", "event_payload": {"key": name}}})


def git(folder: Path, *words: str, check: bool = True) -> int:
    return subprocess.run(("git", *words), cwd=folder, check=check, stderr=subprocess.DEVNULL).returncode


def post(message: dict[str, object]) -> None:
    token = Path(os.environ["CHECKPOINT_SLACK_TOKEN"].removeprefix("file:")).read_text()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"{os.environ['CHECKPOINT_SLACK_API']}chat.postMessage"
    request = urllib.request.Request(address, json.dumps(message).encode(), headers)
    urllib.request.urlopen(request, timeout=30).close()


if __name__ == "__main__":
    main()
