"""Parses a plan once, and does nothing else: `python -P parse_plan.py PLAN`."""

import sys
from pathlib import Path

from checkpoint.plan.parse import parse

if __name__ == "__main__":
    sys.exit(not parse(Path(sys.argv[1]).read_bytes()).teams)
