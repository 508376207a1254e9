"""Whether work is in git as it stands."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Entry, Finding, missing, validator

_LIMIT = 256 * 1024 * 1024


def _lint(*, at: str = "HEAD", **_: bool) -> None:
    if not at or at.startswith("-"):
        raise ValueError(f"`{at}` is no ref")


@validator(
    "committed",
    on="artifact",
    examples=("`src/` committed pushed", "`CHANGELOG.md` committed at `release`"),
    lint=_lint,
)
def committed(artifact: Artifact, *, at: str = "HEAD", pushed: bool = False) -> Iterator[Finding]:
    """The files are in git, at HEAD or at the ref after `at`, exactly as they stand.

    `pushed`: the commit is on a remote as well, as far as this repository knows.
    """
    _lint(at=at)
    if not artifact.entries:
        yield missing(artifact.path)
        return
    found = [finding for entry in artifact.entries for finding in _look(artifact, entry, at)]
    yield from found
    if pushed and not found and not artifact.services.repository.is_pushed(at):
        yield Finding(
            f"`{at}` pushed", "no remote has it", artifact.path, f"push the commit that holds `{artifact.path}`"
        )


def _look(artifact: Artifact, entry: Entry, ref: str) -> Iterator[Finding]:
    in_git = artifact.services.repository.committed(entry.path, ref)
    files = artifact.tree.below(entry.path) if entry.kind == "folder" else (entry,)
    new = [file.path for file in files if file.path not in in_git]
    changed = [file.path for file in files if file.path in in_git and _is_changed(artifact, file, in_git[file.path])]
    gone = sorted(set(in_git) - {file.path for file in files})
    for paths, found in (
        (new, "not committed"),
        (changed, "changed since the commit"),
        (gone, "deleted since the commit"),
    ):
        if paths:
            more = f", and {len(paths) - 1} more" if len(paths) > 1 else ""
            yield Finding(f"`{paths[0]}` as it is in `{ref}`", found + more, paths[0], f"commit `{paths[0]}`{more}")


def _is_changed(artifact: Artifact, file: Entry, blob: str) -> bool:
    if file.kind != "file":
        return False
    return blob != (file.blob or artifact.services.repository.blob_id(artifact.tree.read(file.path, _LIMIT)))
