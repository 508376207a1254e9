from pathlib import Path

import pytest

from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write

GOOD = {
    "a.json": '{"a": [1, 2.5, null, "é"]}',
    "a.yaml": "a: &x [1, 2]\nb: *x\n---\nc: !Ref d\n",
    "a.YML": "a: no\n",
    "a.toml": "[a]\nb.c = 2026-01-02\n",
    "a.xml": "<?xml version='1.0' encoding='iso-8859-1'?>\n<a xmlns='urn:b'>\n<c d='e'/></a>\n",
    "a.csv": 'id,name\r\n1,"a, ""b""\nc"\r\n\r\n2,d\r\n',
    "b.csv": "id;price\n1;2,50\n",
    "a.tsv": "id,x,y\tname\n1\ta,b\n",
    "a.py": "# coding: latin-1\nmatch = lambda *, a: (yield a)\nassert (1, 'never run')\nraise SystemExit\n",
}
BAD = [  # the file, its text, what is expected, what is found, where
    ("a.json", '{"a": 1,\n "a": 2}', "well-formed JSON", "the name `a` twice in one object", "a.json:2:2"),
    ("a.json", "[NaN]", "well-formed JSON", "NaN, which is no JSON", "a.json"),
    ("a.json", "{}\nx", "well-formed JSON", "Extra data", "a.json:2:1"),
    ("a.json", "[" * 200_000, "well-formed JSON", "nesting that is too deep", "a.json"),
    ("a.yaml", "a: 1\na: 2", "well-formed YAML", "the key `a` twice in one mapping", "a.yaml:2:1"),
    ("a.yaml", "a: [b\nc: d", "well-formed YAML", "did not find expected ',' or ']'", "a.yaml:2:2"),
    ("a.toml", "a = 1\na = 2\n", "well-formed TOML", "Cannot overwrite a value", "a.toml:2:6"),
    ("a.xml", "<a>\n</b>", "well-formed XML", "mismatched tag", "a.xml:2:3"),
    ("a.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]>\n<a>&b;</a>", "well-formed XML", "a document type", "a.xml:1"),
    ("a.csv", "a,b\n1,2\n3\n", "2 fields, as in the first row", "1", "a.csv:3"),
    ("a.csv", 'a,b\n1,"2"x\n', "well-formed CSV", "',' expected after '\"'", "a.csv:2"),
    ("a.csv", "\n\n\n", "a row of CSV", "blank lines", "a.csv"),
    ("a.tsv", "a\tb\n1,2\n", "2 fields, as in the first row", "1", "a.tsv:2"),
    ("a.py", "def a(:\n    pass\n", "well-formed Python", "invalid syntax", "a.py:1:7"),
    ("a.py", "-" * 200_000 + "1", "well-formed Python", "nesting that is too deep", "a.py"),
    ("a.py", "a = '\0'", "well-formed Python", "source code string cannot contain null bytes", "a.py"),
]


@pytest.mark.parametrize("name", GOOD)
def test_what_is_well_formed_parses(tmp_path: Path, name: str) -> None:
    write(tmp_path, GOOD)
    assert say("parses", tmp_path, name) == []


@pytest.mark.parametrize(("name", "text", "expected", "found", "where"), BAD)
def test_what_is_not_is_named_with_its_place(
    tmp_path: Path, name: str, text: str, expected: str, found: str, where: str
) -> None:
    write(tmp_path, {name: text})
    finding = the(say("parses", tmp_path, name))
    assert (finding.expected, finding.found, finding.where) == (expected, found, where)
    assert finding.action.startswith(("mend ", "write "))


def test_the_kind_may_be_given(tmp_path: Path) -> None:
    write(tmp_path, {"users.data": "a,b\n1,2\n", "users.json": "a: b"})
    assert say("parses", tmp_path, "users.data", "csv") == []
    assert say("parses", tmp_path, "users.json", "yaml") == []
    assert the(say("parses", tmp_path, "users.data", "json")).expected == "well-formed JSON"


def test_python_says_how_its_bytes_are_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes('# coding: latin-1\na = "é"\n'.encode("latin-1"))
    (tmp_path / "b.py").write_bytes('a = "é"\n'.encode("latin-1"))
    assert say("parses", tmp_path, "a.py") == []
    assert the(say("parses", tmp_path, "b.py")).expected == "well-formed Python"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("yml",), "`yml` is none of csv, json"),
        (("json", "yaml"), "too many"),
        ((), "none of json, yaml, toml, xml by its"),
    ],
)
def test_a_bad_argument(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    write(tmp_path, {"a.data": "1"})
    with pytest.raises(ValueError, match=said):
        say("parses", tmp_path, "a.data", *words)


def test_a_bad_row_in_each_line_is_told_twenty_times(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "a,b\n" + "1\n" * 100_000})
    assert len(say("parses", tmp_path, "a.csv")) == 20


def test_text_of_the_file_is_not_quoted_at_length(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a.yaml": f"{'b' * 900}: 1\n{'b' * 900}: 2\n", "a.json": '{"\\u001b[31m\\n": 1, "\\u001b[31m\\n": 2}'},
    )
    assert len(the(say("parses", tmp_path, "a.yaml")).found) == 100
    assert the(say("parses", tmp_path, "a.json")).found == "the name ` [31m ` twice in one object"


@pytest.mark.parametrize(("name", "size"), [("a.json", 17), ("a.yaml", 9), ("a.toml", 2), ("a.py", 2), ("a.csv", 33)])
def test_a_file_that_is_too_large_is_refused(tmp_path: Path, name: str, size: int) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(size * 2**20)
    assert the(say("parses", tmp_path, name)).expected.startswith("at most")


def test_python_with_a_hundred_thousand_functions(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def a(): 0\n" * 80_000})  # to compile these takes hours
    assert say("parses", tmp_path, "a.py") == []
