"""YAML by its core schema of version 1.2: `no` is a word, and `12:30` is not 750."""

from __future__ import annotations

import re
from typing import Any

import yaml

from checkpoint.strict.malformed import Malformed

DEPTH = 100
NODES = 250_000
"""The most values in a file, those behind aliases counted each time."""

_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast, and not everywhere
_MERGE = "tag:yaml.org,2002:merge"


def read(data: bytes) -> Any:
    text = data.decode("utf-8-sig")
    try:
        _survey(text)
        documents = tuple(yaml.load_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise Malformed(error.problem or "no YAML", line, column) from error
    except yaml.YAMLError as error:
        raise Malformed("a character that YAML forbids") from error
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:  # PyYAML's, on what is not as its tag says
        raise Malformed("a value that is not what its tag says, or has thousands of digits") from error
    return documents if len(documents) > 1 else documents[0] if documents else None


def _survey(text: str) -> None:
    """Refuses depth and growth by the events alone, before anything is built from them."""
    open_sizes = [0]
    open_anchors: list[str | None] = []
    sizes: dict[str | None, int] = {}
    for event in yaml.parse(text, Loader=_Safe):
        if isinstance(event, yaml.CollectionStartEvent):
            sizes.pop(event.anchor, None)
            open_anchors.append(event.anchor)
            open_sizes.append(1)
        elif isinstance(event, yaml.CollectionEndEvent):
            size = open_sizes.pop()
            sizes[open_anchors.pop()] = size
            open_sizes[-1] += size
        elif isinstance(event, yaml.ScalarEvent):
            sizes[event.anchor] = 1
            open_sizes[-1] += 1
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in open_anchors:
                raise _at(event, "an alias within what it stands for")
            open_sizes[-1] += sizes.get(event.anchor, 1)
        if len(open_anchors) > DEPTH:
            raise _at(event, f"nesting deeper than {DEPTH}")
        if open_sizes[-1] > NODES:
            raise _at(event, f"more than {NODES:,} values, those behind aliases counted each time")


def _at(place: yaml.Event | yaml.Node, found: str) -> Malformed:
    mark: Any = place.start_mark
    return Malformed(found, mark.line + 1, mark.column + 1)


class _Loader(_Safe):  # type: ignore[misc]
    """SafeLoader, with keys that stand once in their mapping, and with the core schema's plain scalars."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - PyYAML copies it when a resolver is added

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _MERGE:
                continue
            key = self.construct_object(key_node)
            if key in seen:
                raise _at(key_node, f"the key `{key_node.value}` twice in one mapping")
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_core_int(self, node: yaml.ScalarNode) -> int:
        text = self.construct_scalar(node)
        return int(text, 0) if text[:2] in ("0x", "0o") else int(text)

    def construct_text(self, node: yaml.ScalarNode) -> str:
        return str(self.construct_scalar(node))

    def construct_local(self, _tag: str, node: yaml.Node) -> Any:
        """What has an application's own tag, such as `!Ref`, without the tag."""
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        return self.construct_scalar(node)


_CORE = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    "merge": (r"<<", ["<"]),
}
for _name, (_pattern, _first) in _CORE.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})\\Z"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_core_int)
for _name in ("binary", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _Loader.construct_text)
_Loader.add_multi_constructor("!", _Loader.construct_local)
