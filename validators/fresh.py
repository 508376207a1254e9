"""Whether something was made after its sources, or lately."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Duration, Entry, Finding, missing, validator

_ALWAYS = Duration(0.0)
_CLOCKS_DIFFER = 60.0
_LIMIT = 256 * 1024 * 1024
_SECOND = 1_000_000_000


def _lint(*, than: str = "", within: Duration = _ALWAYS) -> None:
    if not than and not within:
        raise ValueError("say what it must be newer than: ``than `src/**` ``, or how new: `within 2d`")


@validator("fresh", on="artifact", examples=("`site/` fresh than `src/**`", "`report.pdf` fresh within 2d"), lint=_lint)
def fresh(artifact: Artifact, *, than: str = "", within: Duration = _ALWAYS) -> Iterator[Finding]:
    """The files were changed after all of their sources, or no longer ago than an age.

    The sources are a path or glob in the team's folder, or else from the top of the repository. A folder is as new as
    the newest file in it. Only folders on disk tell: a commit keeps no times. A file that is in git does not pass as an
    earlier version of itself, however new, where its sources in the team's folder were others then.
    """
    _lint(than=than, within=within)
    if not artifact.entries:
        yield missing(artifact.path)
        return
    sources = _sources(artifact, than) if than else ()
    for entry in artifact.entries:
        yield from _look(artifact, entry, sources, within)


def _look(artifact: Artifact, entry: Entry, sources: tuple[Entry, ...], within: float) -> Iterator[Finding]:
    path, changed = entry.path, _changed(artifact, entry)
    age = artifact.services.now - changed / _SECOND
    newer = [source for source in sources if source.modified > changed]
    if age < -_CLOCKS_DIFFER:
        yield Finding("a time of change in the past", f"{_span(-age)} ahead", path, f"make `{path}` anew")
    elif newer:
        source = max(newer, key=lambda each: each.modified)
        found = f"{_span((source.modified - changed) / _SECOND)} older"
        yield Finding(f"newer than `{source.path}`", found, path, f"make `{path}` anew from its sources")
    elif commit := _as_it_was(artifact, entry, sources):
        found = f"as it was in {commit[:10]}, made from other sources"
        yield Finding("made from its sources as they are", found, path, f"make `{path}` anew from its sources")
    elif within and age > within:
        yield Finding(f"changed within {_span(within)}", f"changed {_span(age)} ago", path, f"make `{path}` anew")


def _as_it_was(artifact: Artifact, entry: Entry, sources: tuple[Entry, ...]) -> str:
    """The commit whose version of the file this is, where it had another since, and a source was another then.

    Whatever its time of change: a file that was brought back is as new as its return.
    """
    own = [source for source in sources if artifact.tree.entry(source.path) == source]
    if entry.kind != "file" or not own:
        return ""
    repository = artifact.services.repository
    commit = repository.superseded(entry.path, _blob(artifact, entry))
    then = {source.path: repository.committed(source.path, commit).get(source.path) for source in own} if commit else {}
    return commit if any(then.get(each.path) not in (None, _blob(artifact, each)) for each in own) else ""


def _blob(artifact: Artifact, file: Entry) -> str:
    return artifact.services.repository.blob_id(artifact.tree.read(file.path, _LIMIT))


def _changed(artifact: Artifact, entry: Entry) -> int:
    """The time of change in nanoseconds. Raises ValueError where none is known."""
    files = artifact.tree.below(entry.path) if entry.kind == "folder" else (entry,)
    changed = max((file.modified for file in files), default=entry.modified)
    if not changed:
        raise ValueError("a commit keeps no times of change: `fresh` needs a team with a folder, not a ref")
    return changed


def _sources(artifact: Artifact, pattern: str) -> tuple[Entry, ...]:
    own = {entry.path for entry in artifact.entries}
    for tree in (artifact.tree, artifact.references):
        files = [
            file
            for each in tree.find(pattern)
            for file in (tree.below(each.path) if each.kind == "folder" else (each,))
        ]
        if files:
            return tuple(file for file in files if tree is artifact.references or file.path not in own)
    raise ValueError(f"there are no sources at `{pattern}`")


def _span(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit}"
    return f"{seconds:.0f}s"
