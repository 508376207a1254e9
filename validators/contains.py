"""Whether a file has a text in it."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Finding, validator


def _lint(text: str, *, at_least: int = 1) -> None:
    if not text:
        raise ValueError("the text to look for is empty")
    if at_least < 1:
        raise ValueError("`at-least 0` always holds: ask for 1 or more")


@validator(
    "contains", examples=("`login.py` contains `def login(`", "`README.md` contains `https://` at-least 2"), lint=_lint
)
def contains(artifact: Artifact, text: str, *, at_least: int = 1) -> Iterator[Finding]:
    """The file has this text in it, letter by letter; `at-least` asks for it several times."""
    _lint(text, at_least=at_least)
    found = artifact.text().count(text)
    if found >= at_least:
        return
    if at_least == 1:
        yield Finding(f"`{text}`", "no such text", artifact.path, f"add a line with `{text}` to `{artifact.path}`")
    else:
        action = f"add `{text}` to `{artifact.path}`, {at_least - found} more"
        yield Finding(f"`{text}` at least {at_least} times", f"{found}", artifact.path, action)
