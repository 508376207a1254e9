"""Draws docs/pictures/demo.svg from a real run of `checkpoint demo`: its second checkpoint, as a terminal shows it.

Run it with the interpreter of the development environment: `python docs/pictures/draw.py`.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("demo.svg")
WIDTH = 96
FONT_FROM_ELSEWHERE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""A picture must not ask another server for anything; a monospaced font is everywhere."""


def acts(output: str) -> list[str]:
    """The demo's acts in their order, without their headings."""
    return [part.partition("\n")[2] for part in output.split("\n\x1b[1m── ")[1:]]


def main() -> None:
    argv = [sys.executable, "-P", "-m", "checkpoint", "demo"]
    environment = os.environ | {"FORCE_COLOR": "1"}
    done = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    shown = acts(done.stdout)[2].split("$ checkpoint next frontend")[0].rstrip()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown))
    picture = console.export_svg(title="checkpoint", unique_id="demo")
    PICTURE.write_text(FONT_FROM_ELSEWHERE.sub("", picture), encoding="utf-8")


if __name__ == "__main__":
    main()
