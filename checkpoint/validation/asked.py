"""What a validator asks for besides its artifact's content: noted when it asks, so that none can forget to say so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from checkpoint.validator import TEXT_LIMIT, Entry, Outcome, Repository, Services, Tree
from checkpoint.verdicts import Seen, Use

Read: TypeAlias = Callable[[str, int], bytes]


class Asked:
    """The team's files, the repository's and the services as validators get them; `uses` says which were asked for.

    Made once for a team's files, and told of each artifact by `about`; what is `noted` is emptied from outside. A path
    of the team's that is not the artifact's counts as `tree`. `read` reads the team's files.
    """

    def __init__(self, tree: Tree, read: Read, references: Tree, services: Services) -> None:
        self.noted: set[Use] = set()
        self._pattern = ""
        self._entries: tuple[Entry, ...] = ()
        self._seen: Iterable[Seen] = ()
        self._paths: set[str] | None = None
        self.tree: Tree = _Own(tree, read, self)
        self.references: Tree = _References(references, self)
        self.services: Services = _Services(services, self)

    def about(self, pattern: str, entries: tuple[Entry, ...], seen: Iterable[Seen]) -> None:
        """The next artifact: what it names, and all that its verdict is bound to anyway."""
        self._pattern = pattern
        self._entries = entries
        self._seen = seen
        self._paths = None

    @property
    def uses(self) -> tuple[Use, ...]:
        return tuple(sorted(self.noted)) if self.noted else ()

    def note(self, *uses: Use) -> None:
        self.noted.update(uses)

    def is_own(self, path: str) -> bool:
        """Whether the verdict is bound to what stands at this path anyway."""
        if self._paths is None:
            own = {each.path for each in self._seen if not each.path.endswith("/")}
            self._paths = own.union(entry.path for entry in self._entries)
        return path in self._paths

    def is_pattern(self, pattern: str) -> bool:
        return pattern == self._pattern

    def is_folder(self, path: str) -> bool:
        return any(entry.path == path and entry.kind == "folder" for entry in self._entries)


class _Own:
    """The team's own files (`Tree`)."""

    def __init__(self, tree: Tree, read: Read, asked: Asked) -> None:
        self._tree = tree
        self._read = read
        self._asked = asked

    def entry(self, path: str) -> Entry | None:
        if not self._asked.is_own(path):
            self._asked.note("tree")
        return self._tree.entry(path)

    def find(self, pattern: str) -> tuple[Entry, ...]:
        if not self._asked.is_pattern(pattern):
            self._asked.note("tree")
        return self._tree.find(pattern)

    def below(self, path: str) -> tuple[Entry, ...]:
        if not self._asked.is_folder(path):
            self._asked.note("tree")
        return self._tree.below(path)

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        if not self._asked.is_own(path):
            self._asked.note("tree")
        return self._read(path, limit)


class _References:
    """The repository's files (`Tree`)."""

    def __init__(self, tree: Tree, asked: Asked) -> None:
        self._tree = tree
        self._asked = asked

    def entry(self, path: str) -> Entry | None:
        self._asked.note("references")
        return self._tree.entry(path)

    def find(self, pattern: str) -> tuple[Entry, ...]:
        self._asked.note("references")
        return self._tree.find(pattern)

    def below(self, path: str) -> tuple[Entry, ...]:
        self._asked.note("references")
        return self._tree.below(path)

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        self._asked.note("references")
        return self._tree.read(path, limit)


class _Services:
    """What the engine does for a validator (`checkpoint.validator.Services`)."""

    def __init__(self, services: Services, asked: Asked) -> None:
        self._services = services
        self._asked = asked

    @property
    def repository(self) -> Repository:
        self._asked.note("repository")
        return self._services.repository

    @property
    def now(self) -> float:
        self._asked.note("clock")
        return self._services.now

    def run(
        self,
        command: str,
        seconds: float | None,
        *,
        network: bool = False,
        outside: bool = False,
        reads: tuple[str, ...] = (),
    ) -> Outcome:
        self._asked.note("command")
        return self._services.run(command, seconds, network=network, outside=outside, reads=reads)
