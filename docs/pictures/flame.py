"""Where the time goes in checks of 100,000 artifacts, as flame graphs: the first check, and one after ten changes.

Takes some minutes. A function is as wide as the time in which it, or what it called, was at work.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from benchmarks.floor import ROOT
from benchmarks.scale import peers
from benchmarks.scale.bench import Bench, Size, World, large, take_checkpoint
from benchmarks.scale.recheck import commits
from benchmarks.scale.worlds import forget
from docs.pictures.sheet import Run, Sheet, Style
from docs.pictures.stacks import Frame, sample

_WIDTH = 960
_LEFT = 10.0
_HIGH = 17
_LEAST = 6.0
"""Pixels: what is narrower is left out."""
_TITLE = Style(14, 26, "#1f2328", bold=True)
_NAME = Style(10, 12, "#1f2328")
_KINDS = {
    "reads the plan": ("#9ecbff", "plan baseline"),
    "judges": ("#a7e3a1", "validation files trees validators registry globs arguments verdicts actions graph report"),
    "knows what was proven": (
        "#ffd58a",
        "store snapshot marshalled pack record published proof standing workspace folded glance",
    ),
    "asks git": ("#d8b9ff", "git process"),
    "shows": ("#ffb3a7", "commands console table wording cli"),
    "Python and its libraries": ("#e3e6ea", ""),
}
"""What the rooms of the package do, and in which colour."""
_TIMES = 12
"""Runs after changes: one of them is too short to be seen well."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(sys.executable).with_name("checkpoint")
        bench = Bench(Path(folder), program, Size(), ROOT / "build" / "peers", _say)
        peers.install(bench.tools, bench.say, [peers.PROFILER])
        profiler = peers.program(bench.tools, peers.PROFILER)
        if not profiler:
            sys.exit("error: py-spy could not be installed, and nothing else looks into a running program")
        place = large(bench)
        sys.stdout.write(picture([_first(bench, place, profiler), _after_changes(bench, place, profiler)]))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _first(bench: Bench, place: World, profiler: Path) -> Frame:
    root = Frame("the first check of 100,000 artifacts, `exists` with copies allowed")
    forget(place.env)
    sample(root, profiler, _words(bench, "copies.md"), place.work, place.env)
    return root


def _after_changes(bench: Bench, place: World, profiler: Path) -> Frame:
    root = Frame(f"after {bench.size.changes} were changed and committed")
    take_checkpoint(bench, place, "committed.md")
    commit, words = commits(bench, place), _words(bench, "committed.md")
    for number in range(_TIMES + 1):
        commit()
        sample(root if number else Frame(""), profiler, words, place.work, place.env)
    return root


def _words(bench: Bench, plan: str) -> tuple[str, ...]:
    return (str(bench.checkpoint), "check", "--quiet", "--plan", plan)


def picture(roots: list[Frame]) -> str:
    """One graph below the other, and what the colours mean."""
    sheet = Sheet(_WIDTH)
    for root in roots:
        sheet.line(_LEFT, [Run(f"{root.name[:1].upper()}{root.name[1:]}", _TITLE)], _TITLE.line)
        bars = list(_bars(root, _LEFT, (_WIDTH - 2 * _LEFT) / max(root.samples, 1), 0))
        for frame, x, width, depth in bars:
            _draw(sheet, frame, x, width, depth)
        sheet.y += (max((depth for *_, depth in bars), default=0) + 1) * _HIGH + 14
    _explain(sheet)
    return sheet.svg("Where the time goes in checks of 100,000 artifacts")


def _bars(frame: Frame, x: float, scale: float, depth: int) -> Iterator[tuple[Frame, float, float, int]]:
    """What is wide enough to be seen: each with its place, from the outermost down to what it called."""
    for each in sorted(frame.called.values(), key=lambda called: -called.samples):
        width = each.samples * scale
        if width >= _LEAST:
            yield each, x, width, depth
            yield from _bars(each, x, scale, depth + 1)
        x += width


def _draw(sheet: Sheet, frame: Frame, x: float, width: float, depth: int) -> None:
    y = sheet.y + depth * _HIGH
    place = f'x="{x:.1f}" y="{y:.0f}" width="{width - 1:.1f}" height="{_HIGH - 1}"'
    where = f"{frame.name} ({frame.module})" if frame.module else frame.name
    sheet.draw(f'<rect {place} fill="{_colour(frame)}"><title>{escape(where, quote=False)}</title></rect>')
    name = _fitting(frame.name, width - 8)
    if name:
        sheet.write(round(x + 3, 1), round(y + 12, 1), Run(name, _NAME))


def _fitting(name: str, width: float) -> str:
    """As much of a name as has room; nothing where that is next to nothing."""
    if _NAME.width(name) <= width:
        return name
    while name and _NAME.width(f"{name}…") > width:
        name = name[:-1]
    return f"{name}…" if len(name) > 2 else ""


def _colour(frame: Frame) -> str:
    room = frame.module.removeprefix("checkpoint/").removesuffix(".py").split("/")[0]
    is_ours = frame.module.startswith("checkpoint/")
    found = (colour for colour, rooms in _KINDS.values() if is_ours and room in rooms.split())
    return next(found, _KINDS["Python and its libraries"][0])


def _explain(sheet: Sheet) -> None:
    x = _LEFT
    for kind, (colour, _) in _KINDS.items():
        sheet.draw(f'<rect x="{x:.0f}" y="{sheet.y:.0f}" width="12" height="12" fill="{colour}"/>')
        x = sheet.write(x + 17, sheet.y + 10, Run(kind, _NAME)) + 18
    sheet.y += 20


if __name__ == "__main__":
    main()
