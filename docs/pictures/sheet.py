"""A page of text as SVG, set from top to bottom. Each run of text has its width, so that no font makes it longer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

import msgspec

FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
_WIDTHS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft·",
    333: "()-`r",
    350: "•",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "…→—",
}
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_OTHER = 556
_MARGIN = 20
_BOLD = 1.07
"""Arial's widths in thousandths of its size, and how much wider bold letters are on average."""


class Style(msgspec.Struct, frozen=True):
    """How a run of text looks: sizes in pixels."""

    size: int
    line: int
    colour: str
    bold: bool = False

    def width(self, text: str) -> float:
        wide = sum(_WIDTH_OF.get(character, _OTHER) for character in text) / 1000
        return round(wide * self.size * (_BOLD if self.bold else 1), 1)


class Run(msgspec.Struct, frozen=True):
    """Text in one style, on one line."""

    text: str
    style: Style


class Sheet:
    """A sheet of that width. `y` is how far down it has been set."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.y = 0.0
        self._shapes: list[str] = []

    def draw(self, shape: str) -> None:
        """Adds an element of SVG."""
        self._shapes.append(shape)

    def write(self, x: float, y: float, run: Run) -> float:
        """Sets a run with its base line at `y`; where it ends. Blanks at its beginning are left out of the drawing."""
        style, text = run.style, run.text.lstrip()
        x += style.width(run.text[: len(run.text) - len(text)])
        width = style.width(text)
        weight = ' font-weight="700"' if style.bold else ""
        place = f'x="{x:g}" y="{y:g}" textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'
        look = f'font-size="{style.size}"{weight} fill="{style.colour}"'
        self.draw(f"<text {place} {look}>{escape(text, quote=False)}</text>")
        return x + width

    def line(self, x: float, runs: Iterable[Run], height: int) -> None:
        """Sets runs one after the other on a line of that height, and goes on below it."""
        for run in runs:
            x = self.write(x, self.y + height * 0.7, run)
        self.y += height

    def paragraph(self, x: float, text: str, style: Style) -> None:
        """Sets a text, its lines broken where they have to be."""
        for given in text.split("\n"):
            blanks = given[: len(given) - len(given.lstrip())]
            for line in broken(given.strip(), style, self.width - x - style.width(blanks) - _MARGIN):
                self.line(x, [Run(blanks + line, style)], style.line)

    def svg(self, title: str) -> str:
        """All of it, on white paper."""
        width, height = self.width, round(self.y)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img"'
        paper = f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" fill="#fff" stroke="#d5d5d6"/>'
        opening = f'{head} font-family="{FONTS}">\n<title>{escape(title)}</title>'
        return "\n".join((opening, paper, *self._shapes, "</svg>", ""))


def broken(text: str, style: Style, width: float) -> Iterator[str]:
    """The text in lines that are no wider than that, unless a single word is."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and style.width(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line
