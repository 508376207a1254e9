"""Parses a plan of which one section was edited, where its former pieces are known: `python -P parse_section.py PLAN`.

Prints what that takes within the process, in seconds on the wall and of CPU.
"""

import sys
import time
from pathlib import Path

from checkpoint.plan.pieces import cut, read_team


def main() -> int:
    former = Path(sys.argv[1]).read_bytes()
    known = {piece.digest for piece in cut(former)}
    middle = former.index(b"\n## Team:", len(former) // 2)
    edited = former[:middle] + former[middle:].replace(b"agreed", b"settled", 1)
    wall, cpu = time.perf_counter(), time.process_time()
    news = [read_team(edited[piece.start : piece.stop]) for piece in cut(edited) if piece.digest not in known]
    print(time.perf_counter() - wall, time.process_time() - cpu)
    return 0 if len(news) == 1 and news[0] is not None else 1


if __name__ == "__main__":
    sys.exit(main())
