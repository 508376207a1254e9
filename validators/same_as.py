"""Whether a file or folder is the same as a reference."""

import difflib
from collections.abc import Iterator
from itertools import zip_longest

from checkpoint.validator import Artifact, Entry, Finding, Tree, missing, validator

_LIMIT = 256 * 1024 * 1024
_DIFF_BYTES = 256 * 1024
_DIFF_LINES = 4000


@validator(
    "same-as",
    on="artifact",
    examples=("`report.json` same-as `expected/report.json`", "`site/` same-as `expected/site`"),
)
def same_as(artifact: Artifact, reference: str) -> Iterator[Finding]:
    """The file has the same content as a file of the repository, or the folder the same files as a folder of it.

    REFERENCE is a path from the top of the repository. How they differ is kept as evidence.
    """
    wanted = artifact.references.entry(reference)
    if wanted is None or wanted.kind not in ("file", "folder"):
        raise ValueError(f"the reference `{reference}` is no file or folder of the repository")
    if not artifact.entries:
        yield missing(artifact.path)
    for entry in artifact.entries:
        if entry.kind != wanted.kind:
            yield Finding(
                f"a {wanted.kind}", f"a {entry.kind}", entry.path, f"deliver `{entry.path}` as a {wanted.kind}"
            )
        elif entry.kind == "file":
            yield from _file(artifact, entry, wanted)
        else:
            yield from _folder(artifact, entry, wanted)


def _file(artifact: Artifact, entry: Entry, wanted: Entry) -> Iterator[Finding]:
    if _same(artifact.tree, entry, artifact.references, wanted):
        return
    where = entry.path
    if max(entry.size, wanted.size) <= _DIFF_BYTES:
        old, new = artifact.references.read(wanted.path), artifact.tree.read(entry.path)
        artifact.keep(f"{entry.path}.diff", _diff(old, new, wanted.path, entry.path))
        where = f"{entry.path}:{_first_difference(old, new)}"
    action = f"make {where} the same as `{wanted.path}` of the repository"
    yield Finding(f"the same content as `{wanted.path}`", "other content", where, action)


def _same(tree: Tree, entry: Entry, references: Tree, wanted: Entry) -> bool:
    if entry.size != wanted.size or "link" in (entry.kind, wanted.kind):
        return False
    return tree.read(entry.path, _LIMIT) == references.read(wanted.path, _LIMIT)


def _first_difference(old: bytes, new: bytes) -> int:
    pairs = zip_longest(old.split(b"\n"), new.split(b"\n"))
    return next(number for number, (before, after) in enumerate(pairs, 1) if before != after)


def _diff(old: bytes, new: bytes, old_path: str, new_path: str) -> str:
    """A unified diff; of long or binary files only where they begin to differ, since comparing takes quadratic time."""
    before, after = (text.decode("utf-8", "replace").split("\n") for text in (old, new))
    if b"\0" in old + new or max(len(before), len(after)) > _DIFF_LINES:
        return f"{old_path} and {new_path} differ from line {_first_difference(old, new)} on\n"
    return "\n".join(difflib.unified_diff(before, after, old_path, new_path, lineterm="")) + "\n"


def _folder(artifact: Artifact, folder: Entry, wanted: Entry) -> Iterator[Finding]:
    have = _named(artifact.tree, folder.path)
    want = _named(artifact.references, wanted.path)
    if not want:
        raise ValueError(f"the reference `{wanted.path}` holds no file")
    lacking = [name for name in want if name not in have]
    other = [n for n in want if n in have and not _same(artifact.tree, have[n], artifact.references, want[n])]
    superfluous = [name for name in have if name not in want]
    if not lacking and not other and not superfluous:
        return
    rows = (("-", lacking), ("~", other), ("+", superfluous))
    artifact.keep("differences", "".join(f"{sign} {name}\n" for sign, names in rows for name in names))
    yield Finding(
        f"the same files as `{wanted.path}`",
        f"{len(lacking)} missing, {len(other)} other, {len(superfluous)} superfluous",
        f"{folder.path}/{[*lacking, *other, *superfluous][0]}",
        _order(folder.path, wanted.path, lacking, other, superfluous),
    )


def _named(tree: Tree, folder: str) -> dict[str, Entry]:
    """The files below a folder by their path in it."""
    return {entry.path[len(folder) + 1 if folder else 0 :]: entry for entry in tree.below(folder)}


def _order(folder: str, reference: str, lacking: list[str], other: list[str], superfluous: list[str]) -> str:
    name = [*lacking, *other, *superfluous][0]
    verb = "add" if lacking else "mend" if other else "remove"
    return f"make `{folder}` the same as `{reference}` of the repository: {verb} `{folder}/{name}` first"
