"""`defines`: a name that Python would really find there."""

from pathlib import Path

import pytest

from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write

SOURCE = '''\
# TODO class Later
"""class Quoted: ..."""
import os as imported

if imported:
    class Parser:
        limit: int = 3
        unset: int
        def parse(self): local = 1
        class Inner:
            async def run(self): ...
try:
    first, (second, *third) = 1, (2, 3)
except ValueError:
    fallback = 1
with open("x") as handle:
    inside = 1
if False:
    def switched_off(): ...
else:
    switched_on = 1
for each in ():
    looped = 1
'''


@pytest.mark.parametrize(
    "name",
    [
        "Parser",
        "Parser.parse",
        "Parser.limit",
        "Parser.Inner.run",
        "first",
        "third",
        "fallback",
        "inside",
        "switched_on",
        "looped",
    ],
)
def test_a_name_that_is_defined(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"parser.py": SOURCE})
    assert say("defines", tmp_path, "parser.py", name) == []


@pytest.mark.parametrize(
    "name",
    [
        "Later",
        "Quoted",
        "imported",
        "os",
        "parse",
        "Parser.parse.local",
        "Parser.unset",
        "switched_off",
        "Parser.Later",
    ],
)
def test_a_name_that_only_seems_to_be(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"parser.py": SOURCE})
    finding = the(say("defines", tmp_path, "parser.py", name))
    assert (finding.expected, finding.found, finding.where) == (f"a definition of `{name}`", "none", "parser.py")
    assert finding.action == f"define `{name}` in `parser.py`"


def test_each_of_several_names(tmp_path: Path) -> None:
    write(tmp_path, {"parser.py": "def a(): ...\n"})
    assert [each.expected[-3:] for each in say("defines", tmp_path, "parser.py", "a", "b", "c")] == ["`b`", "`c`"]


@pytest.mark.skipif("sys.version_info < (3, 12)", reason="the `type` statement came with Python 3.12")
def test_a_type_alias(tmp_path: Path) -> None:
    write(tmp_path, {"types.py": "type Pair = tuple[int, int]\n"})
    assert say("defines", tmp_path, "types.py", "Pair") == []


def test_source_that_does_not_parse(tmp_path: Path) -> None:
    write(tmp_path, {"parser.py": "class Parser:\n    def parse(self:\n"})
    finding = the(say("defines", tmp_path, "parser.py", "Parser"))
    assert (finding.expected, finding.where) == ("Python", "parser.py:2")
    assert finding.action == "mend the syntax at `parser.py:2`"


@pytest.mark.parametrize(
    "source", [b"a = 1\0", b"(" * 100_000, b"-" * 100_000 + b"1", b"\xff\xfe", b"a." * 50_000 + b"a"]
)
def test_hostile_source_is_a_finding(tmp_path: Path, source: bytes) -> None:
    write(tmp_path, {"parser.py": source})
    assert the(say("defines", tmp_path, "parser.py", "Parser")).expected in ("Python", "a definition of `Parser`")


def test_source_that_python_warns_of(tmp_path: Path) -> None:
    write(tmp_path, {"parser.py": 'a = "\\d"\nb = 1 is 1\n'})
    assert say("defines", tmp_path, "parser.py", "a") == []


@pytest.mark.parametrize("words", [[], [""], ["a b"], ["def a("], ["a."]])
def test_what_is_no_name_is_refused(tmp_path: Path, words: list[str]) -> None:
    write(tmp_path, {"parser.py": SOURCE})
    with pytest.raises(ValueError, match=r"say which name|is no Python name"):
        say("defines", tmp_path, "parser.py", *words)
