"""Whether a file is free of a text."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Finding, validator


def _lint(text: str) -> None:
    if not text:
        raise ValueError("the text to look for is empty")


@validator("lacks", examples=("`search.py` lacks `NotImplementedError`", "`**/*.md` lacks `TODO`"), lint=_lint)
def lacks(artifact: Artifact, text: str) -> Iterator[Finding]:
    """The file has not got this text in it, letter by letter. An empty or missing file fails all the same."""
    _lint(text)
    content = artifact.text()
    place = content.find(text)
    if place >= 0:
        line = content.count("\n", 0, place) + 1
        where = f"{artifact.path}:{line}"
        number = content.count(text)
        found = "it is there" if number == 1 else f"it is there {number} times"
        yield Finding(f"no `{text}`", found, where, f"finish the work at `{where}`, so that `{text}` can go")
