"""Whether there is nothing."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Finding, validator

_SHOWN = 5


@validator("absent", on="artifact", examples=("`**/*.tmp` absent", "`old/` absent"))
def absent(artifact: Artifact) -> Iterator[Finding]:
    """There is nothing of that name: no file, folder or link."""
    paths = [entry.path for entry in artifact.entries]
    if paths:
        shown = ", ".join(f"`{path}`" for path in paths[:_SHOWN])
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        found = f"{len(paths)} of them" if len(paths) > 1 else f"a {artifact.entry.kind}"
        yield Finding(f"no `{artifact.path}`", found, paths[0], f"remove {shown}{more}")
