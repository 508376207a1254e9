"""What a terminal shows, as a picture."""

from __future__ import annotations

import io
import re

from rich.console import Console
from rich.text import Text

WIDTH = 96
_FONT_FROM_ELSEWHERE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""A picture must not ask another server for anything; a monospaced font is everywhere."""
_PALE_BLACK = "#4b4e55"
"""What this theme has for black: hard to read on tmux's green."""


def screen(name: str, title: str, text: str, width: int = WIDTH) -> str:
    """An SVG of the text in the colours of its escape sequences, so many characters wide. `name` begins its ids."""
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text.rstrip()))
    picture = _FONT_FROM_ELSEWHERE.sub("", console.export_svg(title=title, unique_id=name))
    # The clip around all lines cuts the letters of the last one; each line has a clip of its own.
    return picture.replace(f' clip-path="url(#{name}-clip-terminal)"', "").replace(_PALE_BLACK, "#000000")
