"""Runs as people schedule them first: a cron trigger of APScheduler, with its defaults.

`python -m benchmarks.torture.by_apscheduler EXPRESSION FILE`: adds the moment of each run to the file, until it is
killed.
"""

import signal
import sys
import time
from datetime import UTC
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]


def main() -> None:
    expression, file = sys.argv[1:]

    def run() -> None:
        with Path(file).open("a") as runs:
            runs.write(f"{time.time():.3f}\n")

    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(run, CronTrigger.from_crontab(expression, timezone=UTC))
    scheduler.start()
    print("serving", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
