"""All that the author of a validator imports.

A validator is one function with a docstring, which is its help text::

    from collections.abc import Iterator

    from checkpoint.validator import Artifact, Finding, validator

    @validator("shouts", examples=("`motto.txt` shouts at-least 2",))
    def shouts(artifact: Artifact, *, at_least: int = 1) -> Iterator[Finding]:
        \"\"\"The text holds exclamation marks.\"\"\"
        found = artifact.text().count("!")
        if found < at_least:
            yield Finding(f"at least {at_least} exclamation marks", f"{found}", artifact.path, "shout more")

Its signature is the grammar of its arguments in the plan: positional parameters in their order,
keyword-only ones as the parameter's name (dashes for underscores) and a value, keyword-only
booleans as the bare name. The annotations `str`, `int`, `bool`, `Size` and `Duration` convert the
word from the plan. No finding means that the expectation holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, NewType, Protocol, TypeAlias

import msgspec

from checkpoint.lazy import load

Size = NewType("Size", int)
"""A number of bytes, written `10`, `10kB` or `10MiB`."""
Duration = NewType("Duration", float)
"""Seconds, written `30s`, `10m`, `2h` or `7d`."""

TEXT_LIMIT = 64 * 1024 * 1024
"""The most bytes that `Artifact.read` returns unless told otherwise."""

NOTHING = "nothing there"
"""What a finding says was found where an artifact does not exist."""

Kind: TypeAlias = Literal["file", "folder", "link", "submodule", "other"]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """Why an expectation does not hold. `action` is an order to the team: it becomes its next action.

    `where` is a path, with `:line` after it where a line is known.
    """

    expected: str
    found: str
    where: str = ""
    action: str = ""


def missing(path: str) -> Finding:
    """The finding for an artifact that does not exist; where there is no other finding, the verdict is `missing`."""
    what = f"a file for `{path}`" if any(c in path for c in "*?[") else f"`{path}`"
    return Finding(f"`{path}`", NOTHING, path, f"deliver {what}")


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One thing in a tree: its path relative to the tree, its size in bytes, its mtime in nanoseconds.

    In the tree of a commit `modified` is 0 and `blob` is git's id of the content; in a folder `blob` is empty.
    `executable` says what git keeps of a file's mode: whether its owner may run it.
    """

    path: str
    kind: Kind
    size: int = 0
    modified: int = 0
    blob: str = ""
    executable: bool = False


class Unreadable(Exception):
    """The artifact cannot be read as what it should be; `finding` says why. The verdict is `failed`."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.found)
        self.finding = finding


class Tree(Protocol):
    """Read-only files below one place: a folder on disk, or the tree of a commit.

    Nothing outside is reachable: no link is followed, `..` and absolute paths are refused with `Unreadable`.
    """

    def entry(self, path: str) -> Entry | None:
        """What stands at that very path; None where there is nothing."""

    def find(self, pattern: str) -> tuple[Entry, ...]:
        """Entries that a path or glob (`*`, `?`, `[…]`, `**`) names, sorted by path; hidden ones only if named."""

    def below(self, path: str) -> tuple[Entry, ...]:
        """Every file, link and other non-folder below a folder ("" for all), sorted by path."""

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        """The content of a regular file. Raises `Unreadable` if it is not one, or is longer than `limit`."""


def document(tree: Tree, path: str, kind: str = "") -> Any:
    """A file as plain values (`json`, `yaml`, `toml`) or as an `xml.etree.ElementTree.Element` (`xml`).

    The kind is that of the path's suffix unless given. What is read is strict and bounded: see `checkpoint.strict`.
    Several documents in one YAML file make a tuple of them. Raises `Unreadable` with the place of what is wrong,
    and ValueError where no kind is given and the suffix has none.
    """
    strict = load("checkpoint.strict")
    kind = kind or strict.SUFFIXES.get(path[path.rfind(".") :].lower(), "")
    if kind not in strict.LIMITS:
        raise ValueError(f"`{path}` is none of {', '.join(strict.LIMITS)} by its suffix")
    try:
        return strict.read(tree.read(path, strict.LIMITS[kind]), kind)
    except strict.Malformed as error:
        where = ":".join(str(part) for part in (path, error.line, error.column) if part)
        finding = Finding(
            f"well-formed {kind.upper()}", short(error.found), where, f"mend the {kind.upper()} of `{path}`"
        )
        raise Unreadable(finding) from error


def short(text: object, limit: int = 100) -> str:
    """Text of an artifact as a finding may name it: on one line, without control characters, cut at `limit`."""
    line = " ".join("".join(char if char.isprintable() else " " for char in str(text)[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


class Repository(Protocol):
    """What a validator may ask git. Paths are relative to the team's folder; a ref is what git takes as one."""

    def committed(self, path: str, ref: str = "HEAD") -> dict[str, str]:
        """Files at or below `path` in that ref's tree, each with its blob id; empty where there are none."""

    def blob_id(self, content: bytes) -> str:
        """The id that git would give this content as it is."""

    def superseded(self, path: str, blob: str) -> str:
        """The first commit at which the file had this content, where it has had another since; else ""."""

    def is_pushed(self, ref: str = "HEAD") -> bool:
        """Whether a remote-tracking branch holds the commit of that ref."""


class Outcome(msgspec.Struct, frozen=True):
    """How a command ended. `status` is negative for a signal; `output` is both streams, head and tail when cut.

    `sandbox` says to people what it was shown of the machine, or why it ran without a sandbox.
    """

    status: int
    output: str
    timed_out: bool = False
    seconds: float = 0.0
    sandbox: str = ""


class Services(Protocol):
    """What the engine does for a validator beyond reading files."""

    @property
    def repository(self) -> Repository:
        """What git knows of the team's files."""

    @property
    def now(self) -> float:
        """Seconds since the epoch at the start of this run: the only clock."""

    def run(
        self,
        command: str,
        seconds: float | None,
        *,
        network: bool = False,
        outside: bool = False,
        reads: tuple[str, ...] = (),
    ) -> Outcome:
        """Runs a command line with the shell in the team's folder, ended with all its children at the limit.

        None is the limit that the user configured. In the sandbox, where there is one, `network` gives it the network;
        `outside` runs it without. `reads` are paths and globs of the team's folder: where they are given, and hold what
        they did when it ran before, it may be that it is not run again.
        """


class Artifact:
    """What one expectation is about.

    For a validator on files, one regular, readable file; for one on the whole artifact, whatever `path` names.
    """

    def __init__(self, path: str, entries: tuple[Entry, ...], tree: Tree, references: Tree, services: Services) -> None:
        self.path = path
        self.entries = entries
        self.tree = tree
        """The team's own files."""
        self.references = references
        """The repository's files, for schemas and references that a team is held against."""
        self.services = services
        self.evidence: dict[str, str] = {}

    @property
    def entry(self) -> Entry:
        """The first of `entries`: for a validator on files, the file itself."""
        return self.entries[0]

    def read(self, limit: int = TEXT_LIMIT) -> bytes:
        """The file's bytes. Raises `Unreadable` for more than `limit`."""
        return self.tree.read(self.entry.path, limit)

    def text(self, limit: int = TEXT_LIMIT) -> str:
        """The file as UTF-8, a byte order mark removed. Raises `Unreadable` where it is not UTF-8."""
        try:
            return self.read(limit).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            finding = Finding("text in UTF-8", f"byte {error.start} is not", self.path, "save the file as UTF-8")
            raise Unreadable(finding) from error

    def document(self, kind: str = "") -> Any:
        """The file through `document`: plain values or an XML element, strictly read. Raises as that does."""
        return document(self.tree, self.entry.path, kind)

    def keep(self, name: str, text: str) -> None:
        """Keeps raw output (a diff, a log) in the private store, behind this verdict."""
        self.evidence[name] = text


Check: TypeAlias = Callable[..., Iterable[Finding] | None]


class Validator(msgspec.Struct, frozen=True):
    """A registered validator. `on` is what its function gets; `empty` says that an empty file may pass."""

    name: str
    check: Check
    on: Literal["file", "artifact"]
    empty: bool
    examples: tuple[str, ...]
    lint: Callable[..., None] | None = None
    apart: bool = False

    @property
    def help(self) -> str:
        return (self.check.__doc__ or "").strip()


def validator(
    name: str,
    *,
    on: Literal["file", "artifact"] = "file",
    empty: bool = False,
    examples: tuple[str, ...] = (),
    lint: Callable[..., None] | None = None,
    apart: bool = False,
) -> Callable[[Check], Validator]:
    """Registers a function under the name that plans use.

    `on="file"`: called once for each file that the path or glob names; nothing named gives `missing`, a folder,
    link or device gives `failed` before the function is called, an empty file too unless `empty`.
    `on="artifact"`: called once, with all entries, of whatever kind, also with none.
    `examples` are expectation lines for the help; each is parsed and bound by a test.
    `lint` is called with the converted arguments when a plan is linted; a ValueError says what is wrong with them.
    `apart` runs it in a process of its own: for a library whose code a time limit could not interrupt.
    """

    def register(check: Check) -> Validator:
        return Validator(name, check, on, empty, examples, lint, apart)

    return register
