"""How many there are."""

from collections.abc import Iterator

from checkpoint.validator import NOTHING, Artifact, Entry, Finding, validator


def _lint(*, at_least: int = -1, at_most: int = -1, exactly: int = -1) -> None:
    if max(at_least, at_most, exactly) < 0:
        raise ValueError("say how many: `at-least N`, `at-most N` or `exactly N`")
    if exactly >= 0 and max(at_least, at_most) >= 0:
        raise ValueError("`exactly` says it all: drop `at-least` and `at-most`")
    if at_least == 0:
        raise ValueError("`at-least 0` always holds: ask for 1 or more")
    if 0 <= at_most < at_least:
        raise ValueError(f"no number is at least {at_least} and at most {at_most}")


@validator(
    "count",
    on="artifact",
    examples=("`docs/*.md` count at-least 3", "`screens/` count exactly 5", "`packages/*/` count at-most 4"),
    lint=_lint,
)
def count(artifact: Artifact, *, at_least: int = -1, at_most: int = -1, exactly: int = -1) -> Iterator[Finding]:
    """So many files with content are named by a path or glob.

    A folder counts as the files in it; where a glob ends in `/`, the folders that hold a file with content count.
    """
    _lint(at_least=at_least, at_most=at_most, exactly=exactly)
    least, most = (exactly, exactly) if exactly >= 0 else (at_least, at_most)
    number = _number(artifact)
    found = str(number) if artifact.entries else NOTHING
    if number < least:
        bound = "exactly" if exactly >= 0 else "at least"
        yield Finding(
            f"{bound} {_files(least)}", found, artifact.path, f"add {_files(least - number)} at `{artifact.path}`"
        )
    elif 0 <= most < number:
        bound = "exactly" if exactly >= 0 else "at most"
        action = f"remove what is superfluous at `{artifact.path}`, {number - most} in all"
        yield Finding(f"{bound} {_files(most)}", found, artifact.path, action)


def _number(artifact: Artifact) -> int:
    numbers = [_files_in(artifact, entry) for entry in artifact.entries]
    counts_folders = artifact.path.endswith("/") and any(mark in artifact.path for mark in "*?[")
    return sum(map(bool, numbers)) if counts_folders else sum(numbers)


def _files_in(artifact: Artifact, entry: Entry) -> int:
    entries = artifact.tree.below(entry.path) if entry.kind == "folder" else (entry,)
    return sum(each.kind == "file" and each.size > 0 for each in entries)


def _files(number: int) -> str:
    return f"{number} file" + "s" * (number != 1)
