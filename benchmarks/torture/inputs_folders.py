"""What teams deliver in place of files: pipes, links, holes, archives, depth, numbers, names."""

import io
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.torture.inputs_case import Delivery
from benchmarks.torture.inputs_judge import findings
from benchmarks.torture.inputs_stage import CANARY, Ran, Stage

_SWAPPED = 300
_SWAP = """
import itertools, os, sys, time
folder, target, end = sys.argv[1], sys.argv[2], time.monotonic() + 20
for number in itertools.cycle(range(int(sys.argv[3]))):
    name = f"{folder}/{number}.txt"
    os.symlink(target, f"{name}-link")
    os.replace(f"{name}-link", name)
    with open(f"{name}-file", "w") as file:
        file.write("mine")
    os.replace(f"{name}-file", name)
    if time.monotonic() > end:
        break
"""


def outside(folder: Path) -> Path:
    """What lies beside the repository, by a team's folder in it."""
    return folder.parents[2] / "outside"


def _socket(folder: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    os.chdir(folder)  # the path of a socket is at most 107 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind("result.json")
    finally:
        os.fchdir(here)
        os.close(here)


def _link(name: str, target: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).symlink_to(target.replace("OUTSIDE", str(outside(folder))))


def _sparse(folder: Path) -> None:
    with (folder / "huge.json").open("wb") as file:
        file.truncate(200 * 2**30)


def _archive(folder: Path) -> None:
    """Ten megabytes that would be ten gigabytes, and a member that would land outside."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", bytes(50 * 2**20))
        archive.writestr("../../../outside/evil.txt", "evil")
    with zipfile.ZipFile(folder / "bomb.zip", "w") as archive:
        for number in range(200):
            archive.writestr(f"{number}.zip", inner.getvalue())


def _deep(folder: Path) -> None:
    """3,000 folders within each other, further than a path can reach."""
    current = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=current)
        inner = os.open("d", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = inner
    os.close(os.open("end.txt", os.O_CREAT | os.O_WRONLY, dir_fd=current))
    os.close(current)


def _many(number: int) -> Callable[[Path], None]:
    """So many files in folders of a thousand: names of a few, which are ten times as quickly made."""

    def make(folder: Path) -> None:
        for start in range(0, number, 1000):
            (folder / f"{start}").mkdir()
            first = folder / f"{start}/{start}.txt"
            first.write_bytes(b"x")
            for name in range(start + 1, min(start + 1000, number)):
                os.link(first, folder / f"{start}/{name}.txt")

    return make


def _names(folder: Path) -> None:
    for name in (b"-rf", b"two\nlines", b":(glob)", b"*", b"\xff\xfe", b"$(touch x)", b"<!-- x -->", b"- [x] **H1**"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name + b".txt")).write_text("no\n")


def _wrote_in_one_line(stage: Stage, ran: Ran) -> Iterable[str]:
    """Names of files are one line each, in what is published as in what is told."""
    plan = stage.plan() or b""
    if b"two\nlines" in plan or b"\xff" in plan or b"<!-- x -->" in plan:
        yield "a name stands in the plan as it is"


def _swapped(folder: Path) -> None:
    """Files that are swapped with links to the canary, one after the other, as long as the run takes."""
    for number in range(_SWAPPED):
        (folder / f"{number}.txt").write_text("mine")
    target = outside(folder) / "secret.txt"
    words = [sys.executable, "-I", "-c", _SWAP, str(folder), str(target), str(_SWAPPED)]
    swapping[str(folder)] = subprocess.Popen(words)


swapping: dict[str, "subprocess.Popen[bytes]"] = {}
"""What swaps, by the folder in which it does: the case ends it."""


def _read_through_a_link(stage: Stage, ran: Ran) -> Iterable[str]:
    for folder, process in list(swapping.items()):
        if Path(folder).is_relative_to(stage.work):
            process.kill()
            process.wait()
            del swapping[folder]
    document = ran.document if isinstance(ran.document, dict) else {}
    escapes = [each for each in findings(document) if CANARY[:7] in each["expected"] and "link" not in each["found"]]
    if escapes or document.get("escapes"):
        yield "a swapped link was followed"


def _pointer(folder: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d" * 32 + "\nsize 12345\n"
    (folder / "model.bin").write_text(text)


REGULAR = "result.json"
_NO_FILE = (REGULAR, "a regular file")

DELIVERIES = (
    Delivery(
        "10", "a FIFO in place of a file", (f"`{REGULAR}` parses",), lambda f: os.mkfifo(f / REGULAR), says=_NO_FILE
    ),
    Delivery("10", "a socket in place of a file", (f"`{REGULAR}` parses",), _socket, says=_NO_FILE),
    Delivery(
        "11",
        "a link to a file outside",
        (f"`a.md` contains `{CANARY[:6]}`",),
        _link("a.md", "OUTSIDE/secret.txt"),
        says=("a link",),
    ),
    Delivery(
        "11", "a link to /etc/passwd", ("`p.md` contains `root`",), _link("p.md", "/etc/passwd"), says=("a link",)
    ),
    Delivery(
        "11", "a link that leads to itself", ("`loop.md` contains `x`",), _link("loop.md", "loop.md"), says=("a link",)
    ),
    Delivery(
        "11", "a path through a linked folder", ("`in/a.txt` exists",), _link("in", "OUTSIDE/inner"), says=("a link",)
    ),
    Delivery(
        "11",
        "a glob beside a linked folder",
        ("`**/*.txt` contains `x`",),
        _link("in", "OUTSIDE/inner"),
        "missing",
        ("deliver a file for `**/*.txt`",),
    ),
    Delivery(
        "12",
        "300 files swapped with links while they are read",
        (f"`*.txt` lacks `{CANARY[:7]}`",),
        _swapped,
        "",
        also=_read_through_a_link,
    ),
    Delivery(
        "13",
        "a file of 200 GiB, all of it holes",
        ("`huge.json` parses",),
        _sparse,
        says=("16,777,216 bytes", "smaller"),
    ),
    Delivery("13", "a link to /dev/zero", ("`zero.json` parses",), _link("zero.json", "/dev/zero"), says=("a link",)),
    Delivery(
        "14",
        "an archive that would be ten gigabytes, and write outside",
        ("`bomb.zip` exists", "`bomb.zip` size at-most 20MB"),
        _archive,
        "verified",
    ),
    Delivery(
        "14",
        "the same archive, where text is expected",
        ("`bomb.zip` contains `evil`",),
        _archive,
        says=("bomb.zip", "text"),
    ),
    Delivery(
        "19",
        "3,000 folders within each other",
        ("`**/*.txt` count at-least 1",),
        _deep,
        says=("at most 100 folders within each other", "flatten `d`"),
    ),
    Delivery("19", "100,000 files", ("`**/*.txt` count at-least 100000",), _many(100_000), "verified", vast=True),
    Delivery(
        "19",
        "200,001 files",
        ("`**/*.txt` count at-least 1",),
        _many(200_001),
        says=("at most 200,000 files and folders", "move what is generated"),
        vast=True,
    ),
    Delivery(
        "20",
        "names such as -rf, two lines, :(glob), 0xFF, a marker, a ticked box",
        ("`*` contains `yes`",),
        _names,
        says=("two\\nlines", "\\udcff", ":(glob).txt", "-rf.txt"),
        also=_wrote_in_one_line,
    ),
    Delivery(
        "30+",
        "a Git LFS pointer, where a file must exist",
        ("`model.bin` exists",),
        _pointer,
        says=("Git LFS pointer", "git lfs pull"),
    ),
    Delivery(
        "30+",
        "a Git LFS pointer, where bytes are counted",
        ("`model.bin` size at-least 100",),
        _pointer,
        says=("Git LFS pointer", "git lfs pull"),
    ),
)
