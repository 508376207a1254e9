"""Collections that are read when somebody first looks into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

T = TypeVar("T")


class Folded(Sequence[T]):
    """A tuple that `unfold` makes once, when it is asked for."""

    __slots__ = ("_found", "_unfold")

    def __init__(self, unfold: Callable[[], tuple[T, ...]]) -> None:
        self._unfold = unfold
        self._found: tuple[T, ...] | None = None

    @property
    def all(self) -> tuple[T, ...]:
        if self._found is None:
            self._found = self._unfold()
        return self._found

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        return self.all[at]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[T]:
        return iter(self.all)

    def __eq__(self, other: object) -> bool:
        return self.all == (other.all if isinstance(other, Folded) else other)

    def __hash__(self) -> int:
        return hash(self.all)


class FoldedMap(Mapping[str, T]):
    """What `known` holds, and for the other `names` what `unfold` makes of them, once each; in the names' order."""

    def __init__(self, names: Sequence[str], known: Mapping[str, T], unfold: Callable[[str], T]) -> None:
        self._names = names
        self._found = dict(known)
        self._unfold = unfold
        self._all = frozenset(names)

    def __getitem__(self, name: str) -> T:
        if name not in self._found:
            if name not in self._all:
                raise KeyError(name)
            self._found[name] = self._unfold(name)
        return self._found[name]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self.items()) == dict(other.items())

    def __hash__(self) -> int:
        return hash(self._all)


def unfolded(value: Any) -> Any:
    """What an encoder that does not know these makes of them. Raises NotImplementedError for anything else."""
    if isinstance(value, Folded):
        return value.all
    if isinstance(value, FoldedMap):
        return dict(value.items())
    raise NotImplementedError(type(value))
