"""How large a file is."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Finding, Size, validator

_ANY = Size(-1)


def _lint(*, at_least: Size = _ANY, at_most: Size = _ANY) -> None:
    if max(at_least, at_most) < 0:
        raise ValueError("say how large: `at-least 10kB` or `at-most 2MiB`")
    if at_least == 0:
        raise ValueError("`at-least 0` always holds: ask for 1 or more")
    if 0 <= at_most < at_least:
        raise ValueError(f"no size is at least {at_least} and at most {at_most} bytes")


@validator("size", examples=("`app.bin` size at-least 10kB at-most 2MiB", "`logo.svg` size at-most 20kB"), lint=_lint)
def size(artifact: Artifact, *, at_least: Size = _ANY, at_most: Size = _ANY) -> Iterator[Finding]:
    """The file has so many bytes: `10`, `10kB` (thousands) or `10KiB` (1024 each), `MB`, `MiB`, `GB`, `GiB`."""
    _lint(at_least=at_least, at_most=at_most)
    path, found = artifact.path, artifact.entry.size
    if found < at_least:
        yield Finding(f"at least {at_least:,} bytes", f"{found:,} bytes", path, f"complete `{path}`")
    elif 0 <= at_most < found:
        yield Finding(f"at most {at_most:,} bytes", f"{found:,} bytes", path, f"make `{path}` smaller")
