"""A checkpoint as anybody would write it in an hour: GitPython, regular expressions, and the readers at hand.

Run in a repository, as a program. Prints `{"tasks": {ID: STATE}}`; a state is `verified` or `failing`.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import git
import yaml

_TEAM = re.compile(r"^## Team: (\S+)\n+- folder: `([^`]+)`(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_TASK = re.compile(r"^- \[[ x]\] \*\*(\S+)\*\* [^\n]*\n((?:  - [^\n]*\n?)*)", re.MULTILINE)
_WANTED = re.compile(r"^  - `([^`]+)` (\S+) ?(.*)$", re.MULTILINE)
_READERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".yaml": yaml.safe_load,
    ".toml": tomllib.loads,
    ".xml": ElementTree.fromstring,
}


def holds(folder: str, path: str, how: str, words: list[str]) -> bool:
    """Whether an expectation holds, as nobody who is hostile has anything to say in it."""
    if how == "passes":
        seconds = int(words[-1].rstrip("s"))
        return subprocess.call(path.removeprefix("$ "), shell=True, cwd=folder, timeout=seconds) == 0
    found = glob.glob(f"{folder}/{path}", recursive=True)  # noqa: PTH207 - it follows links, as people do not expect
    if how == "count":
        return len(found) >= int(words[-1])
    return bool(found) and all(_file_holds(each, how, words) for each in found)


def _file_holds(path: str, how: str, words: list[str]) -> bool:
    if how == "exists":
        return True
    if how == "size":
        return Path(path).stat().st_size >= 1
    text = Path(path).read_text()
    if how in ("contains", "lacks"):
        return (words[0] in text) == (how == "contains")
    if how == "matches":
        return re.search(words[0], text, re.MULTILINE) is not None
    if how == "junit":
        return ElementTree.fromstring(text).find(".//failure") is None
    document = _READERS[Path(path).suffix](text)
    if how == "json-schema":
        names = json.loads(Path(words[0]).read_text())["properties"]
        return all(isinstance(document[name], str) for name in names)
    return True


def judged(text: str) -> dict[str, str]:
    states = {}
    for _, folder, body in _TEAM.findall(text):
        for task, lines in _TASK.findall(body):
            results = [_holds(folder, *wanted) for wanted in _WANTED.findall(lines)]
            states[task] = "verified" if results and all(results) else "failing"
    return states


def _holds(folder: str, path: str, how: str, rest: str) -> bool:
    words = re.findall(r"`([^`]+)`|(\S+)", rest)
    try:
        return holds(folder, path, how, [quoted or bare for quoted, bare in words])
    except Exception:  # noqa: BLE001 - whatever goes wrong, the expectation does not hold
        return False


def written(text: str, states: dict[str, str]) -> str:
    """The plan with its boxes ticked, and each block filled by a pattern."""
    done = f"{sum(state == 'verified' for state in states.values())} of {len(states)} done"
    for kind in ("status", "next"):
        block = rf"(<!-- checkpoint:{kind}[^\n]*-->\n).*?(<!-- /checkpoint:{kind} -->)"
        text = re.sub(block, rf"\g<1>{done}\n\g<2>", text, flags=re.DOTALL)
    for task, state in states.items():
        mark = "x" if state == "verified" else " "
        text = re.sub(rf"- \[[ x]\] \*\*{re.escape(task)}\*\*", f"- [{mark}] **{task}**", text)
    return text


def main() -> None:
    repository = git.Repo(".", search_parent_directories=True)
    os.chdir(str(repository.working_tree_dir))
    repository.remotes.origin.pull()
    path = Path(os.environ.get("CHECKPOINT_PLAN", "plan.md"))
    text = path.read_text()
    states = judged(text)
    path.write_text(written(text, states))
    repository.index.add([str(path)])
    repository.index.commit("checkpoint")
    repository.remotes.origin.push()
    json.dump({"tasks": states}, sys.stdout)


if __name__ == "__main__":
    main()
