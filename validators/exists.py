"""Whether there is something, with something in it."""

import re
from collections.abc import Iterator

from checkpoint.validator import Artifact, Entry, Finding, missing, validator

_POINTER = b"version https://git-lfs.github.com/spec/"
_POINTER_LIMIT = 1024
_SUFFIX = re.compile(r"[^.]\.[0-9]*[A-Za-z][A-Za-z0-9]*$")
_OTHERWISE = {
    "link": "a link",
    "submodule": "a submodule that is not checked out",
    "other": "a pipe, socket or device",
}


@validator("exists", on="artifact", examples=("`openapi.yaml` exists", "`docs/` exists", "`src/**/*.py` exists"))
def exists(artifact: Artifact) -> Iterator[Finding]:
    """There is a file with content, or a folder that holds one.

    A name with a suffix, such as `report.pdf`, must be a file; one with `/` at its end must be a folder.
    """
    if not artifact.entries:
        yield missing(artifact.path)
    for entry in artifact.entries:
        if finding := _file(artifact, entry) if entry.kind == "file" else _other(artifact, entry):
            yield finding


def _other(artifact: Artifact, entry: Entry) -> Finding | None:
    path = entry.path
    if entry.kind in _OTHERWISE:
        return Finding("a file or folder", _OTHERWISE[entry.kind], path, f"deliver `{path}` itself")
    if _is_named_like_a_file(artifact.path):
        return Finding("a file", "a folder", path, f"deliver `{path}` as a file")
    if not any(inner.kind == "file" and inner.size for inner in artifact.tree.below(path)):
        return Finding("a folder with content", "no file with content in it", path, f"write the files of `{path}`")
    return None


def _file(artifact: Artifact, file: Entry) -> Finding | None:
    path = file.path
    if artifact.path.endswith("/"):
        return Finding("a folder", "a file", path, f"deliver `{path}` as a folder")
    if not file.size:
        return Finding("content", "an empty file", path, f"write `{path}`")
    if file.size < _POINTER_LIMIT and _is_pointer(artifact, file):
        return Finding("the file itself", "a Git LFS pointer", path, f"bring `{path}` with `git lfs pull`")
    return None


def _is_pointer(artifact: Artifact, entry: Entry) -> bool:
    """Whether it stands for a file that Git LFS has elsewhere. In a commit it is the file, as git has it."""
    return not entry.blob and artifact.tree.read(entry.path).startswith(_POINTER)


def _is_named_like_a_file(path: str) -> bool:
    """Whether the last name has a suffix; neither `v1.2` nor `conf.d` has one."""
    name = path.rpartition("/")[2]
    return _SUFFIX.search(name) is not None and not name.endswith(".d")
