"""Programs that stand in for others on PATH, and remember what they were given."""

from pathlib import Path

_RECORD = """#!/bin/sh
{ printf '%s\\0' "$#" "$@"; } >> FOLDER/NAME.calls
/usr/bin/env > FOLDER/NAME.environ
SCRIPT
"""


class Program:
    """A program of that name in the folder. Having recorded its call, it does what the shell script says."""

    def __init__(self, folder: Path, name: str, script: str = "exit 0") -> None:
        self._folder = folder
        self._name = name
        source = _RECORD.replace("FOLDER", str(folder)).replace("NAME", name).replace("SCRIPT", script)
        (folder / name).write_text(source)
        (folder / name).chmod(0o700)

    def calls(self) -> list[list[str]]:
        """The arguments of each call, in order."""
        path = self._folder / f"{self._name}.calls"
        words = path.read_text().split("\0")[:-1] if path.exists() else []
        calls = []
        while words:
            count, words = int(words[0]), words[1:]
            calls.append(words[:count])
            words = words[count:]
        return calls

    def environ(self) -> dict[str, str]:
        """The environment of the last call."""
        lines = (self._folder / f"{self._name}.environ").read_text().splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}
