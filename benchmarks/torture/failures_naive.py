"""A checkpoint as everybody writes it: pull, edit the file, commit, push, note it down, tell Slack.

Run in the work tree of a clone, with HOME, SLACK_API and SLACK_TOKEN: the plan's last line says what was delivered.
Where anything fails it ends with a traceback and status 1, as scripts do.
"""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from slack_sdk import WebClient

STATUS = "Delivered: "


def git(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    git("pull", "-q", "--rebase")
    plan = Path("plan.md")
    old = plan.read_text()
    delivered = sum(path.is_file() for path in Path("out").rglob("*"))
    new = f"{old.partition(STATUS)[0]}{STATUS}{delivered}\n"
    if new != old:
        plan.write_text(new)
        git("add", "plan.md")
        git("commit", "-q", "-m", "Checkpoint")
        git("push", "-q")
        record(git("rev-parse", "HEAD"))
        tell()
    sys.stdout.write("published\n")


def record(commit: str) -> None:
    connection = sqlite3.connect(Path(os.environ["HOME"], "journal.db"))
    connection.execute("CREATE TABLE IF NOT EXISTS runs (published TEXT)")
    connection.execute("INSERT INTO runs VALUES (?)", (commit,))
    connection.commit()
    connection.close()


def tell() -> None:
    client = WebClient(os.environ["SLACK_TOKEN"], base_url=os.environ["SLACK_API"], timeout=5)
    client.chat_postMessage(channel="#plans", text="A checkpoint was published")


if __name__ == "__main__":
    main()
